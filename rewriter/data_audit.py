"""The functions for programs that audit training data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, Literal

from rewriter.arguments import (
    choice_given,
    count_given,
    data_given,
    mapping_given,
    source_given,
)
from rewriter.carriers.kept_drafts import drafts_of
from rewriter.confinement.limited import within
from rewriter.engine.families import is_original
from rewriter.errors import BadInput
from rewriter.limits import GENEROUS, Limits
from rewriter.rewriting.request import empty_thoughts_given
from rewriter.tracing.fields import Fields
from rewriter.turns.parts import POLICIES, EmptyThoughts, Policy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rewriter.auditing.audit import Engine
    from rewriter.auditing.figures import Figures
    from rewriter.auditing.training import Training
    from rewriter.report.audited import Audited
    from rewriter.tokens.token_masks import ProcessingClass


class DataAudit:
    """Audit data: call this object, or let an engine of your own run `batch`."""

    def __call__(
        self,
        dataset: Any,
        template: str | ProcessingClass,
        *,
        tokenizer: ProcessingClass | None = None,
        max_length: int | None = None,
        rows: int | None = None,
        columns: Mapping[str, str] | None = None,
        roles: Mapping[str, str] | None = None,
        policy: Policy = "strict",
        fields: Mapping[str, str] | None = None,
        empty_thoughts: EmptyThoughts | None = None,
        verify: bool = True,
        limits: Limits | None = GENEROUS,
        engine: Engine = "datasets",
        num_proc: int | None = None,
        name: str = "data",
    ) -> Audited:
        """What training on a data set with a template would see.

        Args:
            dataset: a ``Dataset`` of ``datasets`` or Ray, or any iterable of rows.
            template: the template, or a tokenizer or processor that carries one.
            tokenizer: the tokenizer to count with, if ``template`` is a text; without it,
                characters are counted.
            max_length: the number of tokens to truncate rows to.
            rows: audit only this many rows, from the first on.
            columns: names of columns that need not be guessed, by their content: ``messages``, or
                ``prompt`` and ``completion``; ``tools``; ``flags``, further variables of the
                template; and the keys of a message, ``role`` and ``content``.
            roles: new names for roles, by the names in the data. ShareGPT's ``human`` and ``gpt``
                are known.
            policy: as for `rewriter.rewrite`.
            fields: as for `rewriter.rewrite`.
            empty_thoughts: as for `rewriter.rewrite`.
            verify: as for `rewriter.rewrite`.
            limits: the limits for the rewrite, and then for each row; a row that exceeds them is
                counted.
            engine: the engine to run it: ``datasets`` or ``ray``.
            num_proc: how many processes ``datasets`` uses.
            name: the data set's name.

        Raises:
            BadInput: no column holds messages, or an argument is not what it should be.
            Refused: there is no training variant of the template.

        """
        from rewriter.auditing.audit import audited
        from rewriter.report.audited import Audited

        data_given(dataset)
        mapping_given(columns, "columns")
        mapping_given(roles, "roles")
        choice_given(engine, ("datasets", "ray"), "engine")
        if rows is not None:
            count_given(rows, "rows")
        if num_proc is not None:
            count_given(num_proc, "num_proc")
        training = self.training(
            template,
            tokenizer=tokenizer,
            max_length=max_length,
            policy=policy,
            fields=fields,
            empty_thoughts=empty_thoughts,
            verify=verify,
            limits=limits,
        )
        found = audited(
            dataset if rows is None else first_rows(dataset, rows),
            training,
            name=name,
            given=columns,
            roles=roles,
            engine=engine,
            num_proc=num_proc,
            limits=limits,
        )
        return Audited(found)

    def training(
        self,
        template: str | ProcessingClass,
        *,
        tokenizer: ProcessingClass | None = None,
        max_length: int | None = None,
        policy: Policy = "strict",
        fields: Mapping[str, str] | None = None,
        empty_thoughts: EmptyThoughts | None = None,
        verify: bool | Literal["afresh"] = True,
        limits: Limits | None = GENEROUS,
        name: str = "chat template",
    ) -> Training:
        """The variant, made and proven once, with its tokenizer, for `batch`.

        The arguments and errors are those of a call.
        """
        from rewriter.auditing.training import Training, training_template
        from rewriter.rewriting.request import Request
        from rewriter.tokens.token_masks import fast_tokenizer_of, template_of
        from rewriter.tracing.probes import SPECIAL_TOKENS

        source = source_given(template) if isinstance(template, str) else template_of(template)
        carrier = tokenizer if isinstance(template, str) else tokenizer or template
        if max_length is not None:
            count_given(max_length, "max_length")
        fast = fast_tokenizer_of(carrier) if carrier is not None else None
        if max_length is not None and (fast is None or max_length < 1):
            raise BadInput("max_length must be at least one token, and needs a tokenizer")
        variables = dict(fast.special_tokens_map) if fast else dict(SPECIAL_TOKENS)
        request = Request(
            source,
            choice_given(policy, POLICIES, "policy"),
            verify=verify,
            draw=drafts_of,
            fields=Fields.of(fields),
            empty_thoughts=empty_thoughts_given(empty_thoughts),
        )
        eos = fast.eos_token if fast else None
        work = partial(training_template, request, variables, eos)
        made = within(None if is_original(source) else limits, name, work)
        return Training(made, variables, fast, max_length)

    def batch(
        self,
        rows: Mapping[str, Sequence[Any]] | Sequence[Mapping[str, Any]],
        training: Training,
        columns: Mapping[str, str] | None = None,
        roles: Mapping[str, str] | None = None,
    ) -> dict[str, list[Any]]:
        """The figures of each row of a batch, as plain numbers and flags.

        It is a pure function for ``datasets.map`` or Ray. `rewriter.auditing.batch.batch` describes
        the result.

        Args:
            rows: columns of values, or a list of rows.
            training: the result of `training`.
            columns: names of columns, as for a call; others are guessed from this batch.
            roles: as for a call.

        Raises:
            BadInput: no column holds messages.

        """
        from rewriter.auditing.batch import batch, single_rows
        from rewriter.auditing.guessed_columns import LOOKED_AT, guessed_columns

        first = single_rows(rows)[:LOOKED_AT]
        names = dict.fromkeys(name for row in first for name in row)
        return batch(rows, training, guessed_columns(names, first, columns or {}, roles or {}))

    def figures(self, columns: Mapping[str, Sequence[Any]], first: int = 0) -> Figures:
        """Add up the results of `batch`; you can add the figures, too.

        Args:
            columns: the result of `batch`.
            first: the index of its first row, from 0.

        """
        from rewriter.auditing.figures import Figures

        return Figures.of(columns, first)


def first_rows(dataset: Any, rows: int) -> Any:
    """The first rows of a data set."""
    if hasattr(dataset, "select"):
        return dataset.select(range(min(rows, len(dataset))))
    if hasattr(dataset, "limit"):
        return dataset.limit(rows)
    found: Iterable[Any] = dataset
    return islice(found, rows)


audit: Final = DataAudit()
"""Shows what training on a data set would see: `DataAudit` documents the arguments."""
