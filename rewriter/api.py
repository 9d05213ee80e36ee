"""What a program calls: rewrite, recognise, verify."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Literal, TypeVar

from rewriter.carriers.kept_drafts import drafts_of
from rewriter.engine.families import is_original
from rewriter.engine.families import recognise as family_of
from rewriter.engine.transforms import Goal
from rewriter.errors import BadInput, RewriteError
from rewriter.limits import GENEROUS, Limits
from rewriter.rewriting.rewrite import Asked, Rewrite, rewritten
from rewriter.rewriting.verify import alone_verified, pair_verified
from rewriter.tracing.fields import Fields
from rewriter.turns.parts import EMPTY_THOUGHTS, EmptyThoughts, Policy

if TYPE_CHECKING:
    from rewriter.tracing.conversation import Conversation
    from rewriter.verification.report import Report

T = TypeVar("T")


def rewrite(
    source: str,
    *,
    policy: Policy = "strict",
    goals: Sequence[Goal] = ("assistant-mask",),
    family: str | None = None,
    transforms: Sequence[str] | None = None,
    verify: bool | Literal["afresh"] = True,
    examples: int = 200,
    seed: int = 0,
    header_comment: bool = False,
    fields: Mapping[str, str] | None = None,
    empty_thoughts: EmptyThoughts | None = None,
    exclude_turns_by: str | None = None,
    limits: Limits | None = GENEROUS,
    name: str = "<template>",
) -> Rewrite:
    """The training variant of a chat template.

    Args:
        source: the template as the model ships it.
        policy: where the mask's edges lie; ``strict`` keeps a thinking prefill and the white
            space after a turn's end outside, ``trl`` inside.
        goals: what the variant is for: ``assistant-mask``, ``prefix-preserving``,
            ``dict-arguments``, ``stop-token``. For a template of no known family they are
            planned for.
        family: whose recipe to take, instead of the one that ``source`` is recognised as.
        transforms: the transforms to apply in this order, instead of a recipe.
        verify: prove the variant before it is returned. ``False``: only plan and edit;
            ``"afresh"``: prove it even if the proof is on file.
        examples: how many conversations to prove it with.
        seed: which conversations; the same seed gives the same ones on every machine.
        header_comment: put a comment before the variant that says what was changed.
        fields: whose keys of the assistant's messages are, and variables, by their names:
            ``generated``, ``environment`` or ``header``. What is not declared is told by the
            list in ``tracing/fields.toml``, and what that lacks is left out of the mask.
        empty_thoughts: whose the thoughts are that the template puts in with nothing in them:
            ``generated`` has them in the mask, ``prompted`` leaves them out. What is not chosen is
            told by the policy.
        exclude_turns_by: a key of the assistant's messages, such as ``train``, ``loss_mask`` or
            ``weight``: the turn of one that has it, and not true, is left out of the mask.
        limits: how much time and memory the work may take, in a process of its own; ``None``:
            no limit, in this process. A known family's own template is not held to them.
        name: what to call the source in errors.

    Raises:
        BadInput: ``source`` is no template, or an argument names nothing that exists.
        Refused: no rewrite could be proven; ``VerificationFailed`` if one broke a promise,
            ``Stopped`` if a limit was reached.

    """
    asked = Asked(
        source,
        policy,
        family,
        _tuple(transforms),
        tuple(goals),
        verify,
        examples,
        seed,
        header_comment,
        Fields.of(fields),
        exclude_turns_by=exclude_turns_by,
        draw=drafts_of,
        empty_thoughts=_chosen(empty_thoughts),
    )
    return _within(None if is_original(source) else limits, name, partial(rewritten, asked))


def recognise(source: str) -> str | None:
    """The family that ``source`` is of, also when only quotes, spaces or comments differ."""
    known = family_of(source)
    return known.name if known else None


def verify(
    original: str,
    variant: str,
    *,
    policy: Policy = "strict",
    family: str | None = None,
    transforms: Sequence[str] | None = None,
    examples: int = 200,
    seed: int = 0,
    conversations: Sequence[Conversation] | None = None,
    fields: Mapping[str, str] | None = None,
    empty_thoughts: EmptyThoughts | None = None,
    limits: Limits | None = GENEROUS,
    names: tuple[str, str] = ("<original>", "<variant>"),
) -> Report:
    """Check a training variant, whoever wrote it, against its original.

    What the text must be is what the recipe of ``family``, or ``transforms``, promise. Without
    either, the recipe of the family that ``original`` is recognised as; of no family: equal. The
    conversations that the corpus keeps for the family are judged before the generated ones.
    ``names`` is what errors call the two. ``conversations`` are judged alone and as they are, in
    place of generated ones; `Conversation.from_json` reads what `Failure.conversation` has.
    ``fields``, ``empty_thoughts`` and ``limits`` are as for `rewrite`.

    Raises:
        BadInput: one of the two is no template, or an argument names nothing that exists.
        Stopped: a limit was reached, so nothing is known.

    """
    work = partial(
        pair_verified,
        original,
        variant,
        _tuple(transforms),
        family=family,
        policy=policy,
        names=names,
        examples=examples,
        seed=seed,
        conversations=_tuple(conversations),
        fields=Fields.of(fields),
        empty_thoughts=_chosen(empty_thoughts),
    )
    return _within(limits, names[1], work)


def verify_marked(
    variant: str,
    *,
    policy: Policy = "strict",
    examples: int = 200,
    seed: int = 0,
    conversations: Sequence[Conversation] | None = None,
    fields: Mapping[str, str] | None = None,
    empty_thoughts: EmptyThoughts | None = None,
    limits: Limits | None = GENEROUS,
    name: str = "<template>",
) -> Report:
    """Check the mask of a marked template, and the preconditions of its blocks, by itself.

    Without an original nothing is known of what its text should be. The arguments are those of
    `verify`. The report's ``findings`` are what `rewriter lint` finds, and only those that are
    harmful count against it.

    Raises:
        BadInput: ``variant`` is no template, or there is no ``generation`` block in it.
        Stopped: a limit was reached, so nothing is known.

    """
    work = partial(
        alone_verified,
        variant,
        policy=policy,
        examples=examples,
        seed=seed,
        conversations=_tuple(conversations),
        fields=Fields.of(fields),
        empty_thoughts=_chosen(empty_thoughts),
    )
    return _within(limits, name, work)


def _chosen(empty_thoughts: EmptyThoughts | None) -> EmptyThoughts | None:
    """What was chosen of empty thoughts, if it is one of the choices."""
    if empty_thoughts is None or empty_thoughts in EMPTY_THOUGHTS:
        return empty_thoughts
    choices = ", ".join(EMPTY_THOUGHTS)
    raise BadInput(
        f"empty thoughts cannot be {empty_thoughts!r}", hint=f"they are one of: {choices}"
    )


def _within(limits: Limits | None, name: str, work: Callable[[], T]) -> T:
    """What the work returns, done where it can be stopped; an error of it is about ``name``."""
    try:
        if limits is None:
            return work()
        from rewriter.confinement.workers import confined

        return confined(work, limits)
    except RewriteError as error:
        raise error.named(name) from None


def _tuple(values: Iterable[T] | None) -> tuple[T, ...] | None:
    return None if values is None else tuple(values)
