"""The faults that the judge finds in a mask."""

from __future__ import annotations

from dataclasses import dataclass

from rewriter.conversations.rendering import Spans
from rewriter.tracing.conversation import Conversation

AROUND = 60


@dataclass(frozen=True, slots=True)
class Fault:
    """A promise that a mask breaks, and the conversation that shows it.

    Attributes:
        promise: what holds in a correct variant, as a sentence.
        conversation: the conversation that was rendered.
        offset: the fault's offset in the text, in characters.
        text: the whole rendered text.
        mask: the spans of the mask in it.

    """

    promise: str
    conversation: Conversation
    offset: int
    text: str
    mask: Spans

    @property
    def excerpt(self) -> str:
        """The text around the fault, with masked text between ⟦ and ⟧."""
        start, end = max(0, self.offset - AROUND), min(len(self.text), self.offset + AROUND)
        marks = sorted(
            [(a, 1, "⟦") for a, b in self.mask if a < b]
            + [(b, 0, "⟧") for a, b in self.mask if a < b]
        )
        shown, at = "", start
        for place, _, mark in marks:
            if start <= place <= end:
                shown += self.text[at:place] + mark
                at = place
        return shown + self.text[at:end]

    def __str__(self) -> str:
        return f"{self.promise} (at {self.offset}: {self.excerpt!r})"
