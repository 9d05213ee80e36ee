"""One template checked to be a training variant, on many conversations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, pairwise

from rewriter.errors import BadInput
from rewriter.notices import notices_of
from rewriter.source.template import Template
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.fields import LISTED, Fields
from rewriter.tracing.parts import Policy
from rewriter.verification.contracts import Contract
from rewriter.verification.draft import Draft
from rewriter.verification.drafting import generated
from rewriter.verification.examination import examined
from rewriter.verification.judges import Alone, Judge, Pair, mask_judge
from rewriter.verification.kinds import ASSISTANT, CALLS, START, kind_of
from rewriter.verification.lint import lint
from rewriter.verification.probing import probed
from rewriter.verification.profile import Profile
from rewriter.verification.report import Report
from rewriter.verification.standing import made_for, made_for_masks, standing
from rewriter.verification.structure import same_text


def verify_pair(
    original: str,
    variant: str,
    contract: Contract,
    policy: Policy,
    *,
    examples: int = 200,
    seed: int = 0,
    drafts: Sequence[Draft] | None = None,
    profile: Profile | None = None,
    regressions: Sequence[Conversation] = (),
    conversations: Sequence[Conversation] | None = None,
    hasty: bool = False,
    fields: Fields = LISTED,
) -> Report:
    """Check the text of ``variant`` against ``contract``, its mask and where its blocks stand.

    Args:
        original: the template that the variant was made from.
        variant: the training variant.
        contract: what its text promises.
        policy: where its mask's edges should lie.
        examples: how many conversations to generate, beside those that are always checked.
        seed: the same seed gives the same conversations on any machine.
        drafts: those of the seed, where they are drawn already.
        profile: what the templates accept; found by probing if not given.
        regressions: judge these before all others, closely and as they are.
        conversations: judge these alone, and as they are, rather than generate any.
        hasty: stop at the first that breaks a promise.
        fields: tell whose each key and variable is.

    Raises:
        BadInput: ``variant`` does not compile.

    """
    masks = mask_judge(variant, policy, contract.stops, fields)
    pair = Pair(original, variant, contract, masks)
    if conversations is not None:
        report = examined(pair, conversations, as_given=True)
    else:
        profile = profile or probed(original, variant)
        drawn = generated(examples, seed) if drafts is None else drafts
        drawn_up = _conversations(profile, drawn, original, variant)
        closely = made_for_masks(profile, variant, original)
        first = (*regressions, *(_who_speaks_next(profile) if contract.stops else ()))
        report = examined(pair, drawn_up, first=first, closely=closely, hasty=hasty)
        report = _unless_all_raise(report, replace(pair, must_render=True), profile)
    if report.holds:
        report = _with_text_proof(report, pair)
    notices = notices_of(masks.traced)
    return replace(report, findings=lint(Template(variant)), notices=notices)


def verify_alone(
    variant: str,
    policy: Policy,
    *,
    examples: int = 200,
    seed: int = 0,
    profile: Profile | None = None,
    conversations: Sequence[Conversation] | None = None,
    fields: Fields = LISTED,
) -> Report:
    """Check a marked template's mask, and the preconditions of its blocks, without an original.

    The arguments are those of `verify_pair`. Guards may raise; but something must render.

    Raises:
        BadInput: there is no block in ``variant``, or it does not compile.

    """
    template = Template(variant)
    if not template.is_marked:
        hint = "`rewriter patch` makes a training variant of it"
        raise BadInput("there is no generation block in it, so no mask to verify", hint=hint)
    judge = mask_judge(variant, policy, "printed", fields)
    alone = Alone(variant, judge, must_render=conversations is not None)
    if conversations is not None:
        report = examined(alone, conversations, as_given=True)
    else:
        profile = profile or probed(variant)
        drawn_up = _conversations(profile, generated(examples, seed), variant)
        closely = made_for_masks(profile, variant, None)
        report = examined(alone, drawn_up, closely=closely)
        report = _unless_all_raise(report, replace(alone, must_render=True), profile)
    return replace(report, findings=lint(template), notices=notices_of(judge.traced))


def _with_text_proof(report: Report, pair: Pair) -> Report:
    """The report, with how the text is known to be what it should be."""
    if not pair.contract.is_equal:
        return replace(report, text_proof="samples")
    structure = same_text(pair.original, pair.variant)
    return replace(
        report, structure=structure, text_proof="structure" if structure.holds else "samples"
    )


def _conversations(
    profile: Profile, drafts: Sequence[Draft], *sources: str
) -> Iterator[Conversation]:
    made = made_for(profile, *sources)
    return chain(standing(profile), map(profile.fitted, drafts), made)


def _who_speaks_next(profile: Profile) -> Iterator[Conversation]:
    """A conversation for each kind of turn and whoever follows it, which decides whose a header is.

    One path through a template may serve several, so these are judged whatever path they take.
    """
    met: set[tuple[str, str]] = set()
    for conversation in standing(profile):
        kinds = [*map(kind_of, conversation.messages), START]
        new = {(one, other) for one, other in pairwise(kinds) if one in (ASSISTANT, CALLS)} - met
        if new:
            met |= new
            yield conversation


def _unless_all_raise(report: Report, strict: Judge, profile: Profile) -> Report:
    """The report; where nothing rendered, one that says so."""
    nothing = report.raised == report.conversations
    return examined(strict, standing(profile)) if nothing and report.ok else report
