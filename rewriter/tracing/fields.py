"""Who writes a key of the assistant's message, or a variable: the model, the caller, or unknown.

The list is data, in ``fields.toml``, each entry with its source. Other names are unknown until you
declare them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Final, Literal, TypeAlias, get_args

from rewriter.data import Record, read_record
from rewriter.errors import BadInput
from rewriter.tracing.origins import Field, Input, Origin

_FILE: Final = Path(__file__).with_name("fields.toml")
_Within: TypeAlias = Literal["message", "block", "call", "audio", "citation"]
_Part: TypeAlias = Literal["reasoning", "tool arguments"]
Declarable: TypeAlias = Literal["generated", "environment", "header"]
DECLARABLE: Final[tuple[Declarable, ...]] = get_args(Declarable)


class Whose(StrEnum):
    """Who writes a field or a variable."""

    GENERATED = "generated"
    ENVIRONMENT = "environment"
    HEADER = "header"
    UNKNOWN = "unknown"


class KnownKeys(Record):
    """Keys ``within`` something, or ``anywhere`` without another entry.

    A key that the model writes and that ``holds`` nothing has text: keys below it are unknown.
    Below tool arguments, and below given keys, all keys are the same.
    """

    names: tuple[str, ...]
    within: _Within
    anywhere: bool = False
    holds: Literal["block", "call", "audio", "citation"] | None = None
    whose: Declarable
    part: _Part | None = None
    source: str


class KnownVariables(Record):
    """Variables, with ``*`` for any characters; the place of a ``token`` decides who writes it."""

    names: tuple[str, ...]
    whose: Literal["environment", "token"]
    source: str


class KnownBlocks(Record):
    """Blocks, calls and messages by their types; for ``keys``, their keys decide."""

    types: tuple[str, ...]
    whose: Literal["keys", "environment"]
    source: str


class FieldList(Record):
    """The written list."""

    field: tuple[KnownKeys, ...]
    block: tuple[KnownBlocks, ...]
    variable: tuple[KnownVariables, ...]


@cache
def field_list() -> FieldList:
    """The list of keys and variables, read from the data file."""
    return read_record(_FILE, FieldList)


@cache
def _known() -> Mapping[tuple[_Within, str], KnownKeys]:
    return {(each.within, name): each for each in field_list().field for name in each.names}


@cache
def _anywhere() -> Mapping[str, KnownKeys]:
    return {name: each for each in field_list().field if each.anywhere for name in each.names}


@cache
def names_of(part: _Part, within: _Within | None = None) -> frozenset[str]:
    """The keys for a part of what models write, anywhere or ``within`` something."""
    known = (k for k in field_list().field if k.part == part and within in (None, k.within))
    return frozenset(name for each in known for name in each.names)


@cache
def given_keys() -> frozenset[str]:
    """The keys of a message that hold what the environment gives."""
    given = (e for e in field_list().field if (e.within, e.whose) == ("message", "environment"))
    return frozenset(name for each in given for name in each.names)


def given_types() -> frozenset[str]:
    """The types of the blocks that hold what the environment gives."""
    return _types("environment")


def ordinary_types() -> frozenset[str]:
    """The types of blocks and calls whose keys decide who writes their values."""
    return _types("keys")


@cache
def _types(whose: str) -> frozenset[str]:
    blocks = (each for each in field_list().block if each.whose == whose)
    return frozenset(name for each in blocks for name in each.types)


@cache
def listed_keys() -> Mapping[str, str]:
    """Who writes each key of a message on the list, without given keys."""
    known = (e for e in field_list().field if e.within == "message" and e.whose != "environment")
    return {name: each.whose for each in known for name in each.names}


@cache
def is_listed(name: str) -> bool:
    """Whether the list has a key of that name, wherever it stands."""
    return any(name in each.names for each in field_list().field)


@cache
def is_models(name: str) -> bool:
    """Whether models write the values of a key of that name somewhere."""
    return any(name in k.names and k.whose == "generated" for k in field_list().field)


@cache
def is_said(name: str) -> bool:
    """Whether a key of that name may hold a model's text, rather than further keys."""
    known = (k for k in field_list().field if name in k.names and k.whose == "generated")
    return any(k.holds != "call" for k in known)


