"""What one conversation says of a variant: beside its original, and alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Protocol

from rewriter.errors import BadInput
from rewriter.source.template import Template
from rewriter.tracing.turns import ASSISTANT, Policy
from rewriter.verification.contracts import KEPT_TURNS, Contract
from rewriter.verification.conversation import Conversation
from rewriter.verification.mask import MaskJudge
from rewriter.verification.preconditions.jumps import jumps
from rewriter.verification.render import Outcome, Raised, Rendered, render

RENDERS: Final = "the template renders a conversation that it is verified on"


@dataclass(frozen=True, slots=True)
class Broken:
    """A broken promise.

    Attributes:
        promise: what should have held.
        at: the first character of the variant's text that breaks it, where one does.
        expected: the text that should be there, where it is declared to differ.

    """

    promise: str
    at: int | None = None
    expected: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the templates made of a conversation, and the promises that this breaks."""

    original: Outcome | None
    variant: Outcome
    broken: tuple[Broken, ...]

    @property
    def raised(self) -> bool:
        """Whether there was nothing to compare with, or to judge."""
        return isinstance(self.original or self.variant, Raised)

    def breaks(self, promise: str) -> bool:
        """Whether the promise is among the broken ones."""
        return any(broken.promise == promise for broken in self.broken)


class Judge(Protocol):
    """Judges a variant, one conversation at a time."""

    @property
    def masks(self) -> MaskJudge:
        """The judge of the variant's masks."""

    def judged(self, conversation: Conversation) -> Verdict:
        """The verdict on one conversation."""


@dataclass(frozen=True, slots=True)
class Alone:
    """Judges a marked template of which no original is known.

    Attributes:
        source: the template.
        masks: the judge of its masks.
        must_render: whether it breaks a promise if it raises.

    """

    source: str
    masks: MaskJudge
    must_render: bool = False

    def judged(self, conversation: Conversation) -> Verdict:
        """The verdict on what the template prints, and its mask."""
        outcome = render(self.source, conversation)
        if isinstance(outcome, Rendered):
            broken = tuple(_mask_faults(self.masks, conversation, outcome))
        else:
            broken = (Broken(RENDERS),) if self.must_render else ()
        return Verdict(None, outcome, broken)


@dataclass(frozen=True, slots=True)
class Pair:
    """Judges a variant beside its original, by what is promised of the two."""

    original: str
    variant: str
    contract: Contract
    masks: MaskJudge

    def judged(self, conversation: Conversation) -> Verdict:
        """The verdict on both texts, and the variant's mask."""
        original = render(self.original, conversation)
        variant = render(self.variant, conversation)
        return Verdict(original, variant, tuple(self._broken(conversation, original, variant)))

    def _broken(
        self, conversation: Conversation, original: Outcome, variant: Outcome
    ) -> Iterator[Broken]:
        if promise := self.contract.broken(conversation, original, variant):
            yield self._difference(promise, conversation, original, variant)
        if isinstance(variant, Rendered):
            yield from _mask_faults(self.masks, conversation, variant)
            at = self._changed_turn(conversation, variant) if self.contract.keeps_turns else None
            if at is not None:
                yield Broken(KEPT_TURNS, at)

    def _difference(
        self, promise: str, conversation: Conversation, original: Outcome, variant: Outcome
    ) -> Broken:
        """The broken promise, with the first character that differs if both rendered."""
        expected = self.contract.expected(conversation, original)
        if not (isinstance(expected, Rendered) and isinstance(variant, Rendered)):
            return Broken(promise)
        at = _first_difference(expected.text, variant.text)
        return Broken(promise, at, expected.text if self.contract.oracle else None)

    def _changed_turn(self, conversation: Conversation, variant: Rendered) -> int | None:
        """Where the text departs from that of a shorter conversation the assistant ends."""
        messages = conversation.messages
        if conversation.add_generation_prompt:
            return None
        for end in range(1, len(messages)):
            if messages[end - 1].get("role") == ASSISTANT:
                before = render(self.variant, replace(conversation, messages=messages[:end]))
                if isinstance(before, Rendered) and not variant.text.startswith(before.text):
                    return _first_difference(before.text, variant.text)
        return None


def mask_judge(source: str, policy: Policy) -> MaskJudge:
    """The judge of a template's masks.

    Raises:
        BadInput: the template parses but does not compile.

    """
    for jump in jumps(Template(source)):
        raise BadInput(jump.message, place=jump.place, hint=jump.hint)
    return MaskJudge(source, policy)


def _mask_faults(
    masks: MaskJudge, conversation: Conversation, rendered: Rendered
) -> Iterator[Broken]:
    for promise, at in masks.faults(conversation, rendered).items():
        yield Broken(promise, at)


def _first_difference(expected: str, printed: str) -> int:
    """The index of the first character that differs; the length of the text that ends first."""
    pairs = enumerate(zip(expected, printed, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(expected), len(printed)))
