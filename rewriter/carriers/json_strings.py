"""Templates in a JSON file: the strings under the key ``chat_template``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from rewriter.carriers.carried import Carried
from rewriter.carriers.literal import Literal, Part
from rewriter.carriers.spelling import Habits, Unit, meaning
from rewriter.errors import BadInput, Place

KEY: Final = "chat_template"
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+', re.DOTALL)
_UNIT: Final = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|.",
    re.DOTALL,
)
_SHORT: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}


@dataclass(frozen=True, slots=True)
class _String:
    """A string of the file, quotes included, with the keys and indices that lead to it."""

    path: tuple[str | int, ...]
    start: int
    end: int
    value: str


def templates_in(text: str, name: str) -> tuple[Carried, ...]:
    """The templates under each ``chat_template``: one, or several in a list or an object.

    Raises:
        BadInput: ``text`` is not JSON.

    """
    _check(text, name)
    # Where an object has a key twice, every reader takes the last.
    strings = {each.path: each for each in _strings(text)}
    return tuple(
        Carried(found, _literal(text, each))
        for each in strings.values()
        if (found := _name_of(each.path, strings))
    )


def _check(text: str, name: str) -> None:
    start = 1 if text.startswith("\ufeff") else 0
    try:
        # JSON allows numbers of any length, and no number is needed here.
        json.loads(text[start:], parse_int=str)
    except json.JSONDecodeError as error:
        place = Place.at(text, error.pos + start)
        raise BadInput(f"not JSON: {error.msg}", name=name, place=place) from error
    except RecursionError:
        raise BadInput("the JSON is nested too deeply to be read", name=name) from None


def _strings(text: str) -> Iterator[_String]:
    """Every string that is a value, in order. The text must be valid JSON."""
    path: list[str | int] = []
    key: str | int = ""
    opened: list[bool] = []
    awaits_key = False
    for token in _TOKEN.finditer(text):
        match token.group()[0]:
            case "{" | "[" as bracket:
                path.append(key)
                opened.append(bracket == "{")
                awaits_key, key = bracket == "{", 0
            case "}" | "]":
                key = path.pop()
                opened.pop()
                awaits_key = False
            case ",":
                awaits_key = opened[-1]
                key = key + 1 if isinstance(key, int) else key
            case '"' if awaits_key:
                key, awaits_key = json.loads(token.group()), False
            case '"':
                yield _String((*path[1:], key), *token.span(), json.loads(token.group()))
            case _:
                pass


def _name_of(path: tuple[str | int, ...], strings: dict[tuple[str | int, ...], _String]) -> str:
    """The name of the template at this path; empty if the string is not a template."""
    owner, last = path[:-1], path[-1]
    if last == KEY:
        return ".".join(map(str, path))
    if owner[-1:] == (KEY,) and isinstance(last, str):
        return f"{'.'.join(map(str, owner))}[{last}]"
    if owner[-2:-1] == (KEY,) and last == "template":
        named = strings.get((*owner, "name"))
        key = named.value if named else owner[-1]
        return f"{'.'.join(map(str, owner[:-1]))}[{key}]"
    return ""


def _literal(text: str, string: _String) -> Literal:
    written = text[string.start : string.end]
    units = tuple(
        Unit(each, each if len(each) == 1 else json.loads(f'"{each}"'))
        for each in _UNIT.findall(written[1:-1])
    )
    habits = Habits(units)
    escapes = habits.escapes_beyond_ascii or (text.isascii() and "\\u" in text)
    write = partial(_written, habits=habits, escapes=escapes)
    return Literal((Part(string.start, string.end, string.start + 1, units, write),))


def _written(units: Sequence[Unit], habits: Habits, *, escapes: bool) -> str:
    """The literal of these units; new characters are spelled as elsewhere in the literal."""
    body: list[str] = []
    before = ""
    for written, meant in units:
        body.append(written or habits.spelling(before, meant) or _default(meant, escapes=escapes))
        before = meant
    literal = f'"{"".join(body)}"'
    if json.loads(literal) != meaning(units):
        message = "the string cannot hold the new text: two lone surrogates would join into one"
        raise BadInput(message)
    return literal


def _default(character: str, *, escapes: bool) -> str:
    if character in _SHORT:
        return _SHORT[character]
    if character in '"\\':
        return f"\\{character}"
    if character.isascii():
        return character if character >= " " else f"\\u{ord(character):04x}"
    if escapes or "\ud800" <= character <= "\udfff":
        return json.dumps(character)[1:-1]
    return character
