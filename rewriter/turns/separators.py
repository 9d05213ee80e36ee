"""White space that a template prints between two texts of one message.

A loop prints it after the last of them, too. There it is as little the turn's end as between the
others, unless the end of every turn precedes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rewriter.tracing.origins import UNKNOWN, Field, Literal, Origin
from rewriter.tracing.trace import Run, Trace
from rewriter.turns.openings import is_lead

# A run, and the index of one of its characters.
Printed: TypeAlias = tuple[Run, int]


@dataclass(frozen=True, slots=True)
class Separators:
    """The separators, with the text before each, and the end of a plain answer, if it has one.

    ``turn_end`` is the last word of that end.
    """

    pairs: frozenset[tuple[Origin, Origin]] = frozenset()
    turn_end: str = ""

    def holds(self, before: Printed, run: Run, at: int) -> bool:
        """Whether the character ``at`` of a run is a separator when it follows ``before``."""
        return (_written(*before), _written(run, at)) in self.pairs

    def ends(self, trace: Trace, run: Run, at: int) -> bool:
        """Whether the end of a plain answer ends with the character ``at`` of a run."""
        said = isinstance(run.origin, Field) or not self.turn_end
        return not said and trace.text.endswith(self.turn_end, 0, at + 1)

    def after_ends(
        self, trace: Trace, own: Sequence[Run], last: Iterable[Printed]
    ) -> Iterator[int]:
        """Where a turn prints one of the ``last`` characters after an end, at any place in it."""
        trailing = {_written(run, at) for run, at in last}
        before: Printed | None = None
        for run in own if trailing else ():
            for at in range(run.start, run.end):
                if not trace.text[at].isspace():
                    before = run, at
                elif before and _written(run, at) in trailing and self.ends(trace, *before):
                    yield at


def separators(answered: Iterable[Trace], repeated: Iterable[tuple[Trace, int]]) -> Separators:
    """Learn them from plain answers, each the second message, and from turns with several texts.

    A template may print nothing for an answer in a form that it does not expect.
    """
    found = frozenset(each for trace, index in repeated for each in _between(trace, index))
    if not found:
        return Separators()
    return Separators(found, next(filter(None, (_end(trace, 1) for trace in answered)), ""))


def _written(run: Run, at: int) -> Origin:
    """The origin of the character ``at`` of a run, and its place in the template."""
    if not isinstance(run.origin, Literal):
        return run.origin
    return Literal(run.origin.at, run.origin.index + at - run.start)


def _between(trace: Trace, index: int) -> Iterator[tuple[Origin, Origin]]:
    own = [(run, at) for run in _printed_in(trace, index) for at in range(run.start, run.end)]
    # What the template prints after all message text, such as a remark, is no text of the message.
    said = [at for run, at in own if not is_lead(run)]
    words = said or [at for _, at in own if not trace.text[at].isspace()]
    last = max(words, default=0)
    before: Origin = UNKNOWN
    for run, at in own:
        if not trace.text[at].isspace():
            before = _written(run, at)
        elif at < last and isinstance(run.origin, Literal):
            yield before, _written(run, at)


def _end(trace: Trace, index: int) -> str:
    own = _printed_in(trace, index)
    said = max((run.end for run in own if not is_lead(run)), default=0)
    words = "".join(trace.text[run.start : run.end] for run in own if run.start >= said).split()
    return words[-1] if said and words else ""


def _printed_in(trace: Trace, index: int) -> Sequence[Run]:
    return trace.of_turn(index)
