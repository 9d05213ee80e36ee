"""One template checked to be a training variant of another, on many conversations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING

from rewriter.tracing.turns import Policy
from rewriter.verify.contracts import Contract
from rewriter.verify.conversation import Conversation
from rewriter.verify.conversations import Draft, drafts
from rewriter.verify.mask import MaskJudge
from rewriter.verify.probing import probed
from rewriter.verify.profile import Profile
from rewriter.verify.render import Outcome, Raised, Rendered, render
from rewriter.verify.report import Failure, Report
from rewriter.verify.standing import standing

if TYPE_CHECKING:
    from hypothesis import Phase


def verify_pair(
    original: str,
    variant: str,
    contract: Contract,
    policy: Policy,
    *,
    examples: int = 200,
    seed: int = 0,
    profile: Profile | None = None,
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

    """
    profile = profile or probed(original, variant)
    trial = _Trial(original, variant, contract, policy)
    for conversation in chain(standing(profile), map(profile.fitted, generated(examples, seed))):
        trial.check(conversation)
    checked, raised = trial.checked, trial.raised
    for promise in trial.broken:
        _shrink(trial, promise, profile, examples, seed)
    return Report(trial.failures, checked, raised)


class _Trial:
    """Checks one conversation after another, and keeps the smallest for each broken promise."""

    def __init__(self, original: str, variant: str, contract: Contract, policy: Policy) -> None:
        self._original = original
        self._variant = variant
        self._contract = contract
        self._masks = MaskJudge(variant, policy)
        self._smallest: dict[str, tuple[Conversation, Failure]] = {}
        self.checked = 0
        self.raised = 0

    def check(self, conversation: Conversation) -> tuple[str, ...]:
        """Check a conversation; the promises that it breaks."""
        original = render(self._original, conversation)
        variant = render(self._variant, conversation)
        self.checked += 1
        self.raised += isinstance(original, Raised)
        broken = tuple(self._broken(conversation, original, variant))
        for promise in broken:
            self._keep(promise, conversation, original, variant)
        return broken

    def _broken(
        self, conversation: Conversation, original: Outcome, variant: Outcome
    ) -> Iterator[str]:
        promise = self._contract.broken(conversation, original, variant)
        if promise:
            yield promise
        if isinstance(variant, Rendered):
            yield from self._masks.broken(conversation, variant)

    def _keep(
        self, promise: str, conversation: Conversation, original: Outcome, variant: Outcome
    ) -> None:
        known = self._smallest.get(promise)
        if known is None or conversation.size < known[0].size:
            failure = Failure(
                promise,
                conversation.as_json(),
                original.text if isinstance(original, Rendered) else None,
                variant.text if isinstance(variant, Rendered) else None,
                original.mask if isinstance(original, Rendered) else (),
                variant.mask if isinstance(variant, Rendered) else (),
            )
            self._smallest[promise] = conversation, failure

    @property
    def broken(self) -> tuple[str, ...]:
        """The promises broken so far."""
        return tuple(self._smallest)

    @property
    def failures(self) -> tuple[Failure, ...]:
        """A failure for each of them, the smallest conversation first."""
        kept = sorted(self._smallest.values(), key=lambda kept: kept[0].size)
        return tuple(failure for _, failure in kept)


@cache
def generated(examples: int, seed: int) -> tuple[Draft, ...]:
    """The drafts of a seed, generated once for all templates."""
    found: list[Draft] = []

    def collect(draft: Draft) -> None:
        found.append(draft)

    _drive(collect, examples, seed, shrink=False)
    return tuple(found)


def _shrink(trial: _Trial, promise: str, profile: Profile, examples: int, seed: int) -> None:
    """Meet the same drafts again, and let Hypothesis make those that break ``promise`` smaller."""

    def fail(draft: Draft) -> None:
        if promise in trial.check(profile.fitted(draft)):
            raise _Broken

    # The trial keeps the smallest itself; some are broken by standing conversations alone.
    with suppress(_Broken):
        _drive(fail, examples, seed, shrink=True)


class _Broken(Exception):  # noqa: N818 — never seen; it tells Hypothesis what to keep
    """A promise is broken."""


def _drive(test: Callable[[Draft], None], examples: int, seed: int, *, shrink: bool) -> None:
    from hypothesis import HealthCheck, Phase, Verbosity, given, settings
    from hypothesis import seed as seeded

    phases: Sequence[Phase] = (Phase.generate, Phase.shrink) if shrink else (Phase.generate,)
    run = settings(
        max_examples=examples,
        phases=phases,
        database=None,
        deadline=None,
        derandomize=False,
        print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=tuple(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    seeded(seed)(run(given(drafts())(test)))()
