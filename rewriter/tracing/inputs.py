"""The input of a template, in which each string has its origin."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from rewriter.tracing.block_types import ForeignKinds, TypesAsked
from rewriter.tracing.installed_transformers import prepared
from rewriter.tracing.origins import Field, Input, Origin
from rewriter.tracing.provenance import Traced

Path: TypeAlias = tuple[str | int, ...]
_NONE: Final = ForeignKinds()


class Message(dict[str, Any]):
    """A message that knows its index in the conversation."""

    _index: int

    @classmethod
    def of(cls, message: Mapping[str, Any], index: int) -> Message:
        """``message``, with an index that templates cannot see."""
        found = cls(message)
        found._index = index
        return found


class Inputs:
    """Gives messages and variables their origins.

    Conversations are rendered in part and in whole, and with the same tools, so traced input is
    cached: no template can change its input.

    A value of a type in ``types`` that no model writes has that type in its path.
    """

    def __init__(self, types: TypesAsked | None = None) -> None:
        types = types or TypesAsked()
        self._blocks = types.foreign_kinds("block")
        self._calls = types.foreign_kinds("call")
        self._of_messages = types.foreign_kinds("message")
        # Kept with its source, so that no other object gets the same id.
        self._messages: dict[tuple[int, int], tuple[Any, Message]] = {}
        self._items: dict[tuple[str, int], tuple[Any, Any]] = {}

    def messages(self, messages: Sequence[Mapping[str, Any]]) -> list[Message]:
        """The conversation as transformers passes it to a template, with all origins."""
        traced: list[Message] = []
        for index, message in enumerate(messages):
            known = self._messages.get((index, id(message)))
            if known is None:
                known = message, self._message(message, index)
                self._messages[index, id(message)] = known
            traced.append(known[1])
        return traced

    def variables(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The variables with the origin of each of their strings."""
        return {
            name: [self._item(name, item) for item in value]
            if isinstance(value, (list, tuple))
            else _traced(value, _Named(name))
            for name, value in variables.items()
        }

    def _message(self, message: Mapping[str, Any], index: int) -> Message:
        (plain,) = prepared([message])
        origin = _Numbered(index)
        kind = self._of_messages.of(plain)
        path = (kind,) if kind else ()
        kinds = {key: self._calls if key == "tool_calls" else self._blocks for key in plain}
        traced = {
            _traced(key, origin, at): _traced(item, origin, at, kinds[key])
            for key, item in plain.items()
            for at in ((*path, key),)
        }
        return Message.of(traced, index)

    def _item(self, name: str, item: Any) -> Any:
        if not isinstance(item, Mapping):
            return _traced(item, _Named(name))
        known = self._items.get((name, id(item)))
        if known is None:
            known = item, _traced(item, _Named(name))
            self._items[name, id(item)] = known
        return known[1]


def _traced(
    value: Any,
    origin: Callable[[Path], Origin],
    path: Path = (),
    kinds: ForeignKinds = _NONE,
) -> Any:
    """A copy of ``value`` in which each string knows its origin by its path."""
    if isinstance(value, str):
        return Traced.whole(value, origin(path))
    if isinstance(value, (list, tuple)):
        items = enumerate(value)
        return [_traced(item, origin, (*path, index), kinds) for index, item in items]
    if isinstance(value, (dict, Mapping)):
        kind = kinds.of(value)
        within = (*path, kind) if kind else path
        return {
            _traced(key, origin, at): _traced(item, origin, at, kinds)
            for key, item in value.items()
            for at in ((*within, key),)
        }
    return value


@dataclass(frozen=True, slots=True)
class _Named:
    name: str

    def __call__(self, _: Path) -> Origin:
        return Input(self.name)


@dataclass(frozen=True, slots=True)
class _Numbered:
    message: int

    def __call__(self, path: Path) -> Origin:
        return Field(self.message, path)
