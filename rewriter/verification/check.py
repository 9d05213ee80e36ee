"""One template checked to be a training variant, on many conversations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from rewriter.errors import BadInput
from rewriter.source.template import Template
from rewriter.tracing.turns import Policy
from rewriter.verification.blame import printed_by
from rewriter.verification.contracts import Contract
from rewriter.verification.conversation import Conversation
from rewriter.verification.drafting import generated
from rewriter.verification.judges import Alone, Broken, Judge, Pair, mask_judge
from rewriter.verification.lint import lint
from rewriter.verification.probing import probed
from rewriter.verification.profile import Profile
from rewriter.verification.reduce import reduced
from rewriter.verification.render import Outcome, Raised, Rendered
from rewriter.verification.report import Failure, Report
from rewriter.verification.standing import standing


def verify_pair(
    original: str,
    variant: str,
    contract: Contract,
    policy: Policy,
    *,
    examples: int = 200,
    seed: int = 0,
    profile: Profile | None = None,
    conversations: Sequence[Conversation] | None = None,
) -> Report:
    """Check the text of ``variant`` against ``contract``, and its mask against ``policy``.

    Args:
        original: the template that the variant was made from.
        variant: the training variant.
        contract: what its text promises.
        policy: where its mask's edges should lie.
        examples: how many conversations to generate, beside those that are always checked.
        seed: the same seed gives the same conversations on any machine.
        profile: what the templates accept; found by probing if not given.
        conversations: judge these alone, and as they are, rather than generate any.

    Raises:
        BadInput: ``variant`` does not compile.

    """
    pair = Pair(original, variant, contract, mask_judge(variant, policy))
    if conversations is not None:
        return _report(pair, conversations, as_given=True)
    return _report(pair, _conversations(profile or probed(original, variant), examples, seed))


def verify_alone(
    variant: str,
    policy: Policy,
    *,
    examples: int = 200,
    seed: int = 0,
    profile: Profile | None = None,
    conversations: Sequence[Conversation] | None = None,
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
    alone = Alone(variant, mask_judge(variant, policy), must_render=conversations is not None)
    if conversations is not None:
        report = _report(alone, conversations, as_given=True)
    else:
        profile = profile or probed(variant)
        report = _report(alone, _conversations(profile, examples, seed))
        if report.raised == report.conversations:
            report = _report(replace(alone, must_render=True), standing(profile))
    return replace(report, findings=lint(template))


def _conversations(profile: Profile, examples: int, seed: int) -> Iterator[Conversation]:
    return chain(standing(profile), map(profile.fitted, generated(examples, seed)))


def _report(
    judge: Judge, conversations: Iterable[Conversation], *, as_given: bool = False
) -> Report:
    """Judge each conversation; of those that break a promise, keep the smallest."""
    smallest: dict[str, Conversation] = {}
    checked = raised = 0
    for conversation in conversations:
        verdict = judge.judged(conversation)
        checked += 1
        raised += verdict.raised
        for broken in verdict.broken:
            known = smallest.get(broken.promise, conversation)
            smallest[broken.promise] = min(conversation, known, key=_size)
    if not as_given:
        smallest = {promise: _reduced(judge, promise, it) for promise, it in smallest.items()}
    failures = (_failure(judge, promise, it) for promise, it in smallest.items())
    return Report(tuple(sorted(failures, key=_length)), checked, raised)


def _reduced(judge: Judge, promise: str, conversation: Conversation) -> Conversation:
    """As small a conversation as can be made of this one that still breaks the promise."""
    return reduced(conversation, lambda less: judge.judged(less).breaks(promise))


def _failure(judge: Judge, promise: str, conversation: Conversation) -> Failure:
    verdict = judge.judged(conversation)
    broken = next((each for each in verdict.broken if each.promise == promise), Broken(promise))
    return Failure(
        promise,
        conversation.as_json(),
        original=_text(verdict.original),
        variant=_text(verdict.variant),
        original_mask=verdict.original.mask if isinstance(verdict.original, Rendered) else (),
        variant_mask=verdict.variant.mask if isinstance(verdict.variant, Rendered) else (),
        original_error=_error(verdict.original),
        variant_error=_error(verdict.variant),
        expected=broken.expected,
        at=broken.at,
        place=None
        if broken.at is None
        else printed_by(judge.masks.traced, conversation, broken.at),
    )


def _text(outcome: Outcome | None) -> str | None:
    return outcome.text if isinstance(outcome, Rendered) else None


def _error(outcome: Outcome | None) -> str:
    return f"{outcome.type}: {outcome.message}" if isinstance(outcome, Raised) else ""


def _size(conversation: Conversation) -> tuple[int, int, str]:
    return conversation.size


def _length(failure: Failure) -> tuple[int, int, str]:
    return Conversation.from_json(failure.conversation).size
