"""Check which text is inside or outside a mask."""

from __future__ import annotations

from dataclasses import dataclass, field

from rewriter.tracing.conversation import Conversation
from rewriter.verification.by_rendering.faults import Fault
from rewriter.verification.by_rendering.reading import Printed


@dataclass
class Checks:
    """Collects the faults of one rendered conversation."""

    conversation: Conversation
    printed: Printed
    faults: list[Fault] = field(default_factory=list)

    def inside(self, start: int, end: int, promise: str) -> None:
        """Require everything between the offsets, except white space, to be in the mask."""
        self._ask(start, end, promise, wanted=True)

    def outside(self, start: int, end: int, promise: str, *, white: bool = False) -> None:
        """Require it to be outside the mask; white space too, if ``white``."""
        self._ask(start, end, promise, wanted=False, white=white)

    def fault(self, offset: int, promise: str) -> None:
        """Record that the promise is broken at the offset."""
        self.faults.append(
            Fault(promise, self.conversation, offset, self.printed.text, self.printed.mask)
        )

    def _ask(
        self, start: int, end: int, promise: str, *, wanted: bool, white: bool = False
    ) -> None:
        text, inside = self.printed.text, self.printed.inside
        for at in range(max(0, start), min(end, len(text))):
            if bool(inside[at]) != wanted and (white or not text[at].isspace()):
                self.fault(at, promise)
                return
