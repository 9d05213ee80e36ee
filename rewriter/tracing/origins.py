"""Where a character of a rendered text comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias


@dataclass(frozen=True, slots=True)
class Literal:
    """Text of the template itself: character ``index`` of the text or string literal at ``at``."""

    at: int
    index: int


class Field(NamedTuple):
    """A value of message number ``message``, such as ``("tool_calls", 0, "function", "name")``."""

    message: int
    path: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Input:
    """Any other variable that the template is rendered with: tools, documents, ``bos_token``."""

    name: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The result of an operation that provenance does not follow."""


Origin: TypeAlias = Literal | Field | Input | Unknown
UNKNOWN = Unknown()
