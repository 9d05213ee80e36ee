"""String literals as Python spells them: plain or raw, with one quote or three."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from rewriter.carriers.spelling import Habits, Unit, meaning, new
from rewriter.errors import BadInput

_LITERAL: Final = re.compile(r"""([a-zA-Z]*)('''|\"""|'|")(.*)\2""", re.DOTALL)
_RAW_UNIT: Final = re.compile(r"\r\n|.", re.DOTALL)
_UNIT: Final = re.compile(
    r"\\(?:\r\n|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{[^}]*\}|[0-7]{1,3}|.)"
    r"|\r\n|.",
    re.DOTALL,
)
_ESCAPES: Final = frozenset("\\'\"abfnrtvxuUN01234567")
_NEWLINES: Final = frozenset({"\n", "\r\n", "\r"})
_SHORT_OCTAL: Final = re.compile(r"\\[0-7]{1,2}")
_SHORT: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


@dataclass(frozen=True, slots=True)
class Style:
    """A literal's prefix and quotes, and what the file around it allows."""

    prefix: str
    quote: str
    newline: str
    encoding: str

    @property
    def is_raw(self) -> bool:
        """Whether a backslash stands for itself."""
        return "r" in self.prefix.lower()

    @property
    def is_triple(self) -> bool:
        """Whether it may contain line breaks."""
        return len(self.quote) == 3

    def around(self, body: str) -> str:
        """The whole literal, with this body."""
        return f"{self.prefix}{self.quote}{body}{self.quote}"

    def others(self) -> Iterator[Style]:
        """Styles that may hold a text that this one cannot, the closest first."""
        if self.is_raw:
            for quote in dict.fromkeys((self.quote[0] * 3, '"""', "'''")):
                yield Style(self.prefix, quote, self.newline, self.encoding)
            prefix = self.prefix.translate({ord("r"): None, ord("R"): None})
            yield Style(prefix, self.quote, self.newline, self.encoding)


@dataclass(frozen=True)
class PythonLiteral:
    """A literal that is neither bytes nor an f-string: its style, and its characters as written."""

    style: Style
    units: tuple[Unit, ...]

    @classmethod
    def read(cls, source: str, newline: str, encoding: str) -> PythonLiteral:
        """Read the literal ``source`` of a file with these line endings and this encoding."""
        match = _LITERAL.fullmatch(source)
        assert match, "the parser said that it is a literal"
        prefix, quote, body = match.groups()
        style = Style(prefix, quote, newline, encoding)
        return cls(style, tuple(_units(body, raw=style.is_raw)))

    @cached_property
    def _habits(self) -> Habits:
        return Habits(self.units)

    def write(self, units: Sequence[Unit]) -> str:
        """The literal with these units, in its own style if that can hold them.

        Raises:
            BadInput: no style can hold them.

        """
        expected = meaning(units)
        for style in (self.style, *self.style.others()):
            literal = style.around(self._body(units, style))
            if _means(literal, expected, style.encoding):
                return literal
        raise BadInput("the string literal cannot hold the new text")

    def _body(self, units: Sequence[Unit], style: Style) -> str:
        if style.is_raw:
            return "".join(written or _raw(meant, style) for written, meant in units)
        if self.style.is_raw:
            return _joined(_spelled(_unraw(units, style), Habits(()), style), style)
        return _joined(_spelled(units, self._habits, style), style)


def _units(body: str, *, raw: bool) -> Iterator[Unit]:
    for written in (_RAW_UNIT if raw else _UNIT).findall(body):
        yield Unit(written, _meant(written))


def _meant(written: str) -> str:
    if written in _NEWLINES:
        return "\n"
    if len(written) == 1 or (written[1] not in _ESCAPES and written[1:] not in _NEWLINES):
        return written
    if written[1:] in _NEWLINES:
        return ""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of `\777`
        return written.encode("ascii").decode("unicode_escape")


def _raw(character: str, style: Style) -> str:
    return style.newline if character == "\n" else character


def _unraw(units: Iterable[Unit], style: Style) -> Iterator[Unit]:
    """A raw literal's units for a plain one: units that would change their meaning become new."""
    other = frozenset("\\'\"") | (frozenset() if style.is_triple else _NEWLINES)
    for unit in units:
        yield from new(unit.meant) if unit.written in other else (unit,)


def _spelled(units: Iterable[Unit], habits: Habits, style: Style) -> Iterator[str]:
    before = ""
    for written, meant in units:
        yield written or habits.spelling(before, meant) or _default(meant, habits, style)
        before = meant[-1:] or before


def _default(character: str, habits: Habits, style: Style) -> str:
    if style.is_triple and character in "\n\t'\"":
        return _raw(character, style)
    if character in ("\\", style.quote):
        return f"\\{character}"
    if character in _SHORT:
        return _SHORT[character]
    if character.isascii():
        return character if character.isprintable() else f"\\x{ord(character):02x}"
    if (
        character.isprintable()
        and not habits.escapes_beyond_ascii
        and _is_encodable(character, style.encoding)
    ):
        return character
    return ascii(character)[1:-1]


def _joined(spelled: Iterable[str], style: Style) -> str:
    """Join the spelled characters to a body, so that none ends the literal or extends another.

    Three quotes in a row, or a quote at the very end, would close the literal early. A digit after
    an octal escape would be read as a part of it.
    """
    body: list[str] = []
    quotes = 0
    for written in spelled:
        if body and written[0] in "01234567" and _SHORT_OCTAL.fullmatch(body[-1]):
            body[-1] = f"\\{body[-1][1:]:0>3}"
        quotes = quotes + 1 if written == style.quote[0] else 0
        if quotes == 3:
            written, quotes = f"\\{written}", 0
        body.append(written)
    if quotes:
        body[-1] = f"\\{body[-1]}"
    return "".join(body)


def _means(literal: str, expected: str, encoding: str) -> bool:
    if not _is_encodable(literal, encoding):
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about escapes that Python does not know
            return bool(ast.literal_eval(literal) == expected)
    except (SyntaxError, ValueError):
        return False


def _is_encodable(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
