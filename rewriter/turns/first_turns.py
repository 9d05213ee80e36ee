"""An assistant's turn at the start of the conversation, which has no prompt.

Some templates print the first message as another speaker's, whoever says it. The beginning of such
a turn, if no other assistant's turn has it, opens that speaker's turn, so no model writes it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable

from rewriter.tracing.origins import Field
from rewriter.tracing.trace import Trace
from rewriter.turns.headers import SPECIAL
from rewriter.turns.openings import is_lead, lead, leading
from rewriter.turns.parts import GENERATED, OUTSIDE, PROMPT


def beginnings(turns: Iterable[tuple[Trace, int]], header: str) -> frozenset[str]:
    """The text of the assistant's turns between the header and the message text."""
    return frozenset(lead(trace, index).removeprefix(header).strip() for trace, index in turns)


def mark_first_turn(trace: Trace, kinds: list[str], own: Container[str], end: str) -> None:
    """If the first message is printed as another's turn, mark its opening and its end.

    ``own`` are the beginnings of the assistant's turns, and ``end`` is their end.
    """
    # A turn without message text ends at once.
    text = lead(trace, 0)
    if end.strip() and text.rstrip().endswith(end.strip()):
        text = text.rstrip().removesuffix(end.strip())
    rest = (at for at in range(len(text)) if text[at:].strip() and text[at:].strip() in own)
    kept = next(rest, len(text))
    places = [at for run in leading(trace, 0) for at in range(run.start, run.end)]
    if not SPECIAL.search(text[:kept]) or any(kinds[at] == PROMPT for at in places):
        return
    for at in places[:kept]:
        kinds[at] = PROMPT if kinds[at] == GENERATED else kinds[at]
    runs = trace.of_turn(0)
    said = [run.end for run in runs if isinstance(run.origin, Field) and not is_lead(run)]
    after = [at for run in runs for at in range(run.start, run.end) if said and at >= said[-1]]
    closing = "".join(trace.text[at] for at in after).strip()
    if end and not closing.startswith(end.strip()):
        for at in after:
            kinds[at] = OUTSIDE if kinds[at] == GENERATED else kinds[at]
