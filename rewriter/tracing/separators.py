"""White space that a template prints between two things that the assistant says.

A loop prints it behind the last of them too. There it is no more the end of the turn than between
the others, unless what ends every turn stands before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rewriter.tracing.leads import is_lead
from rewriter.tracing.provenance import Field, Literal
from rewriter.tracing.render import Run, Trace


@dataclass(frozen=True, slots=True)
class Separators:
    """The characters that separate, and the last word of what ends a plain answer, if any."""

    characters: frozenset[Literal] = frozenset()
    turn_end: str = ""

    def holds(self, run: Run, at: int) -> bool:
        """Whether the character ``at`` of a run is one of them."""
        return character(run, at) in self.characters

    def ends(self, trace: Trace, run: Run, at: int) -> bool:
        """Whether what ends a plain answer ends with the character ``at`` of a run."""
        said = isinstance(run.origin, Field) or not self.turn_end
        return not said and trace.text.endswith(self.turn_end, 0, at + 1)

    def behind_ends(
        self, trace: Trace, own: Sequence[Run], last: Iterable[tuple[Run, int]]
    ) -> Iterator[int]:
        """Where a turn prints one of the ``last`` characters behind an end, also further up."""
        trailing = {character(run, at) for run, at in last if self.holds(run, at)}
        is_ended = False
        for run in own if trailing else ():
            for at in range(run.start, run.end):
                if not trace.text[at].isspace():
                    is_ended = self.ends(trace, run, at)
                elif is_ended and character(run, at) in trailing:
                    yield at


def separators(answered: Iterable[Trace], repeated: Iterable[tuple[Trace, int]]) -> Separators:
    """Learnt from plain answers, each the second message, and from turns that say several things.

    A template may print nothing of an answer that is not of the shape that it expects.
    """
    found = frozenset(each for trace, index in repeated for each in _between(trace, index))
    if not found:
        return Separators()
    return Separators(found, next(filter(None, (_end(trace, 1) for trace in answered)), ""))


def character(run: Run, at: int) -> Literal | None:
    """Where in the template the character ``at`` of a run is written."""
    if not isinstance(run.origin, Literal):
        return None
    return Literal(run.origin.at, run.origin.index + at - run.start)


def _between(trace: Trace, index: int) -> Iterator[Literal]:
    own = [(run, at) for run in _printed_in(trace, index) for at in range(run.start, run.end)]
    last = max((at for _, at in own if not trace.text[at].isspace()), default=0)
    for run, at in own:
        written = character(run, at)
        if written and at < last and trace.text[at].isspace():
            yield written


def _end(trace: Trace, index: int) -> str:
    own = _printed_in(trace, index)
    said = max((run.end for run in own if not is_lead(run)), default=0)
    words = "".join(trace.text[run.start : run.end] for run in own if run.start >= said).split()
    return words[-1] if said and words else ""


def _printed_in(trace: Trace, index: int) -> Sequence[Run]:
    return [run for run in trace.runs if run.turn == index]