def holds_blocks(name: str) -> bool:
    """Whether a key of that name may hold blocks that the model writes."""
    return any(name in known.names and known.holds == "block" for known in field_list().field)


@dataclass(frozen=True, slots=True)
class Fields:
    """Finds who writes a text from its origin.

    ``declared`` has the user's declarations by name; they override the list, but not below a key
    under which all keys are the same.
    """

    declared: tuple[tuple[str, Whose], ...] = ()

    @classmethod
    def of(cls, declared: Mapping[str, str] | Iterable[tuple[str, str]] | None) -> Fields:
        """Read a user's declarations.

        Raises:
            BadInput: a name is not that of a key, or a class is not one of the three.

        """
        try:
            given = dict(declared or {})
        except (TypeError, ValueError):
            message = f"fields are {declared!r}, but a mapping of names is expected"
            raise BadInput(message, hint="write fields={'memo': 'environment'}") from None
        return cls(tuple(sorted((_key(name), _class(name, given[name])) for name in given)))

    def whose(self, origin: Origin) -> Whose | None:
        """Who writes text of that origin; ``None`` if its place decides.

        A message that is printed whole has unknown keys.
        """
        if isinstance(origin, Field):
            return self.of_path(tuple(key for key in origin.path if isinstance(key, str)))
        if isinstance(origin, Input):
            return self.of_variable(origin.name)
        return None

    def of_path(self, keys: tuple[str, ...]) -> Whose:
        """Who writes the value under nested keys of an assistant's message."""
        return _of_path(self.declared, keys)

    def of_variable(self, name: str) -> Whose | None:
        """Who writes a variable; ``None`` for a special token."""
        for declared, whose in self.declared:
            if declared == name:
                return whose
        for each in field_list().variable:
            if any(fnmatchcase(name, pattern) for pattern in each.names):
                return None if each.whose == "token" else Whose(each.whose)
        return Whose.UNKNOWN

    def of_name(self, name: str) -> Whose:
        """Who writes a key or variable, judging by the name alone."""
        said = dict(self.declared)
        listed = Whose.ENVIRONMENT if is_listed(name) else self.of_variable(name)
        return said.get(name) or listed or Whose.UNKNOWN

    def name_of(self, origin: Origin) -> str:
        """The name to declare for text that is not the model's: its key or variable.

        Empty for a message as a whole.
        """
        if isinstance(origin, Input):
            return origin.name
        path = origin.path if isinstance(origin, Field) else ()
        keys = tuple(key for key in path if isinstance(key, str))
        for length in range(1, len(keys) + 1):
            if self.of_path(keys[:length]) is not Whose.GENERATED:
                return keys[length - 1]
        return ""


# The list alone, without declarations.
LISTED: Final = Fields()


@cache
def _of_path(declared: tuple[tuple[str, Whose], ...], keys: tuple[str, ...]) -> Whose:
    said = dict(declared)
    within: _Within | None = "message"
    whose = Whose.UNKNOWN
    for key in keys:
        if key in said:
            return said[key]
        if within != "call" and key in given_types():
            return Whose.ENVIRONMENT
        known = _known().get((within, key)) or _anywhere().get(key) if within else None
        if known is None:
            return Whose.UNKNOWN
        whose = Whose(known.whose)
        if known.part == "tool arguments" or whose is not Whose.GENERATED:
            return whose
        within = known.holds
    return whose


def _key(name: str) -> str:
    if not name or any(mark in name for mark in " .[]='\""):
        raise BadInput(
            f"a field is declared by its key, and a variable by its name, but {name!r} is neither",
            hint="name only the innermost key, such as observation for message.observation",
        )
    if name == "role":
        raise BadInput("the role always belongs to the header, and cannot be declared")
    return name


def _class(name: str, whose: str) -> Whose:
    if whose not in DECLARABLE:
        raise BadInput(
            f"the field {name!r} cannot be {whose!r}",
            hint=f"a field is one of: {', '.join(DECLARABLE)}",
        )
    return Whose(whose)
