"""Split results of ``%`` and ``format`` into pieces from the format and from the values.

Only cases that Python's rules make certain are split; anything else is ``None``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from string import Formatter
from typing import Any, Final, NamedTuple, TypeAlias


class Made(NamedTuple):
    """The text for one value, which has the value's first ``length`` characters from ``at`` on.

    ``length`` is zero if the value is not text.
    """

    text: str
    value: Any
    at: int = 0
    length: int = 0


# A slice is of the format itself.
Pieces: TypeAlias = Sequence[slice | Made]

_CONVERSION: Final = re.compile(
    r"%(?:\((?P<key>[^()]*)\))?(?P<flags>[#0\- +]*)(?P<width>\d*)(?:\.(?P<most>\d*))?"
    r"[hlL]?(?P<type>[diouxXeEfFgGcrsa%])"
)
_FIELD: Final = re.compile(r"\w*")


def interpolated(template: str, values: Any) -> Pieces | None:
    """The pieces of ``template % values``."""
    try:
        return list(_interpolated(template, values))
    except (LookupError, TypeError, ValueError, OverflowError):
        return None


def filled(template: str, args: Sequence[Any], named: Mapping[str, Any]) -> Pieces | None:
    """The pieces of ``template.format(*args, **named)``."""
    try:
        return list(_filled(template, args, named))
    except (LookupError, TypeError, ValueError, OverflowError):
        return None


def _interpolated(template: str, values: Any) -> Iterator[slice | Made]:
    given = iter(values if isinstance(values, tuple) else (values,))
    cursor = 0
    while (start := template.find("%", cursor)) >= 0:
        yield slice(cursor, start)
        found = _CONVERSION.match(template, start)
        if found is None:
            raise ValueError("no conversion that is taken apart")
        cursor = found.end()
        if found["type"] == "%":
            yield slice(cursor - 1, cursor)
            continue
        key = found["key"]
        value = next(given, None) if key is None else values[key]
        yield _converted(value, found)
    yield slice(cursor, len(template))


def _converted(value: Any, match: re.Match[str]) -> Made:
    conversion = f"%{match['flags']}{match['width']}"
    conversion += "" if match["most"] is None else f".{match['most']}"
    text = (conversion + match["type"]) % ((value,))
    if match["type"] != "s" or not isinstance(value, str):
        return Made(text, value)
    length = len(value) if match["most"] is None else min(len(value), int(match["most"] or 0))
    return Made(text, value, 0 if "-" in match["flags"] else len(text) - length, length)


def _filled(template: str, args: Sequence[Any], named: Mapping[str, Any]) -> Iterator[slice | Made]:
    numbers = count()
    cursor = 0
    for literal, field, spec, conversion in Formatter().parse(template):
        yield slice(cursor, cursor + len(literal))
        cursor += len(literal)
        if field is None:
            # A doubled brace ends a piece, which has it once.
            cursor += 1
            continue
        if spec or conversion not in (None, "s") or not _FIELD.fullmatch(field):
            raise ValueError("no field that is taken apart")
        value = named[field] if field and not field.isdigit() else args[int(field or next(numbers))]
        text = str.__str__(value) if isinstance(value, str) else str(value)
        yield Made(text, value, 0, len(text) if isinstance(value, str) else 0)
        cursor = template.index("}", cursor) + 1
