"""The columns of a data set that hold the conversation, and the keys of its messages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final

from rewriter.tracing.installed_transformers import applied_messages

Row = Mapping[str, Any]

# If a file is not a table, each line is a row with this one column.
LINE: Final = "json"


class NoConversation(ValueError):
    """A row is not a conversation; the message says why."""


@dataclass(frozen=True, slots=True)
class Example:
    """The conversation in a row.

    The first ``prompt`` messages are the prompt, which is not trained; ``None`` if the row does not
    separate prompt and completion.
    """

    messages: list[dict[str, Any]]
    tools: list[Any] | None
    flags: Mapping[str, Any]
    prompt: int | None = None


@dataclass(frozen=True)
class Columns:
    """The columns of a conversation; the names of missing columns are empty.

    Attributes:
        messages: the column of the messages, unless ``prompt`` and ``completion`` share them.
        prompt: messages, or the user's text.
        completion: messages, or the assistant's text.
        tools: JSON schemas of tools, or JSON that lists them.
        flags: further variables of the template, by name.
        role: the key of a message for its role.
        content: the key of a message for its content.
        roles: new names for roles, by the names in the data.
        packed: the column that holds each row as a JSON object, if there is one.

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
        """The conversation in a row.

        Raises:
            NoConversation: the row is not a conversation.

        """
        if self.packed:
            row = _unpacked(row[self.packed])
        tools = _decoded(row.get(self.tools), self.tools)
        if tools is not None and not isinstance(tools, list):
            raise NoConversation(f"{self.tools} is not a list")
        flags = _flags(row.get(self.flags))
        if self.messages:
            return Example(self._messages(row, self.messages, ""), tools or None, flags)
        prompt = self._messages(row, self.prompt, "user")
        completion = self._messages(row, self.completion, "assistant")
        return Example(prompt + completion, tools or None, flags, len(prompt))

    def _messages(self, row: Row, column: str, speaker: str) -> list[dict[str, Any]]:
        """The messages in a column; plain text becomes a message of ``speaker``."""
        value = row.get(column)
        if isinstance(value, str) and speaker:
            return [{"role": speaker, "content": value}]
        value = _decoded(value, column)
        if not isinstance(value, list):
            raise NoConversation(f"{column} is not a list of messages: {_kind(value)}")
        if not value:
            raise NoConversation(f"{column} is empty")
        return applied_messages(
            [self._message(each, f"{column}[{at}]") for at, each in enumerate(value)]
        )

    def _message(self, message: Any, where: str) -> dict[str, Any]:
        if not isinstance(message, Mapping):
            raise NoConversation(f"{where} is not a message: {_kind(message)}")
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
        """The mapping for people: which column each part comes from."""
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
        raise NoConversation(f"not a JSON object: {_kind(row)}")
    return row


def _decoded(value: Any, column: str) -> Any:
    if not isinstance(value, str):
        return value
    if not value.strip():
        return None
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        raise NoConversation(f"{column} is text, but not JSON") from None


def _flags(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        return {}
    return {str(name): each for name, each in value.items() if each is not None}


def _kind(value: Any) -> str:
    return "nothing" if value is None else type(value).__name__
