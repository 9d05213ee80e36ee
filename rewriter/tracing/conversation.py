"""A conversation, with all other input of a template."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from rewriter.arguments import names_given
from rewriter.errors import BadInput
from rewriter.tracing.clock import STOPPED

# The key of the time in plain data; no template gets a variable of this name.
_CLOCK: Final = "strftime_now"


@dataclass(frozen=True, slots=True)
class Conversation:
    """The input of one render. It must not be changed.

    Attributes:
        messages: the messages, as ``apply_chat_template`` takes them.
        tools: JSON schemas of tools, or ``None``.
        documents: documents to answer from, or ``None``.
        add_generation_prompt: whether the header of the answer to come is printed.
        flags: every other variable: ``enable_thinking``, ``bos_token`` …
        now: the time that ``strftime_now`` shows.

    """

    messages: Sequence[Mapping[str, Any]]
    tools: Sequence[Mapping[str, Any]] | None = None
    documents: Sequence[Mapping[str, Any]] | None = None
    add_generation_prompt: bool = False
    flags: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    now: datetime = STOPPED

    @property
    def options(self) -> dict[str, Any]:
        """All variables except the messages and the generation prompt, by name.

        Tools and documents are lists, as users pass them, since a template may print them whole.
        """
        given = {"tools": self.tools, "documents": self.documents}
        listed = {name: list(each) for name, each in given.items() if each is not None}
        return {**dict.fromkeys(given), **self.flags, **listed}

    def as_json(self) -> dict[str, Any]:
        """The conversation as plain data, without options that are off or absent."""
        return dict(self._given())

    def _given(self) -> Iterator[tuple[str, Any]]:
        yield "messages", [dict(message) for message in self.messages]
        if self.tools is not None:
            yield "tools", list(self.tools)
        if self.documents is not None:
            yield "documents", list(self.documents)
        yield "add_generation_prompt", self.add_generation_prompt
        if self.now != STOPPED:
            yield _CLOCK, self.now.isoformat()
        yield from self.flags.items()

    @classmethod
    def given(
        cls, messages: Sequence[Mapping[str, Any]], options: Mapping[str, Any]
    ) -> Conversation:
        """The conversation of messages and `options`, as passed to a template."""
        return cls.from_json({"messages": messages, **options})

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Conversation:
        """The conversation that `as_json` wrote."""
        known = ("messages", "tools", "documents", "add_generation_prompt")
        given = {name: data[name] for name in known if name in data}
        flags = {name: value for name, value in data.items() if name not in known}
        now = _time(flags.pop(_CLOCK, None))
        return cls(**given, flags=MappingProxyType(flags), now=now)

    @classmethod
    def from_data(cls, data: object) -> Conversation:
        """Like `from_json`, for unchecked data; a list of messages is a conversation too.

        Raises:
            ValueError: the data is something else.

        """
        if are_messages(data):
            data = {"messages": data}
        if not isinstance(data, Mapping) or not are_messages(data.get("messages")):
            raise ValueError("this is not a conversation")
        return cls.from_json(data)

    @property
    def size(self) -> tuple[int, int, str]:
        """A measure of how much there is to read: messages, then characters of JSON."""
        written = json.dumps(self.as_json(), ensure_ascii=False)
        return len(self.messages), len(written), written


def _time(written: object) -> datetime:
    try:
        return datetime.fromisoformat(written) if isinstance(written, str) else STOPPED
    except ValueError:
        return STOPPED


def are_messages(data: object) -> bool:
    """Whether the data is a list of messages, of which there is at least one."""
    return isinstance(data, Sequence) and bool(data) and all(map(_is_message, data))


def _is_message(data: object) -> bool:
    return isinstance(data, Mapping) and "role" in data


def conversation_given(given: object) -> Conversation:
    """The conversation.

    Raises:
        BadInput: it is none, such as a list of messages, or its messages are not messages.

    """
    if not isinstance(given, Conversation):
        hint = "write rewriter.Conversation(messages)"
        raise BadInput("this is not a Conversation", name="<conversation>", hint=hint)
    messages = given.messages
    if not isinstance(messages, Sequence) or not all(isinstance(one, Mapping) for one in messages):
        hint = 'give a list such as [{"role": "user", "content": "…"}]'
        raise BadInput("these are not messages", name="<conversation>", hint=hint)
    return given


def conversations_given(given: Iterable[Conversation] | None) -> tuple[Conversation, ...] | None:
    """The conversations, or ``None``.

    Raises:
        BadInput: they are no list, or one of them is none.

    """
    found = names_given(given, "conversations")
    return None if found is None else tuple(conversation_given(each) for each in found)
