"""What a render shows of a source of text: that it was evaluated, or that it was printed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from rewriter.tracing.arms import reads
from rewriter.tracing.origins import Field, Input, Literal
from rewriter.tracing.source_places import ASSISTANT
from rewriter.tracing.sources import Source
from rewriter.tracing.trace import Trace

# Where what is read is of another message.
_OTHERS: Final = frozenset({"messages", "previtem", "nextitem"})


def is_noted(
    noted: Iterable[tuple[int, int | None]], source: Source, messages: Sequence[Mapping[str, Any]]
) -> bool:
    """Whether a source was noted in an assistant's turn."""
    return any(
        key == source.key and turn is not None and messages[turn].get("role") == ASSISTANT
        for key, turn in noted
    )


def prints(trace: Trace, source: Source, turn: int | None) -> bool:
    """Whether a turn prints what a source holds, as far as where its text comes from tells."""
    read = reads(source.node)
    is_others = not read.isdisjoint(_OTHERS)
    for run in trace.runs:
        if isinstance(run.origin, Literal) and run.origin.at == source.at:
            return True
        if run.turn == turn and isinstance(run.origin, Field):
            is_same = any(key in read for key in run.origin.path if isinstance(key, str))
            if is_same and (run.origin.message != turn) is is_others:
                return True
        if isinstance(run.origin, Input) and run.origin.name in read:
            return True
    return False
