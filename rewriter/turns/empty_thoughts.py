"""Empty thoughts, which a template inserts if the message has none."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import chain, groupby
from typing import Final

from rewriter.source.lexer import Span
from rewriter.tracing.origins import Literal
from rewriter.tracing.trace import Run, Trace
from rewriter.turns.headers import Cue
from rewriter.turns.openings import EMPTY_THOUGHT, lead
from rewriter.turns.parts import (
    GENERATED,
    NO_THOUGHT,
    PREFILL,
    PROMPT,
    UNTOLD,
    EmptyThoughts,
)

_SAID: Final = (GENERATED, PREFILL, UNTOLD)


def mark_empty_thoughts(
    trace: Trace,
    index: int,
    kinds: list[str],
    chosen: EmptyThoughts | None,
    prefills: Iterable[str],
    arms: Sequence[Span],
) -> frozenset[str]:
    """Mark the empty thoughts in the turn of message ``index`` as they were ``chosen`` to be.

    They are recognised by the names of their tags, or as ``prefills`` of some prompt. Without a
    choice, the policy decides on those that a single text of the template, or one of the ``arms``
    that only print such text, both opens and closes. Tags around a real thought may enclose nothing
    too, but must stay in the mask for real ones. If they are prompted, every empty thought at the
    beginning of a turn is outside the mask, prefilled or not. If they are generated, they count as
    message text, except for what the prompt prints.

    Returns their texts, as far as they follow the header.
    """
    known = (EMPTY_THOUGHT, *(re.compile(rf"\s*{re.escape(each)}\s*") for each in prefills))
    first = next((run.start for run in trace.of_turn(index)), 0)

    def may_be_prompted(places: Sequence[int]) -> bool:
        """Only text at the beginning of a turn can be prompted."""
        return bool(places) and (places[0] == first or kinds[places[0] - 1] == PROMPT)

    def of_kinds(start: int, end: int, wanted: Container[str]) -> list[int]:
        return [at for at in range(start, end) if kinds[at] in wanted]

    shown: set[str] = set()
    if chosen == "prompted":
        for start, end in _empty_thoughts(trace, index, known):
            places = of_kinds(start, end, _SAID)
            if may_be_prompted(places):
                shown.add(_shown(trace, places))
                _mark(kinds, places, NO_THOUGHT)
    elif chosen is None:
        for start, end in _told_by_themselves(trace, index, arms, known):
            for found in _found(known, trace.text, start, end):
                places = of_kinds(*found.span(), GENERATED)
                # A prefill may be only ``</think>``, which also closes real thoughts.
                if places and (found.re is EMPTY_THOUGHT or may_be_prompted(places)):
                    shown.add(_shown(trace, of_kinds(*found.span(), _SAID)))
                    _mark(kinds, places, PREFILL)
    return frozenset(shown)


def _shown(trace: Trace, places: Sequence[int]) -> str:
    return trace.text[places[0] : places[-1] + 1]


def _mark(kinds: list[str], places: Iterable[int], kind: str) -> None:
    for at in places:
        kinds[at] = kind


def _told_by_themselves(
    trace: Trace, index: int, arms: Sequence[Span], known: Sequence[re.Pattern[str]]
) -> Iterator[tuple[int, int]]:
    """The stretches of a turn that are one text of the template, or the text of one of ``arms``."""
    for row in _rows(trace, index):
        # A text that is captured and printed in slices still counts as one.
        for _, same in groupby(row, key=_text_of):
            runs = [*same]
            yield runs[0].start, runs[-1].end
        has_thought = any(_found(known, trace.text, row[0].start, row[-1].end))
        for arm in arms if has_thought else ():
            held = [run for run in row if _stands_in(run, arm)]
            if held:
                yield held[0].start, held[-1].end


def _text_of(run: Run) -> int | None:
    """Which text of the template prints a run."""
    return run.origin.at if isinstance(run.origin, Literal) else None


def _stands_in(run: Run, arm: Span) -> bool:
    places = (*run.sites, run.origin.at) if isinstance(run.origin, Literal) else run.sites
    return arm.holds(*places)


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
    """The turn's own text, in unbroken sequences of runs."""
    row: list[Run] = []
    for run in trace.of_turn(index):
        is_own = isinstance(run.origin, Literal)
        if row and not (is_own and run.start == row[-1].end):
            yield row
            row = []
        if is_own:
            row.append(run)
    if row:
        yield row
