"""The functions for programs: rewrite, recognise, verify, show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from rewriter.arguments import (
    choice_given,
    count_given,
    names_given,
    source_given,
    text_given,
    whole_given,
)
from rewriter.carriers.kept_drafts import drafts_of
from rewriter.confinement.limited import within
from rewriter.engine.families import is_original
from rewriter.engine.families import recognise as family_of
from rewriter.engine.transforms import Goal
from rewriter.errors import Stopped
from rewriter.limits import GENEROUS, Limits
from rewriter.rewriting.request import Request, empty_thoughts_given
from rewriter.rewriting.result import Rewrite
from rewriter.rewriting.rewrite import rewritten
from rewriter.rewriting.verify import alone_verified, pair_verified
from rewriter.tracing.conversation import conversations_given
from rewriter.tracing.fields import Fields
from rewriter.turns.parts import POLICIES, EmptyThoughts, Policy

if TYPE_CHECKING:
    from rewriter.report.shown import Shown
    from rewriter.tokens.token_masks import ProcessingClass
    from rewriter.tracing.conversation import Conversation
    from rewriter.verification.report import Report


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
        policy: where the mask's edges lie; ``strict`` keeps a thinking prefill and the white space
            after a turn's end outside, ``trl`` inside.
        goals: what the variant is for: ``assistant-mask``, ``prefix-preserving``,
            ``dict-arguments``, ``stop-token``. For a template of an unknown family, transforms are
            planned to meet them.
        family: the family whose recipe to use, instead of the recognised one.
        transforms: the transforms to apply, in order, instead of a recipe.
        verify: prove the variant before it is returned. ``False`` only plans and edits;
            ``"afresh"`` proves it even if a proof is on file.
        examples: the number of conversations to prove it with.
        seed: which conversations; those of 0 travel with the package, and are the same everywhere.
        header_comment: put a comment that lists the changes before the variant.
        fields: who writes each key of the assistant's messages, or each variable, by its name:
            ``generated`` (the model), ``environment`` or ``header``. For other names, the list in
            ``tracing/fields.toml`` applies; a name on neither is left out of the mask.
        empty_thoughts: whether empty thoughts that the template adds are in the mask: ``generated``
            puts them in, ``prompted`` leaves them out. By default, ``strict`` leaves them out.
        exclude_turns_by: a key of the assistant's messages, such as ``train``, ``loss_mask`` or
            ``weight``. A turn is left out of the mask if its message has this key, and the value is
            not true.
        limits: the limits of time and memory for the work, which runs in a process of its own.
            ``None`` sets no limits, and works in this process. They do not apply to the template of
            a known family.
        name: the source's name in errors.

    Raises:
        BadInput: ``source`` is not a template, or an argument names something unknown.
        Refused: no rewrite could be proven; ``VerificationFailed`` if one broke a promise,
            ``Stopped`` if a limit was reached.

    """
    source = source_given(source, name)
    text_given(family, "family")
    text_given(exclude_turns_by, "exclude_turns_by")
    count_given(examples, "examples")
    whole_given(seed, "seed")
    request = Request(
        source,
        choice_given(policy, POLICIES, "policy"),
        family,
        names_given(transforms, "transforms"),
        names_given(goals, "goals") or (),
        verify,
        examples,
        seed,
        header_comment,
        Fields.of(fields),
        exclude_turns_by=exclude_turns_by,
        draw=drafts_of,
        empty_thoughts=empty_thoughts_given(empty_thoughts),
    )
    return within(None if is_original(source) else limits, name, partial(rewritten, request))


