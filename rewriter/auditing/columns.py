"""Which columns of a data set hold the conversation, and how its messages are spelled."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final

from rewriter.tracing.installed_transformers import applied_messages

Row = Mapping[str, Any]

# Where a file is no table, each of its lines is a row of this one column.
LINE: Final = "json"


class NoConversation(ValueError):
    """A row is none; says why."""


@dataclass(frozen=True, slots=True)
class Example:
    """What a trainer makes of a row.

    ``prompt`` is how many of the messages are the prompt, of which nothing is trained; ``None``:
    the messages are not parted.
    """

    messages: list[dict[str, Any]]
    tools: list[Any] | None
    flags: Mapping[str, Any]
    prompt: int | None = None


@dataclass(frozen=True)
class Columns:
    """Where a conversation is: the names of columns, empty for those that there are not.

    Attributes:
        messages: the column of the messages; or ``prompt`` and ``completion`` part them.
        prompt: messages, or what the user says.
        completion: messages, or what the assistant says.
        tools: JSON schemas of tools, or JSON that lists them.
        flags: further variables of the template, by name.
        role: the key of a message that says who speaks.
        content: the key that has what is said.
        roles: what names of roles are changed to.
        packed: the column in which each row is one JSON object, where there is such a column.

    """

    messages: str = ""
    prompt: str = ""
    completion: str = ""
    tools: str = ""
    flags: str = ""
    role: str = "role"
    content: str = "content"
    roles: Mapping[str, str] = field(default_factory=dict)
    packed: str = ""

    def example(self, row: Row) -> Example:
        """What a trainer makes of a row.

        Raises:
            NoConversation: it is none.

        """
        if self.packed:
            row = _unpacked(row[self.packed])
        tools = _decoded(row.get(self.tools), self.tools)
        if tools is not None and not isinstance(tools, list):
            raise NoConversation(f"{self.tools} is no list")
        flags = _flags(row.get(self.flags))
        if self.messages:
            return Example(self._messages(row, self.messages, ""), tools or None, flags)
        prompt = self._messages(row, self.prompt, "user")
        completion = self._messages(row, self.completion, "assistant")
        return Example(prompt + completion, tools or None, flags, len(prompt))

    def _messages(self, row: Row, column: str, speaker: str) -> list[dict[str, Any]]:
        """The messages in a column; ``speaker`` is who says what is no message."""
        value = row.get(column)
        if isinstance(value, str) and speaker:
            return [{"role": speaker, "content": value}]
        value = _decoded(value, column)
        if not isinstance(value, list):
            raise NoConversation(f"{column} is no list of messages: {_kind(value)}")
        if not value:
            raise NoConversation(f"{column} is empty")
        return applied_messages(
            [self._message(each, f"{column}[{at}]") for at, each in enumerate(value)]
        )

    def _message(self, message: Any, where: str) -> dict[str, Any]:
        if not isinstance(message, Mapping):
            raise NoConversation(f"{where} is no message: {_kind(message)}")
        found = dict(message)
        if self.role != "role" and self.role in found:
            found["role"] = found.pop(self.role)
        if self.content != "content" and self.content in found:
            found["content"] = found.pop(self.content)
        role = found.get("role")
        if not isinstance(role, str):
            raise NoConversation(f"{where} has no {self.role}")
        if self.roles:
            found["role"] = self.roles.get(role, role)
        return found

    def __str__(self) -> str:
        """The mapping as people read it: what is taken from which column."""
        named = {each.name: getattr(self, each.name) for each in fields(self)}
        texts = {name: value for name, value in named.items() if isinstance(value, str) and value}
        texts.pop("packed", None)
        if (self.role, self.content) == ("role", "content"):
            del texts["role"], texts["content"]
        said = [n if n == value else f"{n} from {value!r}" for n, value in texts.items()]
        return ", ".join([*said, *(f"{old} is {new}" for old, new in self.roles.items())])


def _unpacked(line: Any) -> Row:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError, TypeError) as error:
        raise NoConversation(f"no JSON: {type(error).__name__}") from None
    if not isinstance(row, Mapping):
        raise NoConversation(f"no JSON object: {_kind(row)}")
    return row


def _decoded(value: Any, column: str) -> Any:
    if not isinstance(value, str):
        return value
    if not value.strip():
        return None
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        raise NoConversation(f"{column} is text, and no JSON") from None


def _flags(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        return {}
    return {str(name): each for name, each in value.items() if each is not None}


def _kind(value: Any) -> str:
    return "nothing" if value is None else type(value).__name__
