"""The result of a traced render: runs of characters, each with its origin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from rewriter.tracing.fields import Whose
from rewriter.tracing.origins import Field, Origin


class Run(NamedTuple):
    """A run of output characters ``[start, end)`` with one origin, one path and one turn.

    ``whose`` says who writes them, if they are from an assistant's message or a variable.
    """

    start: int
    end: int
    origin: Origin
    sites: tuple[int, ...]
    turn: int | None
    whose: Whose | None = None

    @property
    def is_role(self) -> bool:
        """Whether it is a message's role, as the message has it."""
        return isinstance(self.origin, Field) and self.origin.path == ("role",)

    def is_of(self, message: int | None) -> bool:
        """Whether it is from a field of this message."""
        return isinstance(self.origin, Field) and self.origin.message == message


@dataclass(frozen=True)
class Trace:
    """A rendered conversation.

    ``runs`` cover the text without a gap; ``generated`` are the spans of its ``generation``
    blocks as transformers finds them; ``evaluated`` has the keys of the `Source`s that came to
    something, each with the turn in which it did, and ``empty`` those that came to nothing.
    """

    text: str
    runs: tuple[Run, ...]
    generated: tuple[tuple[int, int], ...]
    evaluated: frozenset[tuple[int, int | None]] = frozenset()
    empty: frozenset[tuple[int, int | None]] = frozenset()

    def of_turn(self, index: int) -> Sequence[Run]:
        """The runs of the turn of message ``index``."""
        return self._by_turn.get(index, ())

    @cached_property
    def _by_turn(self) -> Mapping[int | None, Sequence[Run]]:
        found: dict[int | None, list[Run]] = {}
        for run in self.runs:
            found.setdefault(run.turn, []).append(run)
        return found

    @cached_property
    def last_turn_end(self) -> int:
        """The end of the last text printed in a turn."""
        return max((run.end for run in self.runs if run.turn is not None), default=0)
