"""A template as tokens and pieces with exact offsets.

jinja2's lexer keeps no offsets, turns every line ending into a line feed, drops one final
newline and swallows whitespace beside tags. Only whitespace is ever missing between two of its
tokens, so a cursor that skips whitespace finds each of them again in the original text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import Any, NamedTuple

from jinja2 import Environment, TemplateSyntaxError
from jinja2.lexer import Token, newline_re

from rewriter.errors import BadInput, Place


class Span(NamedTuple):
    """Half-open character offsets into the original text."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The part of ``text`` that the span covers."""
        return text[self.start : self.end]

    def holds(self, *places: int) -> bool:
        """Whether at least one of the offsets lies in the span."""
        return any(self.start <= at < self.end for at in places)


class Kind(Enum):
    """The kinds of piece that a source consists of."""

    TEXT = "text"
    COMMENT = "comment"
    OUTPUT = "output"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of source. Joined in order, the pieces are the file, character for character.

    ``printed`` is the part of a text that survives whitespace control; it is empty for tags.
    ``inner`` lies between a tag's markers. ``keyword`` is a block tag's first word.
    """

    kind: Kind
    span: Span
    printed: Span
    inner: Span
    keyword: str = ""

    def strips_before(self, text: str) -> bool:
        """Whether the tag swallows the whitespace before it (``{%-``)."""
        return self.kind is not Kind.TEXT and text[self.span.start + 2] == "-"

    def strips_after(self, text: str) -> bool:
        """Whether the tag swallows the whitespace after it (``-%}``)."""
        return self.kind is not Kind.TEXT and text[self.span.end - 3] == "-"


class Located(Token):
    """A jinja2 token with its span in the original text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Lexed:
    """A template's tokens, as jinja2's parser wants them, and its pieces."""

    tokens: tuple[Located, ...]
    pieces: tuple[Piece, ...]


_BEGINS = {
    "variable_begin": Kind.OUTPUT,
    "block_begin": Kind.BLOCK,
    "comment_begin": Kind.COMMENT,
}
_ENDS = {"variable_end", "block_end", "comment_end"}
_RAW = {"raw_begin", "raw_end"}


def lex(text: str, environment: Environment) -> Lexed:
    """Read ``text`` into tokens and pieces.

    Raises:
        BadInput: where jinja2 finds no token, or a tag is left open.

    """
    reader = _Reader(text, environment)
    try:
        tokens = tuple(reader.tokens())
    except TemplateSyntaxError as error:
        raise syntax_error(text, error) from None
    except ValueError as error:
        # Python refuses to read numbers of more than a few thousand digits.
        raise syntax_error(text, TemplateSyntaxError(str(error), reader.line)) from None
    reader.check_raw_is_closed()
    return Lexed(tokens, reader.pieces())


def syntax_error(text: str, error: TemplateSyntaxError, offset: int | None = None) -> BadInput:
    """jinja2's error, located in the original text."""
    if offset is None:
        lines = newline_re.split(text)
        line = max(1, min(error.lineno, len(lines) // 2 + 1))
        offset = sum(len(part) for part in lines[: 2 * (line - 1)])
    message = (error.message or "invalid syntax").rstrip(".")
    return BadInput(
        f"not a valid template: {message}",
        place=Place.at(text, offset),
        hint="fix the template's syntax; it does not render as it is",
    )


class _Reader:
    """Walks jinja2's raw tokens with a cursor in the original text."""

    def __init__(self, text: str, environment: Environment) -> None:
        self._text = text
        self._lexer = environment.lexer
        self._normal = newline_re.sub("\n", text)
        self._offsets = _original_offsets(text) if "\r" in text else None
        self._at = Span(0, 0)
        self._tags: list[tuple[Kind, Span, Span, str]] = []
        self._printed: list[Span] = []

    @property
    def line(self) -> int:
        """The current line, counted from 1."""
        return self._text.count("\n", 0, self._at.start) + 1

    def tokens(self) -> Iterator[Located]:
        for token in self._lexer.wrap(self._raw_tokens()):
            located = Located(*token)
            located.start, located.end = self._at
            yield located

    def _raw_tokens(self) -> Iterator[tuple[int, str, str]]:
        cursor = 0
        opened: tuple[Kind, int, int] | None = None
        keyword = ""
        for line, kind, value in self._lexer.tokeniter(self._text, None):
            start = cursor
            if kind == "whitespace":  # within a tag, jinja2 reports all whitespace
                cursor += len(value)
                continue
            if not self._normal.startswith(value, start):
                while self._normal[start].isspace():
                    start += 1
            cursor = start + len(value)
            self._at = self._original(start, cursor)
            if kind == "data":
                self._printed.append(self._at)
            elif kind in _BEGINS:
                opened, keyword = (_BEGINS[kind], start, cursor), ""
            elif kind in _ENDS and opened is not None:
                marks = value.strip()
                self._close(*opened, start, start + len(marks), keyword)
            elif kind in _RAW:
                tag_end = start + len(value.rstrip())
                self._close(Kind.BLOCK, start, start + 2, tag_end - 2, tag_end, kind)
            elif kind == "name" and not keyword:
                keyword = value
            yield line, kind, value

    def _close(
        self, kind: Kind, start: int, inner: int, inner_end: int, end: int, keyword: str
    ) -> None:
        span, inside = self._original(start, end), self._original(inner, inner_end)
        self._tags.append((kind, span, inside, keyword if kind is Kind.BLOCK else ""))

    def _original(self, start: int, end: int) -> Span:
        if self._offsets is None:
            return Span(start, end)
        return Span(self._offsets[start], self._offsets[end])

    def check_raw_is_closed(self) -> None:
        """Refuse an unclosed ``raw`` tag at the end of the file, which jinja2 accepts."""
        if self._tags and self._tags[-1][-1] == "raw_begin":
            place = Place.at(self._text, self._tags[-1][1].start)
            hint = "close it with endraw, or remove the tag"
            raise BadInput(
                "not a valid template: a raw block is not closed", place=place, hint=hint
            )

    def pieces(self) -> tuple[Piece, ...]:
        """The tags and all text between them, printed or not."""
        found: list[Piece] = []
        cursor = 0
        printed = iter([*self._printed, Span(len(self._text) + 1, len(self._text) + 1)])
        shown = next(printed)
        end = Span(len(self._text), len(self._text))
        for kind, span, inner, keyword in [*self._tags, (Kind.TEXT, end, end, "")]:
            if cursor < span.start:
                gap = Span(cursor, span.start)
                visible = Span(span.start, span.start)
                if shown.start < span.start:
                    visible, shown = shown, next(printed)
                found.append(Piece(Kind.TEXT, gap, visible, gap))
            if kind is not Kind.TEXT:
                nothing = Span(span.end, span.end)
                found.append(Piece(kind, span, nothing, inner, keyword))
            cursor = span.end
        return tuple(found)


def _original_offsets(text: str) -> Sequence[int]:
    """Map each offset into the text with normalised line endings to one into ``text``."""
    offsets: list[int] = []
    position = 0
    while position < len(text):
        offsets.append(position)
        position += 2 if text.startswith("\r\n", position) else 1
    return [*offsets, len(text)]


def is_marker_free(tokens: Sequence[Any]) -> bool:
    """Whether the template has no ``generation`` tag, outside strings and comments."""
    return not any(
        first.type == "block_begin" and second.type == "name" and second.value == "generation"
        for first, second in pairwise(tokens)
    )
