"""One template checked to be a training variant of another, on many conversations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from tempfile import TemporaryDirectory

from rewriter.tracing.turns import ASSISTANT, Policy
from rewriter.verification.contracts import KEPT_TURNS, Contract
from rewriter.verification.conversation import Conversation
from rewriter.verification.conversations import Draft, drafts
from rewriter.verification.mask import MaskJudge
from rewriter.verification.probing import probed
from rewriter.verification.profile import Profile
from rewriter.verification.reduce import reduced
from rewriter.verification.render import Outcome, Raised, Rendered, render
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
    pair = _Pair(original, variant, contract, MaskJudge(variant, policy))
    smallest: dict[str, Conversation] = {}
    checked = raised = 0
    for conversation in chain(standing(profile), map(profile.fitted, generated(examples, seed))):
        verdict = pair.judged(conversation)
        checked += 1
        raised += isinstance(verdict.original, Raised)
        for promise in verdict.broken:
            smallest[promise] = min(conversation, smallest.get(promise, conversation), key=_size)
    failures = (pair.failure(promise, found) for promise, found in smallest.items())
    return Report(tuple(sorted(failures, key=_length)), checked, raised)


@cache
def generated(examples: int, seed: int) -> tuple[Draft, ...]:
    """The drafts of a seed, generated once for all templates."""
    from hypothesis import HealthCheck, Phase, Verbosity, given, settings
    from hypothesis import seed as seeded

    found: list[Draft] = []

    # Everything that an environment or a profile of Hypothesis could change is said.
    @seeded(seed)
    @settings(
        max_examples=examples,
        phases=(Phase.generate,),
        database=None,
        deadline=None,
        derandomize=False,
        print_blob=False,
        suppress_health_check=tuple(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    @given(drafts())
    def collect(draft: Draft) -> None:
        found.append(draft)

    with _nothing_left_behind():
        collect()
    return tuple(found)


@contextmanager
def _nothing_left_behind() -> Iterator[None]:
    """Keep what Hypothesis caches out of the folder that the user works in."""
    from hypothesis.configuration import set_hypothesis_home_dir, storage_directory

    home = storage_directory(intent_to_write=False).home_directory
    with TemporaryDirectory() as folder:
        set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            set_hypothesis_home_dir(home)


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What both templates made of a conversation, and the promises that this breaks."""

    original: Outcome
    variant: Outcome
    broken: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Pair:
    """The two templates, and what is promised of them."""

    original: str
    variant: str
    contract: Contract
    masks: MaskJudge

    def judged(self, conversation: Conversation) -> _Verdict:
        original = render(self.original, conversation)
        variant = render(self.variant, conversation)
        return _Verdict(original, variant, tuple(self._broken(conversation, original, variant)))

    def _broken(
        self, conversation: Conversation, original: Outcome, variant: Outcome
    ) -> Iterator[str]:
        if promise := self.contract.broken(conversation, original, variant):
            yield promise
        if isinstance(variant, Rendered):
            yield from self.masks.broken(conversation, variant)
            if self.contract.keeps_turns and not self._keeps_turns(conversation, variant):
                yield KEPT_TURNS

    def _keeps_turns(self, conversation: Conversation, variant: Rendered) -> bool:
        """Whether the text begins with that of each shorter conversation the assistant ends."""
        messages = conversation.messages
        if conversation.add_generation_prompt:
            return True
        for end in range(1, len(messages)):
            if messages[end - 1].get("role") == ASSISTANT:
                before = render(self.variant, replace(conversation, messages=messages[:end]))
                if isinstance(before, Rendered) and not variant.text.startswith(before.text):
                    return False
        return True

    def failure(self, promise: str, conversation: Conversation) -> Failure:
        """The broken promise, on as small a conversation as can be made of this one."""
        conversation = reduced(conversation, lambda less: promise in self.judged(less).broken)
        verdict = self.judged(conversation)
        original, original_mask = _printed(verdict.original)
        variant, variant_mask = _printed(verdict.variant)
        data = conversation.as_json()
        return Failure(promise, data, original, variant, original_mask, variant_mask)


def _printed(outcome: Outcome) -> tuple[str | None, tuple[tuple[int, int], ...]]:
    return (outcome.text, outcome.mask) if isinstance(outcome, Rendered) else (None, ())


def _size(conversation: Conversation) -> tuple[int, int, str]:
    return conversation.size


def _length(failure: Failure) -> tuple[int, int, str]:
    return Conversation.from_json(failure.conversation).size
