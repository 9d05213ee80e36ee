"""Rendered text in stretches of one source, and how far two of them agree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from rewriter.tracing.origins import Literal, Origin
from rewriter.tracing.trace import Trace
from rewriter.turns.headers import SPECIAL, agreement
from rewriter.turns.openings import ROLE_WORD

# Text, with its origin and the sites that passed it on.
Stretch: TypeAlias = tuple[str, Origin, tuple[int, ...]]


def stretches_of(trace: Trace, start: int = 0) -> Sequence[Stretch]:
    """The text from ``start`` on, one stretch per run."""
    found: list[Stretch] = []
    for run in trace.runs:
        at = max(run.start, start)
        if at < run.end:
            origin = run.origin
            if isinstance(origin, Literal):
                origin = Literal(origin.at, origin.index + at - run.start)
            found.append((trace.text[at : run.end], origin, run.sites))
    return found


def text_of(stretches: Iterable[Stretch]) -> str:
    """Their text, joined."""
    return "".join(text for text, _, _ in stretches)


def header_end(prompt: Sequence[Stretch], other: Sequence[Stretch]) -> int:
    """Where the header in a prompt ends, judging by another prompt of the template.

    If the other only adds text before the header's close, the header ends at the same close here.
    If it differs before the role is named, the header stays whole.
    """
    text, others = text_of(prompt), text_of(other)
    end = shared_start(prompt, other) or agreement(text, others)
    close, more = text[end:], others[end:]
    if (named := ROLE_WORD.search(close)) and (too := ROLE_WORD.search(more)):
        return end + named.start() + agreement(close[named.start() :], more[too.start() :])
    within = more.removesuffix(close) if more.endswith(close) else ""
    is_close = bool(close.strip()) or "\n" in close
    is_closed = is_close and bool(within) and not ("\n" in within or SPECIAL.search(within))
    return len(text) if is_closed else end


def shared_start(one: Sequence[Stretch], other: Sequence[Stretch]) -> int:
    """The length of the common start, in which text and source agree."""
    length = 0
    for (mine, *who), (its, *by) in zip(one, other, strict=False):
        if (mine, who) != (its, by):
            same = who == by
            return length + (agreement(mine, its) if same else 0)
        length += len(mine)
    return length
