"""Which tokens spans of characters have, by what transformers does since 5.24.

A token is trained if it overlaps a span. Source: ``apply_chat_template`` in transformers'
``tokenization_utils_base.py``. It asks about every token; the offsets are in order, so here they
are searched.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

_START: Final = itemgetter(0)
_END: Final = itemgetter(1)


@dataclass(frozen=True, slots=True)
class SpelledText:
    """A text in tokens: for each its number, and which characters it stands for.

    Without a tokenizer each character stands for itself: ``ids`` is ``None``.
    """

    size: int
    ids: Sequence[int] | None = None
    offsets: Sequence[tuple[int, int]] = ()

    def overlapping(self, start: int, end: int) -> range:
        """The tokens that overlap a span of characters."""
        if self.ids is None:
            return range(start, end)
        return range(bisect_right(self.offsets, start, key=_END), self.begun_before(end))

    def begun_before(self, at: int) -> int:
        """How many tokens begin before a character."""
        return at if self.ids is None else bisect_left(self.offsets, at, key=_START)

    def is_cut_at(self, at: int) -> bool:
        """Whether a token goes on across the place before a character."""
        before = self.begun_before(at) - 1
        return self.ids is not None and before >= 0 and _END(self.offsets[before]) > at
