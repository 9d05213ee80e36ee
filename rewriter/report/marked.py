"""Show a printed text with its mask and the place of an error."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain
from typing import Final

from rich.text import Text

MASKED: Final = "black on green"
WRONG: Final = "bold white on red"
# How masks and errors are shown without colour.
OPEN, CLOSE, HERE = "⟦", "⟧", "▸"

# Each symbol is one character, so that the mask's offsets still hold.
_VISIBLE = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\n\t"}
_VISIBLE |= dict.fromkeys(range(0xD800, 0xE000), 0xFFFD)
# What people read as one unit: a special token, or a word.
_TOKEN = re.compile(r"<[^<>\s]{1,60}>|\[[A-Z_/]{2,40}\]")
_WORD = re.compile(r"[^\s<]{0,24}")


def visible(text: str) -> str:
    """The text with a symbol for each control character except tabs and line ends."""
    return text.translate(_VISIBLE)


def wrong_stretch(text: str, at: int) -> tuple[int, int]:
    """The span of the token or word at a wrong character; empty after the text."""
    for token in _TOKEN.finditer(text):
        if token.start() <= at < token.end():
            return token.span()
    word = _WORD.match(text, at)
    end = max(at + 1, word.end() if word else 0)
    return at, min(end, len(text))


def marked(
    text: str, spans: Iterable[tuple[int, int]], at: int | None = None, *, brackets: bool
) -> Text:
    """The text, with the spans in one colour, and the token or word at ``at`` in another.

    With ``brackets``, it is readable without colour.
    """
    held = _united(spans)
    start, end = (-1, -1) if at is None else wrong_stretch(text, at)
    cuts = sorted({0, len(text), start, end, *chain(*held)} - {-1})
    shown, plain = Text(), visible(text)
    for cut, following in zip(cuts, [*cuts[1:], len(text)], strict=True):
        if brackets and any(one < cut == other for one, other in held):
            shown.append(CLOSE, MASKED)
        if (cut, cut) in held:
            shown.append(OPEN + CLOSE, WRONG)
        if cut == start:
            shown.append(HERE if brackets else " " * (start == end), WRONG)
        if brackets and any(one == cut < other for one, other in held):
            shown.append(OPEN, MASKED)
        if cut == start:
            shown.append("↵" * plain.startswith("\n", cut), WRONG)
        inside = any(one <= cut < other for one, other in held)
        style = WRONG if start <= cut < end else MASKED if inside else ""
        shown.append(plain[cut:following], style)
    return shown


def _united(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans in order, with touching ones merged: only their union is the mask.

    An empty span stays separate, since it is an error.
    """
    united: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if united and start < end and start <= united[-1][1] > united[-1][0]:
            united[-1] = (united[-1][0], max(end, united[-1][1]))
        elif not united or united[-1] != (start, end):
            united.append((start, end))
    return united
