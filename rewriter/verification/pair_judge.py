"""Judge a variant on one conversation against its original."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from rewriter.conversations.first_look import FirstLook, Outcomes
from rewriter.conversations.rendering import Outcome, Raised, Rendered, render
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.render import TracedTemplate
from rewriter.turns.headers import agreement
from rewriter.turns.parts import ASSISTANT
from rewriter.verification.blame import printed_by
from rewriter.verification.broken import Broken
from rewriter.verification.contracts import KEPT_TURNS, SAME_TEXT, Contract
from rewriter.verification.faults import Departure, Fault
from rewriter.verification.judge import (
    RENDERS,
    Verdict,
    fault_of_variant,
    has_odd_spans,
)
from rewriter.verification.kept_turns import is_answered, with_own_identifiers, without_stop
from rewriter.verification.mask import MaskJudge


@dataclass(frozen=True)
class PairJudge:
    """Judges a variant against its original and its contract."""

    original: str
    variant: str
    contract: Contract
    masks: MaskJudge
    must_render: bool = False
    is_masked: bool = True

    def first_look(self) -> FirstLook:
        """What looks at conversations for it."""
        return FirstLook(self.original, self.variant)

    def suspects(self, outcomes: Outcomes) -> bool:
        """Whether the outcomes show a broken promise: another text, or wrong spans."""
        unrendered = self.must_render and isinstance(outcomes.original, Raised)
        return self.differs(outcomes) or unrendered or has_odd_spans(outcomes.variant)

    def differs(self, outcomes: Outcomes) -> bool:
        """Whether the text differs from the promised one, or one of the two raises."""
        assert outcomes.original is not None, "a pair has an original"
        given = outcomes.conversation, outcomes.original, outcomes.variant
        return self.contract.broken(*given) is not None

    def fault(self, conversation: Conversation, broken: Broken) -> Fault:
        """The fault, identified by the sources of the wrong and of the missing text."""
        if broken.promise != SAME_TEXT or broken.at is None:
            return fault_of_variant(self.masks.traced, conversation, broken)
        departure = Departure(
            broken.at,
            *broken.texts,
            missing=printed_by(self.traced_original, conversation, broken.at),
            surplus=printed_by(self.masks.traced, conversation, broken.at),
            roles=tuple(str(message.get("role")) for message in conversation.messages),
        )
        return departure.fault(broken.promise)

    @cached_property
    def traced_original(self) -> TracedTemplate:
        """The original, ready to tell what printed a character."""
        return TracedTemplate(self.original)

    def judged(
        self, conversation: Conversation, original: Outcome | None = None, *, masks: bool = True
    ) -> Verdict:
        """The verdict on both texts, and the variant's mask."""
        original = original or render(self.original, conversation)
        variant = render(self.variant, conversation)
        broken = self._broken(conversation, original, variant, masks=masks)
        return Verdict(original, variant, tuple(broken))

    def _broken(
        self, conversation: Conversation, original: Outcome, variant: Outcome, *, masks: bool
    ) -> Iterator[Broken]:
        if self.must_render and isinstance(original, Raised):
            yield Broken(RENDERS)
        if promise := self.contract.broken(conversation, original, variant):
            yield self._difference(promise, conversation, original, variant)
        if masks and isinstance(variant, Rendered):
            if self.is_masked:
                yield from self.masks.faults(conversation, variant)
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
        texts = expected.text, variant.text
        return Broken(promise, agreement(*texts), texts)

    def _changed_turn(self, conversation: Conversation, variant: Rendered) -> int | None:
        """Where the text changes an assistant's turn of a shorter conversation."""
        changed = self._first_changed(conversation, variant)
        own = with_own_identifiers(conversation)
        if changed is None or own == conversation:
            return changed
        renamed = render(self.variant, own)
        if isinstance(renamed, Rendered) and self._first_changed(own, renamed) is None:
            return None
        return changed

    def _first_changed(self, conversation: Conversation, variant: Rendered) -> int | None:
        messages = conversation.messages
        if conversation.add_generation_prompt:
            return None
        for end in range(1, len(messages)):
            if messages[end - 1].get("role") == ASSISTANT and is_answered(messages, end):
                shorter = replace(conversation, messages=messages[:end])
                before = render(self.variant, shorter)
                if isinstance(before, Raised):
                    continue
                kept = without_stop(shorter, before.text, self.contract.stops)
                if not variant.text.startswith(kept):
                    return agreement(kept, variant.text)
        return None
