"""Identify the fault that breaks a promise, to report each fault once.

A promise can be broken in several ways, and each way shows in many places: if text is lost, any
other text may follow in its place; if there is too much text, any text may be displaced.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from rewriter.verification.blame import Culprit

# A promise, how it is broken, and the piece of a source that breaks it, if there is one.
Cause: TypeAlias = tuple[str, str, int | None]

_WRONG, _MISSING = "wrong", "missing"


@dataclass(frozen=True, slots=True)
class Fault:
    """A way of breaking a promise.

    Attributes:
        promise: the broken promise.
        causes: what may be wrong in a source; any of them is enough.

    """

    promise: str
    causes: frozenset[Cause]


@dataclass(frozen=True, slots=True)
class Departure:
    """A difference between a text and the expected text.

    Attributes:
        at: the first character that differs.
        expected, printed: the two texts.
        missing, surplus: the source of the character in each, if known.
        roles: the role of each turn.

    """

    at: int
    expected: str
    printed: str
    missing: Culprit | None
    surplus: Culprit | None
    roles: tuple[str, ...]

    def fault(self, promise: str) -> Fault:
        """The fault that explains this difference."""
        causes = frozenset((promise, *cause) for cause in self._causes())
        return Fault(promise, causes) if causes else printed_wrongly(promise, None)

    def _causes(self) -> Iterator[tuple[str, int]]:
        missing, surplus = self.missing, self.surplus
        displaced = self._is_of_later_turn and self._goes_on_after_the_surplus
        if surplus and not surplus.after:
            instead = self._is_of_later_turn and not displaced
            yield f"instead of {self._speaker}" if instead else _WRONG, surplus.piece
        if missing and not missing.after and not displaced:
            yield _MISSING, missing.piece

    @property
    def _is_of_later_turn(self) -> bool:
        """Whether the surplus is where a turn later than its own should begin."""
        missing, surplus = self.missing, self.surplus
        if not missing or not surplus or surplus.after or surplus.turn is None:
            return False
        return missing.turn is None or missing.turn > surplus.turn

    @property
    def _goes_on_after_the_surplus(self) -> bool:
        """Whether the expected text follows the surplus."""
        missing, surplus = self.missing, self.surplus
        if not missing or not surplus:
            return False
        rest = self.expected[self.at : missing.end]
        return self.printed.startswith(rest, self.at + surplus.end - surplus.start)

    @property
    def _speaker(self) -> str:
        turn = self.missing.turn if self.missing else None
        return "nobody" if turn is None else self.roles[turn]


def printed_wrongly(promise: str, piece: int | None) -> Fault:
    """The fault of a piece of the variant that prints wrong text."""
    return Fault(promise, frozenset({(promise, _WRONG, piece)}))


def most_telling(faults: Iterable[Fault]) -> Cause:
    """The cause that explains the most faults; of equals, the first."""
    counted = Counter(cause for fault in faults for cause in sorted(fault.causes, key=str))
    ((cause, _),) = counted.most_common(1)
    return cause
