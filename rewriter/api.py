"""What a program calls: rewrite, recognise, verify, show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from rewriter.arguments import (
    choice_given,
    count_given,
    limits_given,
    names_given,
    source_given,
    text_given,
)
from rewriter.carriers.kept_drafts import drafts_of
from rewriter.engine.families import is_original
from rewriter.engine.families import recognise as family_of
from rewriter.engine.transforms import Goal
from rewriter.errors import BadInput, RewriteError, Stopped
from rewriter.limits import GENEROUS, Limits
from rewriter.rewriting.asked import Asked
from rewriter.rewriting.result import Rewrite
from rewriter.rewriting.rewrite import rewritten
from rewriter.rewriting.verify import alone_verified, pair_verified
from rewriter.tracing.fields import Fields
from rewriter.turns.parts import EMPTY_THOUGHTS, POLICIES, EmptyThoughts, Policy

if TYPE_CHECKING:
    from rewriter.report.shown import Shown
    from rewriter.tokens.token_masks import ProcessingClass
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
        family: the family whose recipe to take, instead of the one that is recognised.
        transforms: the transforms to apply in this order, instead of a recipe.
        verify: prove the variant before it is returned. ``False``: only plan and edit;
            ``"afresh"``: prove it even if the proof is on file.
        examples: how many conversations to prove it with.
        seed: which conversations; the same seed gives the same ones on every machine.
        header_comment: put a comment before the variant that says what was changed.
        fields: who writes each key of the assistant's messages, or each variable, by its name:
            ``generated`` (the model), ``environment`` or ``header``. For names that are not given
            the list in ``tracing/fields.toml`` holds; a name on neither is left out of the mask.
        empty_thoughts: whether thoughts that the template adds with nothing in them are in the
            mask: ``generated`` puts them in, ``prompted`` leaves them out. By default the policy
            decides.
        exclude_turns_by: a key of the assistant's messages, such as ``train``, ``loss_mask`` or
            ``weight``. A turn whose message has the key, with a value that is not true, is left
            out of the mask.
        limits: how much time and memory the work may take, in a process of its own. ``None``: no
            limit, in this process. A known family's own template is not held to them.
        name: what errors call the source.

    Raises:
        BadInput: ``source`` is no template, or an argument names nothing that exists.
        Refused: no rewrite could be proven; ``VerificationFailed`` if one broke a promise,
            ``Stopped`` if a limit was reached.

    """
    source = source_given(source, name)
    text_given(family, "family")
    text_given(exclude_turns_by, "exclude_turns_by")
    count_given(examples, "examples")
    asked = Asked(
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
        empty_thoughts=chosen(empty_thoughts),
    )
    return within(None if is_original(source) else limits, name, partial(rewritten, asked))


def recognise(source: str) -> str | None:
    """The known family of ``source``, also if only quotes, spaces or comments differ."""
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
    fields: Mapping[str, str] | None = None,
    empty_thoughts: EmptyThoughts | None = None,
    limits: Limits | None = GENEROUS,
    names: tuple[str, str] = ("<original>", "<variant>"),
) -> Report:
    """Check a training variant, whoever wrote it, against its original.

    The texts must relate as ``transforms``, or the recipe of ``family``, promise. Without either,
    the recipe of the family that ``original`` is recognised as counts; for an unknown family the
    texts must be equal. Conversations that the corpus keeps for the family are checked first.

    Args:
        original: the template as the model ships it.
        variant: the training variant.
        policy: where the mask's edges lie.
        family: the family whose recipe says what is promised.
        transforms: the transforms that say what is promised, instead of a recipe.
        examples: how many conversations to generate.
        seed: which conversations.
        conversations: check only these, as they are, and generate none. `Conversation.from_json`
            reads what `Failure.conversation` has.
        fields: as for `rewrite`.
        empty_thoughts: as for `rewrite`.
        limits: as for `rewrite`.
        names: what errors call the two templates.

    Raises:
        BadInput: one of the two is no template, or an argument names nothing that exists.
        Stopped: a limit was reached, so nothing is known.

    """
    count_given(examples, "examples")
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
        conversations=names_given(conversations, "conversations"),
        fields=Fields.of(fields),
        empty_thoughts=chosen(empty_thoughts),
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
        BadInput: ``variant`` is no template, or there is no ``generation`` block in it.
        Stopped: a limit was reached, so nothing is known.

    """
    count_given(examples, "examples")
    work = partial(
        alone_verified,
        source_given(variant, name),
        policy=choice_given(policy, POLICIES, "policy"),
        examples=examples,
        seed=seed,
        draw=drafts_of,
        conversations=names_given(conversations, "conversations"),
        fields=Fields.of(fields),
        empty_thoughts=chosen(empty_thoughts),
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
    """A picture of a template: what of a conversation is trained on, and which source printed it.

    In a notebook what is returned shows itself as a page; ``print`` gives the same as text. A
    template without marks is shown as its training variant prints; one that is refused has a
    picture too, with the reason, and nothing in it is trained.

    Args:
        template: the template, or a tokenizer or processor that carries one.
        messages: a conversation, or several `Conversation`; ``None``: a handful of our own that
            show what the template does.
        tools: JSON schemas of tools, for ``messages``.
        tokenizer: what to tell tokens by; ``template`` itself, if it is one.
        policy: as for `rewrite`, like the next four.
        fields: whose keys and variables are.
        empty_thoughts: whose thoughts are that hold nothing.
        verify: whether the variant is proven; ``"afresh"`` also tells what is known of its sources.
        limits: what the work may take.
        name: what to call the template.

    Raises:
        BadInput: it is no template, or the tokenizer has none, or is a slow one.

    """
    from rewriter.picture.drawing import drawn, undrawn
    from rewriter.picture.given import given_to_draw
    from rewriter.picture.tokens import with_tokens
    from rewriter.report.shown import Shown

    given = given_to_draw(template, messages, tools, tokenizer)
    whose = chosen(empty_thoughts)
    asked = Asked(
        given.source,
        choice_given(policy, POLICIES, "policy"),
        verify=verify,
        draw=drafts_of,
        fields=Fields.of(fields),
        empty_thoughts=whose,
    )
    work = partial(drawn, asked, name, given.conversations, given.variables)
    try:
        picture = within(None if is_original(given.source) else limits, name, work)
    except Stopped as error:
        picture = undrawn(asked, name, error)
    return Shown(with_tokens(picture, given.tokenizer) if given.tokenizer else picture)


def chosen(empty_thoughts: EmptyThoughts | None) -> EmptyThoughts | None:
    """What was chosen of empty thoughts, if it is one of the choices."""
    if empty_thoughts is None or empty_thoughts in EMPTY_THOUGHTS:
        return empty_thoughts
    choices = ", ".join(EMPTY_THOUGHTS)
    raise BadInput(
        f"empty thoughts cannot be {empty_thoughts!r}", hint=f"they are one of: {choices}"
    )


def within(limits: Limits | None, name: str, work: Callable[[], T]) -> T:
    """What the work returns, done where it can be stopped; an error of it is about ``name``."""
    limits_given(limits)
    try:
        if limits is None:
            from rewriter.confinement.garbage import collecting_seldom

            with collecting_seldom():
                return work()
        from rewriter.confinement.workers import confined

        return confined(work, limits)
    except RewriteError as error:
        raise error.named(name) from None
