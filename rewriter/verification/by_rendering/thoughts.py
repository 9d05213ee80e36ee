"""Where a text opens a thought, as far as its tag tells."""

from __future__ import annotations

import re
from typing import Final

from rewriter.verification.by_rendering.pieces import pieces

_THOUGHT: Final = re.compile(r"[<\[][^<>\[\]\s]*(?:think|thought|reason)", re.IGNORECASE)
# A tag that closes opens nothing, even if the token after it reads like another one.
_OPENING: Final = r"<(?!\|?(?:/|end))[^<>]*>|\[(?!/)[^\[\]]*\]"
_NO_THOUGHT: Final = re.compile(
    rf"(?P<opening>{_OPENING})\s*(?:<\|?(?:/|end)[^<>]*>|\[/[^\[\]]*\])", re.IGNORECASE
)


def until_thought(text: str) -> str:
    """The text up to the opening of a thought."""
    at = 0
    for piece in pieces(text):
        if _THOUGHT.match(piece):
            return text[:at]
        at += len(piece)
    return text


def empty_thought(text: str) -> re.Match[str] | None:
    """Where a text first opens a thought (``opening``), if that is closed at once."""
    return _NO_THOUGHT.match(text, len(until_thought(text)))
