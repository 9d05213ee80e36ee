"""Headers of other speakers that the template prints within an assistant's turn."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

from rewriter.tracing.trace import Run, Trace
from rewriter.turns.headers import SPECIAL
from rewriter.turns.openings import is_lead, lead
from rewriter.turns.parts import ASSISTANT, GENERATED, OUTSIDE, PROMPT, TRAILING, UNTOLD

_WORD: Final = re.compile(r"[^\W\d_]{2,}")
_CLOSING_TAG: Final = re.compile(r"<\|?/\|?[\w:-]+\|?>|\[/\w+\]")


def headers_of_others(trace: Trace, messages: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """The beginnings of others' turns, if these print message text."""
    others = (n for n, message in enumerate(messages) if message.get("role") != ASSISTANT)
    return frozenset(
        lead(trace, index)
        for index in others
        if any(_is_said(run, index) for run in trace.of_turn(index))
    )


def openers_of_results(
    trace: Trace, messages: Sequence[Mapping[str, Any]], end: str
) -> frozenset[str]:
    """The tags after calls that results' turns close without having opened them.

    The white space before a tag comes with it. ``end`` is the end of turns, which is no opener.
    """
    found: set[str] = set()
    for index, (call, result) in enumerate(pairwise(messages)):
        if (call.get("role"), result.get("role")) == (ASSISTANT, "tool"):
            called, closed = (_after_said(trace, each) for each in (index, index + 1))
            for tag, opener in _opened(closed):
                opened = re.search(rf"\s*{re.escape(opener)}", called)
                if opened and opener not in lead(trace, index + 1) and end not in (tag, opener):
                    found.add(opened.group())
    return frozenset(found)


def _after_said(trace: Trace, index: int) -> str:
    """The template's own text of a turn after its message text."""
    own = trace.of_turn(index)
    last = max((run.end for run in own if _is_said(run, index)), default=None)
    after = (run for run in own if last is not None and run.start >= last)
    return "".join(trace.text[run.start : run.end] for run in after)


def _opened(text: str) -> Iterator[tuple[str, str]]:
    """The closing tags in a text, each with the tag that it closes."""
    for found in _CLOSING_TAG.finditer(text):
        yield found.group(), found.group().replace("/", "", 1)


def mark_other_speakers(
    trace: Trace,
    index: int,
    headers: Iterable[str],
    end: str,
    kinds: list[str],
    *,
    rough: bool,
) -> None:
    """Mark the ``headers`` of others that the turn of message ``index`` prints after its own.

    The text after one is marked too, before the first and after the last message text: it is
    nobody's, or the other speaker's. ``end`` is the end of turns, which the next one may begin
    with. Before the first message text, the beginning of another's turn may be that of every turn:
    plans (``rough``) leave it out, a mask may or may not.
    """
    own = trace.of_turn(index)
    said = [run.end for run in own if _is_said(run, index)]
    headed = [at + 1 for r in own for at in range(r.start, r.end) if kinds[at] == PROMPT]
    begins = max(headed, default=said[0] if said else len(trace.text))
    said = said or [begins]
    for start, stop in _occurrences(trace, index, headers, end):
        is_last = stop == own[-1].end and SPECIAL.fullmatch(trace.text[start:stop].strip())
        # A single token at the end may be the stop token of the turn.
        if start < begins or is_last:
            continue
        # Before the first and after the last message text, the following text is the other's too.
        if start < said[0]:
            stop = max(stop, next(run.start for run in own if run.end == said[0]))
        begins_all = index == 0 and start < said[0]
        other = UNTOLD if begins_all and not rough else OUTSIDE
        for run in own:
            until = run.end if start >= said[-1] else min(run.end, stop)
            for at in range(max(run.start, start), until):
                kinds[at] = other if kinds[at] in (GENERATED, TRAILING) else kinds[at]


def _occurrences(
    trace: Trace, index: int, headers: Iterable[str], end: str
) -> Iterator[tuple[int, int]]:
    """Where the template's own text in a turn has a header, including the white space around it."""
    own = trace.of_turn(index)
    for header in (each for each in headers if _names_speaker(each) and each.strip() != end):
        # What the next turn prints may be the white space of a header.
        until = own[-1].end + len(header) - len(header.rstrip()) if own else 0
        for found in _spelled(header).finditer(trace.text, own[0].start, until) if own else ():
            start, stop = found.span()
            over = (run for run in trace.runs if run.start < stop and start < run.end)
            if all(run.turn == index and is_lead(run) for run in over):
                yield start, stop


@lru_cache(maxsize=256)
def _spelled(header: str) -> re.Pattern[str]:
    before, after = header[: len(header) - len(header.lstrip())], header[len(header.rstrip()) :]
    bare = header.strip()
    return re.compile(f"(?:{re.escape(before)})?{re.escape(bare)}(?:{re.escape(after)})?")


def _names_speaker(header: str) -> bool:
    return SPECIAL.search(header) is not None or _WORD.search(header) is not None


def _is_said(run: Run, index: int) -> bool:
    return run.is_of(index) and not is_lead(run)
