"""The spans of a mask: their order, and the characters that they hold."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import Final

from rewriter.conversations.rendering import Spans

# What `marked` says of a character.
IN: Final = "x"
OUT: Final = "."


def first_out_of_order(mask: Spans) -> int | None:
    """The start of the first span that begins before the previous one ends."""
    return next((after[0] for before, after in pairwise(mask) if before[1] > after[0]), None)


def has_empty(mask: Spans) -> bool:
    """Whether a span is empty."""
    return any(start >= end for start, end in mask)


def marked(mask: Spans, length: int) -> str:
    """``x`` for each character that the mask holds.

    The span of a block that is not where its output is printed may end after the text.
    """
    parts: list[str] = []
    position = 0
    for start, end in mask:
        parts += (OUT * (start - position), IN * (end - start))
        position = end
    return ("".join(parts) + OUT * (length - position))[:length]


def stretches(places: list[int], masked: str) -> Iterator[range]:
    """The places in runs of neighbours that are all in the mask, or all outside."""
    numbered = groupby(enumerate(places), key=lambda pair: (pair[1] - pair[0], masked[pair[1]]))
    for _, row in numbered:
        found = [at for _, at in row]
        yield range(found[0], found[-1] + 1)
