"""Headers of other speakers that the template prints within an assistant's turn."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from rewriter.tracing.provenance import Field
from rewriter.tracing.trace import Run, Trace
from rewriter.turns.headers import SPECIAL
from rewriter.turns.openings import is_lead
from rewriter.turns.parts import GENERATED, OUTSIDE, PROMPT, TRAILING

_WORD: Final = re.compile(r"[^\W\d_]{2,}")


def mark_other_speakers(
    trace: Trace, index: int, headers: Iterable[str], end: str, kinds: list[str]
) -> None:
    """Mark the ``headers`` that the turn of message ``index`` prints behind what is said.

    So is what follows the last word there: nobody's, or what the other speaker is to say. ``end``
    is what turns end in, which the next one may begin with.
    """
    own = [run for run in trace.runs if run.turn == index]
    said = [run.end for run in own if _is_said(run, index)] or [_header_end(own, kinds)]
    text = trace.text
    for header in (each for each in headers if _names_speaker(each) and each.strip() != end):
        bare = header.strip()
        space = header[header.index(bare) + len(bare) :]
        for found in re.finditer(f"{re.escape(bare)}(?:{re.escape(space)})?", text):
            start, stop = found.span()
            over = [run for run in trace.runs if run.start < stop and start < run.end]
            if start < said[0] or not all(r.turn == index and is_lead(r) for r in over):
                continue
            for run in own:
                until = run.end if start >= said[-1] else min(run.end, stop)
                for at in range(max(run.start, start), until):
                    kinds[at] = OUTSIDE if kinds[at] in (GENERATED, TRAILING) else kinds[at]


def _header_end(own: Iterable[Run], kinds: Sequence[str]) -> int:
    """Where the turn's own header ends, where it says nothing; else where the turn ends."""
    places = [at for run in own for at in range(run.start, run.end)]
    return max((at + 1 for at in places if kinds[at] == PROMPT), default=max(places, default=0) + 1)


def _names_speaker(header: str) -> bool:
    return SPECIAL.search(header) is not None or _WORD.search(header) is not None


def _is_said(run: Run, index: int) -> bool:
    return isinstance(run.origin, Field) and run.origin.message == index and not is_lead(run)
