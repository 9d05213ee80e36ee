"""The kinds of value that tests distinguish."""

from __future__ import annotations

from enum import Enum, auto
from typing import Any, Final, TypeAlias


class Kind(Enum):
    """A kind of value that tests distinguish."""

    UNDEFINED = auto()
    NONE = auto()
    TRUE = auto()
    FALSE = auto()
    ZERO = auto()
    NUMBER = auto()
    NO_TEXT = auto()
    TEXT = auto()
    NO_ITEMS = auto()
    ITEMS = auto()
    NO_FIELDS = auto()
    FIELDS = auto()
    # Functions, iterators, namespaces: values that no conversation has.
    OTHER = auto()


Kinds: TypeAlias = frozenset[Kind]

ALL: Final[Kinds] = frozenset(Kind)
TEXTS: Final[Kinds] = frozenset({Kind.NO_TEXT, Kind.TEXT})
LISTS: Final[Kinds] = frozenset({Kind.NO_ITEMS, Kind.ITEMS})
MAPPINGS: Final[Kinds] = frozenset({Kind.NO_FIELDS, Kind.FIELDS})
NUMBERS: Final[Kinds] = frozenset({Kind.ZERO, Kind.NUMBER})
BOOLEANS: Final[Kinds] = frozenset({Kind.TRUE, Kind.FALSE})
OTHER: Final[Kinds] = frozenset({Kind.OTHER})
DATA: Final[Kinds] = ALL - OTHER
UNDEFINED: Final[Kinds] = frozenset({Kind.UNDEFINED})
NONE: Final[Kinds] = frozenset({Kind.NONE})
FULL: Final[Kinds] = frozenset({Kind.TEXT, Kind.ITEMS, Kind.FIELDS})
EMPTY: Final[Kinds] = frozenset({Kind.NO_TEXT, Kind.NO_ITEMS, Kind.NO_FIELDS})
TRUTHY: Final[Kinds] = FULL | {Kind.TRUE, Kind.NUMBER, Kind.OTHER}
FALSY: Final[Kinds] = (ALL - TRUTHY) | OTHER


def kinds_of(value: Any) -> Kinds:
    """The kind of a constant."""
    if value is None:
        return NONE
    if isinstance(value, bool):
        return frozenset({Kind.TRUE if value else Kind.FALSE})
    if isinstance(value, (int, float)):
        return frozenset({Kind.NUMBER if value else Kind.ZERO})
    if isinstance(value, str):
        return frozenset({Kind.TEXT if value else Kind.NO_TEXT})
    return ALL
