"""Find and replace values in a conversation.

A path is what an expression reads, such as `message.content[0].type` of each message. A place is
one of the values that a path leads to. Conversations are JSON data here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, Final, TypeAlias


class Each(Enum):
    """A step of a path that leads to several values."""

    ITEM = "an item of a list"
    VALUE = "a value of a mapping"
    NAME = "a name in a mapping"


class Missing(Enum):
    """Marks a missing value."""

    MISSING = "missing"


MISSING: Final = Missing.MISSING
Step: TypeAlias = str | int | Each
# The first step is the name of a variable.
Path: TypeAlias = tuple[Step, ...]
Place: TypeAlias = tuple[str | int | Each, ...]

MESSAGES: Final = "messages"
# The first and last item represent all items of a list.
_MOST_ITEMS: Final = 2
_MOST_FIELDS: Final = 6


def at(data: Any, place: Place) -> Any:
    """The value at a place, or `MISSING`."""
    for step in place:
        if isinstance(data, Mapping) and step is Each.NAME:
            data = next(iter(data), MISSING)
        elif isinstance(data, Mapping):
            data = data.get(step, MISSING)
        elif isinstance(data, (list, tuple)) and isinstance(step, int):
            data = data[step] if -len(data) <= step < len(data) else MISSING
        else:
            return MISSING
    return data


def put(data: Any, place: Place, value: Any) -> Any:
    """A copy of ``data`` with ``value`` at a place, and any missing containers on the way."""
    if not place:
        return value
    step, *rest = place
    if isinstance(step, int):
        return _put_item(data, step, tuple(rest), value)
    known = dict(data) if isinstance(data, Mapping) else {}
    if step is Each.NAME:
        return {value: "a"} | known if isinstance(value, str) else known
    inner = put(known.get(step, MISSING), tuple(rest), value)
    if inner is MISSING:
        known.pop(step, None)
    else:
        known[step] = inner
    return known


def _put_item(data: Any, index: int, rest: Place, value: Any) -> list[Any]:
    items = list(data) if isinstance(data, (list, tuple)) else []
    while not -len(items) <= index < len(items):
        items.append(items[-1] if items else MISSING)
    items[index] = put(items[index], rest, value)
    return [item for item in items if item is not MISSING]


def places(path: Path, data: Any, focus: int | None) -> Iterator[Place]:
    """The places that a path leads to, starting with the message ``focus`` and its neighbours.

    A place may not exist yet.
    """
    if path[:2] != (MESSAGES, Each.ITEM):
        yield from _places(path, data)
        return
    messages = data.get(MESSAGES)
    # An earlier wish may have replaced them by something else.
    if not isinstance(messages, (list, tuple)):
        return
    for number in _nearest(len(messages), focus):
        for rest in _places(path[2:], messages[number]):
            yield MESSAGES, number, *rest


def _nearest(count: int, focus: int | None) -> Sequence[int]:
    if focus is None:
        return range(count)
    return sorted(range(count), key=lambda number: (abs(number - focus), focus - number))


def _places(path: Path, data: Any) -> Iterator[Place]:
    if not path:
        yield ()
        return
    step, *rest = path
    for concrete in _steps(step, data):
        for place in _places(tuple(rest), at(data, (concrete,))):
            yield concrete, *place


def _steps(step: Step, data: Any) -> Sequence[str | int | Each]:
    if step is Each.ITEM:
        count = len(data) if isinstance(data, (list, tuple)) else 0
        return range(count)[:_MOST_ITEMS] or (0,)
    if step is Each.VALUE:
        return (list(data) if isinstance(data, Mapping) else [])[:_MOST_FIELDS] or ("a",)
    return (step,)
