"""Map the characters of a string literal's value back to where they are written."""

from __future__ import annotations

import re

# The escapes of Python's `unicode-escape` codec, which is what jinja2's lexer decodes with.
_WRITTEN = re.compile(
    r"\\(?:\r\n|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{[^}]*\}|[0-7]{1,3}|.)"
    r"|\r\n|.",
    re.DOTALL,
)
_ESCAPES = frozenset("\\'\"abfnrtvxuUN01234567")
_ADJACENT = re.compile(r"""(['"])((?:\\.|(?!\1).)*)\1\s*""", re.DOTALL)


def value_offsets(text: str, start: int, end: int, value: str) -> tuple[int, ...] | None:
    """Where each character of ``value`` begins in the literal ``text[start:end]``.

    There is one offset more than characters: the last is that of the closing quote. ``None`` if
    this is not a single plain literal, such as two that jinja2 joined.
    """
    whole = _ADJACENT.fullmatch(text, start, end)
    if whole is None or whole.end(2) + 1 != end:
        return None
    offsets: list[int] = []
    for written in _WRITTEN.finditer(text, whole.start(2), whole.end(2)):
        offsets.extend([written.start()] * _length(written.group()))
    if len(offsets) != len(value):
        return None
    return (*offsets, whole.end(2))


def literal(text: str, quote: str = "'") -> str:
    """A string literal in ``quote`` whose value is ``text``."""
    written = text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    return f"{quote}{written.replace(quote, chr(92) + quote)}{quote}"


def value_of(written: str) -> str:
    """What characters between a literal's quotes stand for, as jinja2's lexer decodes them."""
    lines = written.replace("\r\n", "\n")
    return lines.encode("ascii", "backslashreplace").decode("unicode-escape")


def _length(written: str) -> int:
    """How many characters of the value a written character or escape stands for."""
    if written[0] != "\\":
        return 1
    if written[1] in "\r\n":
        return 0
    return 1 if written[1] in _ESCAPES else 2
