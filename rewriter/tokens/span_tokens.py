"""Which tokens of a text transformers trains, from the spans of its ``generation`` blocks.

Source: ``apply_chat_template`` in transformers' ``tokenization_utils_base.py``. transformers goes
through every token; since the offsets are sorted, this module searches them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

from rewriter.tracing.installed_transformers import masks_what_overlaps

_START: Final = itemgetter(0)
_END: Final = itemgetter(1)


@dataclass(frozen=True, slots=True)
class SpelledText:
    """A text in tokens: their ids, and the characters that each stands for.

    Without a tokenizer, each character is a token, and ``ids`` is ``None``.
    """

    size: int
    ids: Sequence[int] | None = None
    offsets: Sequence[tuple[int, int]] = ()

    def trained(self, start: int, end: int) -> range | None:
        """The tokens that a span puts into the mask.

        ``None`` if transformers before 5.24 finds no token for the first character, and masks
        nothing from there on.
        """
        if self.ids is None:
            return range(start, end)
        if masks_what_overlaps():
            return range(bisect_right(self.offsets, start, key=_END), self.begun_before(end))
        first, last = self._token_of(start), self._token_of(end - 1)
        if first is None:
            return None
        # It also mistakes token 0 for no token.
        return range(first, last + 1 if last else self.size)

    def _token_of(self, character: int) -> int | None:
        """The first token that stands for a character, if there is one."""
        at = bisect_right(self.offsets, character, key=_END)
        return at if at < self.size and _START(self.offsets[at]) <= character else None

    def begun_before(self, at: int) -> int:
        """How many tokens begin before a character."""
        return at if self.ids is None else bisect_left(self.offsets, at, key=_START)

    def is_cut_at(self, at: int) -> bool:
        """Whether a token crosses the boundary before a character."""
        before = self.begun_before(at) - 1
        return self.ids is not None and before >= 0 and _END(self.offsets[before]) > at