def recognise(source: str) -> str | None:
    """The known family of ``source``, even if quotes, spaces or comments differ."""
    known = family_of(source_given(source))
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
    widens: bool = False,
    fields: Mapping[str, str] | None = None,
    empty_thoughts: EmptyThoughts | None = None,
    limits: Limits | None = GENEROUS,
    names: tuple[str, str] = ("<original>", "<variant>"),
) -> Report:
    """Check a training variant, no matter who wrote it, against its original.

    The texts must relate as ``transforms``, or the recipe of ``family``, promise. Without these,
    the recipe of the recognised family applies; for an unknown family, the texts must be equal.
    Conversations that the corpus keeps for the family are checked first.

    Args:
        original: the template as the model ships it.
        variant: the training variant.
        policy: where the mask's edges lie.
        family: the family whose recipe gives the promises.
        transforms: the transforms that give the promises, instead of a recipe.
        examples: the number of conversations to generate.
        seed: the seed for these conversations.
        conversations: check only these, as they are, and generate none. `Conversation.from_json`
            reads what `Failure.conversation` has.
        widens: whether the variant may also render conversations for which the original raises, as
            one does that prints ``'…' + content`` in two outputs.
        fields: as for `rewrite`.
        empty_thoughts: as for `rewrite`.
        limits: as for `rewrite`.
        names: the names of the two templates in errors.

    Raises:
        BadInput: one of the two is not a template, or an argument names something unknown.
        Stopped: a limit was reached, so nothing is known.

    """
    count_given(examples, "examples")
    whole_given(seed, "seed")
    text_given(family, "family")
    work = partial(
        pair_verified,
        source_given(original, names[0]),
        source_given(variant, names[1]),
        names_given(transforms, "transforms"),
        family=family,
        policy=choice_given(policy, POLICIES, "policy"),
        names=names,
        examples=examples,
        seed=seed,
        draw=drafts_of,
        conversations=conversations_given(conversations),
        widens=widens,
        fields=Fields.of(fields),
        empty_thoughts=empty_thoughts_given(empty_thoughts),
    )
    return within(limits, names[1], work)


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

    Without an original nothing is known about what the text should be. The arguments are those of
    `verify`. The report's ``findings`` are what ``rewriter lint`` finds; only harmful ones count
    against the variant.

    Raises:
        BadInput: ``variant`` is not a template, or has no ``generation`` block.
        Stopped: a limit was reached, so nothing is known.

    """
    count_given(examples, "examples")
    whole_given(seed, "seed")
    work = partial(
        alone_verified,
        source_given(variant, name),
        policy=choice_given(policy, POLICIES, "policy"),
        examples=examples,
        seed=seed,
        draw=drafts_of,
        conversations=conversations_given(conversations),
        fields=Fields.of(fields),
        empty_thoughts=empty_thoughts_given(empty_thoughts),
    )
    return within(limits, name, work)


def show(
    template: str | ProcessingClass,
    messages: Sequence[Mapping[str, Any]] | Sequence[Conversation] | None = None,
    *,
    tools: Sequence[Mapping[str, Any]] | None = None,
    tokenizer: ProcessingClass | None = None,
    policy: Policy = "strict",
    fields: Mapping[str, str] | None = None,
    empty_thoughts: EmptyThoughts | None = None,
    verify: bool | Literal["afresh"] = True,
    limits: Limits | None = GENEROUS,
    name: str = "chat template",
) -> Shown:
    """A picture of a template: which text is trained on, and which source printed it.

    In a notebook, the result displays itself as a page; ``print`` shows it as text. A template
    without marks is shown as its training variant prints. A refused template has a picture too,
    with the reason, in which nothing is trained.

    Args:
        template: the template, or a tokenizer or processor that carries one.
        messages: a conversation, or several `Conversation`; ``None`` for a few of our own that show
            what the template does.
        tools: JSON schemas of tools, for ``messages``.
        tokenizer: the tokenizer for tokens; by default ``template``, if it is one.
        policy: as for `rewrite`.
        fields: as for `rewrite`.
        empty_thoughts: as for `rewrite`.
        verify: as for `rewrite`; ``"afresh"`` also shows what is known about each source.
        limits: as for `rewrite`.
        name: the template's name.

    Raises:
        BadInput: it is not a template, the tokenizer has none, or is a slow tokenizer.

    """
    from rewriter.picture.drawing import drawn, picture_of_error
    from rewriter.picture.given import given_to_draw
    from rewriter.picture.tokens import with_tokens
    from rewriter.report.shown import Shown

    given = given_to_draw(template, messages, tools, tokenizer)
    whose = empty_thoughts_given(empty_thoughts)
    request = Request(
        given.source,
        choice_given(policy, POLICIES, "policy"),
        verify=verify,
        draw=drafts_of,
        fields=Fields.of(fields),
        empty_thoughts=whose,
    )
    work = partial(drawn, request, name, given.conversations, given.variables)
    try:
        picture = within(None if is_original(given.source) else limits, name, work)
    except Stopped as error:
        picture = picture_of_error(request, name, error)
    return Shown(with_tokens(picture, given.tokenizer) if given.tokenizer else picture)
