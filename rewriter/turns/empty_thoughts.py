"""Empty thoughts, which a template inserts if the message has none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final

from rewriter.tracing.origins import Literal
from rewriter.tracing.trace import Run, Trace
from rewriter.turns.headers import Cue
from rewriter.turns.openings import EMPTY_THOUGHT, lead
from rewriter.turns.parts import GENERATED, NO_THOUGHT, PREFILL, PROMPT, UNTOLD

_SAID: Final = (GENERATED, PREFILL, UNTOLD)


def mark_empty_thoughts(
    trace: Trace, index: int, kinds: list[str], prefills: Iterable[str]
) -> frozenset[str]:
    """Mark the empty thoughts that the turn of message ``index`` begins with as nobody's.

    They are recognised by the names of their tags, or as ``prefills`` of some prompt. What opens
    one may stand before the turn, printed together with the header.

    Returns their texts, as far as they stand in the turn.
    """
    known = (EMPTY_THOUGHT, *(re.compile(rf"\s*{re.escape(each)}\s*") for each in prefills))
    first = next((run.start for run in trace.of_turn(index)), 0)
    shown: set[str] = set()
    for start, end in _empty_thoughts(trace, index, known):
        places = [at for at in range(start, end) if kinds[at] in _SAID]
        own = [at for at in places if at >= first]
        # Only text at the beginning of a turn can be prompted.
        if own and (places[0] == first or kinds[places[0] - 1] == PROMPT):
            shown.add(trace.text[own[0] : own[-1] + 1])
            for at in own:
                kinds[at] = NO_THOUGHT
    return frozenset(shown)


def mark_flagged_thought(trace: Trace, index: int, cue: Cue, kinds: list[str]) -> None:
    """Mark an empty thought at the beginning of a turn that the prompt prints only under flags.

    By default it is generated; in a variant that tests the same flags as the prompt, it is
    prompted.
    """
    start = lead(trace, index).find(cue.text)
    if start < 0 or not EMPTY_THOUGHT.fullmatch(cue.prefill):
        return
    places = [at for run in trace.of_turn(index) for at in range(run.start, run.end)]
    for at in places[start + len(cue.role) : start + len(cue.text)]:
        kinds[at] = UNTOLD if kinds[at] == GENERATED else kinds[at]


def _found(
    known: Iterable[re.Pattern[str]], text: str, start: int, end: int
) -> Iterator[re.Match[str]]:
    return chain.from_iterable(each.finditer(text, start, end) for each in known)


def _empty_thoughts(
    trace: Trace, index: int, known: Sequence[re.Pattern[str]]
) -> Iterator[tuple[int, int]]:
    """The thoughts that contain only the template's own text.

    White space around one belongs to it as far as it is printed together with a tag.
    """
    for row in _rows(trace, index):
        start, end = row[0].start, row[-1].end
        for found in _found(known, trace.text, start, end):
            shown = found.group()
            opens = found.end() - len(shown.lstrip())
            closes = found.start() + len(shown.rstrip())
            first = next(run.start for run in row if run.start <= opens < run.end)
            last = next(run.end for run in row if run.start < closes <= run.end)
            yield max(found.start(), first), min(found.end(), last)


def _rows(trace: Trace, index: int) -> Iterator[list[Run]]:
    """The turn's own text, in unbroken sequences of runs; the first goes on before the turn."""
    row = _before(trace, index)
    for run in trace.of_turn(index):
        is_own = isinstance(run.origin, Literal)
        if row and not (is_own and run.start == row[-1].end):
            yield row
            row = []
        if is_own:
            row.append(run)
    if row:
        yield row


def _before(trace: Trace, index: int) -> list[Run]:
    """The template's own text right before a turn."""
    at = next((run.start for run in trace.of_turn(index)), 0)
    found: list[Run] = []
    for run in reversed([run for run in trace.runs if run.end <= at]):
        if run.end != at or not isinstance(run.origin, Literal):
            break
        found.append(run)
        at = run.start
    return found[::-1]
