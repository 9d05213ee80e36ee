"""Check that a template is a training variant, on many conversations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import Final

from rewriter.conversations.constants import constants_of
from rewriter.conversations.draft import Draft
from rewriter.conversations.drafting import generated
from rewriter.conversations.fixed import fixed_conversations, made_for_masks, made_for_texts
from rewriter.conversations.odd_texts import texts_of_each_kind
from rewriter.conversations.profile import Profile
from rewriter.conversations.profiling import probed
from rewriter.conversations.rendering import Renderings
from rewriter.errors import BadInput
from rewriter.source.template import Template
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.fields import LISTED, Fields, listed_keys
from rewriter.tracing.variables import flags_of
from rewriter.turns.parts import EmptyThoughts, Policy
from rewriter.turns.stop_headers import Stops
from rewriter.verification.by_rendering import Given, judged_by_rendering
from rewriter.verification.by_rendering.conversations import TOKENS
from rewriter.verification.contracts import Contract
from rewriter.verification.conversations import (
    conversations_for,
    prompted_otherwise,
    showing_differences,
)
from rewriter.verification.examination import examined
from rewriter.verification.judge import Judge
from rewriter.verification.lint import lint
from rewriter.verification.mask import MaskJudge
from rewriter.verification.message_notices import rendered_notices
from rewriter.verification.notice import ABOUT_MESSAGES, Notice
from rewriter.verification.notices import notices_of
from rewriter.verification.one_sided_tests import one_sided
from rewriter.verification.pair_judge import PairJudge
from rewriter.verification.prompted_space import PromptedSpace
from rewriter.verification.report import Failure, Report, TextProof
from rewriter.verification.structure import same_text
from rewriter.verification.variant_judge import VariantJudge, mask_judge

# How many conversations both templates render, even if their texts are proven equal.
_FEW: Final = 16


def verify_pair(
    original: str,
    variant: str,
    contract: Contract,
    policy: Policy,
    *,
    examples: int = 200,
    seed: int = 0,
    draw: Callable[[int, int], Sequence[Draft]] = generated,
    profile: Profile | None = None,
    regressions: Sequence[Conversation] = (),
    conversations: Sequence[Conversation] | None = None,
    hasty: bool = False,
    alone_if_proven: bool = False,
    fields: Fields = LISTED,
    empty_thoughts: EmptyThoughts | None = None,
    masked: bool = True,
    prompted_space: PromptedSpace = "anywhere",
    rendered: Renderings | None = None,
) -> Report:
    """Check the text of ``variant`` against ``contract``, its mask, and the places of its blocks.

    Args:
        original: the template that the variant was made from.
        variant: the training variant.
        contract: what its text promises.
        policy: where its mask's edges should lie.
        examples: how many conversations to generate, in addition to those that are always checked.
        seed: which conversations; those of 0 travel with the package, and are the same everywhere.
        draw: the function that draws a number of drafts with a seed.
        profile: what the templates accept; found by probing if not given.
        regressions: judge these before all others, closely and unchanged.
        conversations: judge only these, unchanged, and generate none.
        hasty: stop at the first conversation that breaks a promise, and omit findings and notices
            then.
        alone_if_proven: if the text is proven by structure, render only the variant. A plan may be
            checked so, and trains the assistant's turns alone.
        fields: who writes each key and variable.
        empty_thoughts: who writes the empty thoughts that the template inserts.
        masked: whether it should have a mask; if not, only its text is checked.
        prompted_space: where white space that the generation prompt prints may be.
        rendered: cached renders of the original, from checks of its other variants.

    Raises:
        BadInput: ``variant`` does not compile.

    """
    masks = mask_judge(
        variant,
        policy,
        contract.stops,
        fields,
        contract.left_out,
        empty_thoughts,
        prompted_space=prompted_space,
        may_train_alike=not alone_if_proven,
    )
    pair = PairJudge(original, variant, contract, masks, is_masked=masked)
    rendered = rendered or Renderings()
    if conversations is not None:
        report = examined(pair, conversations, as_given=True)
        return _annotated(report, masks, rendered, masked=masked)
    structure = same_text(original, variant) if contract.is_equal else None
    is_proven = structure is not None and structure.holds
    sources = (variant,) if is_proven else (original, variant)
    profile = profile or probed(*sources, rendered=rendered)
    # What keeps its turns is compared with itself, whatever the original prints.
    may_be_alone = alone_if_proven and masked and not contract.keeps_turns
    is_alone = is_proven and may_be_alone
    if is_alone and not _prints_alike(pair, profile, rendered):
        structure, is_proven, is_alone = None, False, False
    judge = VariantJudge(variant, masks) if is_alone else pair
    sources = (variant,) if is_alone else (original, variant)
    drawn = draw(examples, seed)
    drawn_up = conversations_for(profile, drawn, *sources)
    closely: Iterable[Conversation] = ()
    if masked:
        closely = made_for_masks(profile, variant, original)
    if masked and not alone_if_proven:
        # A plan asks nothing of a text that the original does not ask.
        closely = chain(closely, map(profile.accepted, texts_of_each_kind()))
    first = (*regressions, *showing_differences(contract, profile))
    texts: Iterable[Conversation] = ()
    if not is_proven:
        prompted = prompted_otherwise(conversations_for(profile, drawn, *sources))
        texts = chain(made_for_texts(profile, *sources), prompted)
    report = examined(judge, drawn_up, first=first, closely=closely, texts=texts, hasty=hasty)
    report = _unless_all_raise(report, replace(judge, must_render=True), profile)
    if report.holds and masked:
        report = _judged_by_rendering(report, masks, profile, contract.stops, rendered)
    proof: TextProof = "structure" if structure and structure.holds else "samples"
    report = replace(report, structure=structure, text_proof=proof)
    if report.holds and not is_proven and not may_be_alone:
        more = chain(conversations_for(profile, drawn, *sources), made_for_texts(profile, *sources))
        report = replace(report, account=(*report.account, *one_sided(pair, [*more])))
    # A rejected variant needs no notices, which take many renders.
    if hasty and not report.holds:
        return report
    return _annotated(report, masks, rendered, masked=masked)


def verify_alone(
    variant: str,
    policy: Policy,
    *,
    examples: int = 200,
    seed: int = 0,
    draw: Callable[[int, int], Sequence[Draft]] = generated,
    profile: Profile | None = None,
    conversations: Sequence[Conversation] | None = None,
    fields: Fields = LISTED,
    empty_thoughts: EmptyThoughts | None = None,
    prompted_space: PromptedSpace = "anywhere",
) -> Report:
    """Check a marked template's mask, and the preconditions of its blocks, without an original.

    The arguments are those of `verify_pair`. Guards may raise, but some conversation must render.

    Raises:
        BadInput: ``variant`` has no block, or does not compile.

    """
    template = Template(variant)
    if not template.is_marked:
        hint = "`rewriter patch` makes a training variant of it"
        raise BadInput("there is no generation block in it, so no mask to verify", hint=hint)
    masks = mask_judge(
        variant,
        policy,
        "printed",
        fields,
        empty_thoughts=empty_thoughts,
        prompted_space=prompted_space,
    )
    alone = VariantJudge(variant, masks, must_render=conversations is not None)
    rendered = Renderings()
    if conversations is not None:
        report = examined(alone, conversations, as_given=True)
    else:
        profile = profile or probed(variant, rendered=rendered)
        drawn_up = conversations_for(profile, draw(examples, seed), variant)
        kinds = map(profile.accepted, texts_of_each_kind())
        closely = chain(made_for_masks(profile, variant, None), kinds)
        report = examined(alone, drawn_up, closely=closely)
        report = _unless_all_raise(report, replace(alone, must_render=True), profile)
        if report.holds:
            report = _judged_by_rendering(report, masks, profile, masks.stops, rendered)
    return _annotated(report, masks, rendered)


def _annotated(
    report: Report, masks: MaskJudge, rendered: Renderings, *, masked: bool = True
) -> Report:
    """The report, with the findings of lint, and notices about the variant."""
    notices: tuple[Notice, ...] = ()
    if masked:
        found = notices_of(masks.traced, ends=masks.stops)
        traced = masks.traced
        text, flags = traced.template.text, flags_of(traced.template.tree)
        shown = rendered_notices(text, flags, rendered, needed=traced.needed)
        # If the mask is wrong, the report already says what is wrong.
        kept = shown if report.holds else (n for n in shown if n.id in ABOUT_MESSAGES)
        notices = (*found, *kept)
    return replace(report, findings=lint(masks.traced.template), notices=notices)


def _prints_alike(pair: PairJudge, profile: Profile, rendered: Renderings) -> bool:
    """Whether two templates with equal text, by proof, print the same on the first conversations.

    The proof needs no sample; this guards against an error in the proof itself.
    """
    for conversation in islice(fixed_conversations(profile), _FEW):
        original, variant = (rendered(each, conversation) for each in (pair.original, pair.variant))
        if pair.contract.broken(conversation, original, variant):
            return False
    return True


def _judged_by_rendering(
    report: Report,
    masks: MaskJudge,
    profile: Profile,
    stops: Stops | None,
    rendered: Renderings,
) -> Report:
    """The report after the second judge, which is independent of the first."""
    variant = masks.traced.template.text
    given = Given(
        fields={**listed_keys(), **dict(masks.traced.fields.declared)},
        keys=masks.traced.unlisted.keys,
        variables=masks.traced.unlisted.variables,
        # A thought that the prompt opens only under a flag is the model's without the flag.
        flags={},
        constants={**profile.constants, **TOKENS},
        stops=tuple(dict.fromkeys(filter(None, (stops.answer, stops.calls)))) if stops else (),
        texts=constants_of(variant).texts,
        empty_thoughts=masks.empty_thoughts,
        may_train_alike=masks.may_train_alike,
    )
    faults = judged_by_rendering(variant, masks.policy, given=given, rendered=rendered)
    failures = tuple(
        Failure(
            fault.promise,
            fault.conversation.as_json(),
            None,
            fault.text,
            variant_mask=fault.mask,
            at=fault.offset,
        )
        for fault in faults
    )
    return replace(report, failures=failures)


def _unless_all_raise(report: Report, strict: Judge, profile: Profile) -> Report:
    """The report, or one with a failure if nothing rendered."""
    nothing = report.raised == report.conversations
    return examined(strict, fixed_conversations(profile)) if nothing and report.holds else report
