"""What a template accepts, and how to fit a draft to that."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final, TypeVar

from rewriter.conversations.draft import Draft
from rewriter.conversations.kinds import (
    ASSISTANT,
    BLOCKS,
    CALLS,
    KINDS,
    OTHER,
    SHAPES,
    START,
    TEXT,
    USER,
    kind_of,
    said,
    shape_of,
)
from rewriter.conversations.vocabulary import REASONING_FIELDS, TOKEN
from rewriter.tracing.conversation import Conversation

# The forms of tool calls that a template may accept.
OBJECT: Final = "arguments as an object"
STRING: Final = "arguments as a string"
TYPED: Final = "arguments that are no texts"
SEVERAL: Final = "several calls at once"
BARE: Final = "calls without the function wrapper"
ANONYMOUS: Final = "calls without an id"
THOUGHTFUL: Final = "content and reasoning beside a call"
CALL_FORMS: Final = (OBJECT, STRING, TYPED, SEVERAL, BARE, ANONYMOUS, THOUGHTFUL)

_Value = TypeVar("_Value")


def _everything() -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType(dict.fromkeys((START, *KINDS), KINDS))


@dataclass(frozen=True, slots=True)
class Profile:
    """The conversations that a template accepts; by default, all.

    Replace a field to override what probing found.

    Attributes:
        follows: which kinds of message may follow a kind, or the start.
        shapes: which shapes of content a kind of message may have.
        calls: which forms of tool calls are accepted.
        tools: whether tool schemas are accepted.
        documents: whether documents are read.
        asks: whether a conversation needs a message of the user.
        flags: the possible values of each other variable.
        constants: variables that always have a value, such as ``bos_token``.
        tokens: special tokens that the template writes.
        sought: texts that the template looks for in messages.

    """

    follows: Mapping[str, tuple[str, ...]] = field(default_factory=_everything)
    shapes: Mapping[str, tuple[str, ...]] = field(
        default_factory=lambda: MappingProxyType(dict.fromkeys(KINDS, SHAPES))
    )
    calls: tuple[str, ...] = CALL_FORMS
    tools: bool = True
    documents: bool = True
    asks: bool = False
    flags: Mapping[str, tuple[Any, ...]] = field(default_factory=lambda: MappingProxyType({}))
    constants: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    tokens: tuple[str, ...] = ("<|special|>",)
    sought: tuple[str, ...] = ()

    def fitted(self, draft: Draft) -> Conversation:
        """The draft in the form that this template accepts, or unchanged if it is wild."""
        conversation = draft.conversation
        token = self.tokens[draft.choices[0] % len(self.tokens)] if self.tokens else ""
        messages: Any = _spoken(conversation.messages, token)
        flags = {**self.constants, **self._chosen_flags(draft.choices)}
        conversation = replace(conversation, messages=messages, flags=flags)
        return conversation if draft.wild else self.accepted(conversation)

    def _chosen_flags(self, choices: tuple[int, ...]) -> dict[str, Any]:
        chosen: dict[str, Any] = {}
        for number, (name, values) in enumerate(self.flags.items()):
            choice = choices[number % len(choices)] % (len(values) + 1)
            if choice:
                chosen[name] = values[choice - 1]
        return chosen

    def accepted(self, conversation: Conversation) -> Conversation:
        """The conversation in the form that this template accepts, with the constants."""
        return replace(
            conversation,
            flags={**self.constants, **conversation.flags},
            messages=tuple(self._reshaped(message) for message in self._ordered(conversation)),
            tools=conversation.tools if self.tools else None,
            documents=conversation.documents if self.documents else None,
        )

    def _ordered(self, conversation: Conversation) -> Iterable[Mapping[str, Any]]:
        """The messages that may stand where they are, with missing ones inserted."""
        before = START
        asked = False
        for message in conversation.messages:
            kind = kind_of(message)
            # One unknown role was tried for all of them.
            kind = kind if kind in KINDS else OTHER
            way = self._way(before, kind)
            if way is not None:
                yield from (_filler(step) for step in way)
                yield message
                before = kind
                asked = asked or USER in (kind, *way)
        if before == START or (self.asks and not asked):
            yield _filler(USER)

    def _way(self, before: str, kind: str) -> tuple[str, ...] | None:
        """The messages to insert so that ``kind`` may follow, or ``None`` if nothing helps."""
        after = self.follows.get(before, ())
        if kind in after:
            return ()
        steps = (step for step in (USER, ASSISTANT) if step in after)
        return next(((step,) for step in steps if kind in self.follows.get(step, ())), None)

    def _reshaped(self, message: Mapping[str, Any]) -> Mapping[str, Any]:
        kind = kind_of(message)
        if kind == CALLS:
            message = self._recalled(message)
        accepted = self.shapes.get(kind, SHAPES)
        if shape_of(message) in accepted:
            return message
        text = said(message) or "so"
        if TEXT in accepted:
            return {**message, "content": text}
        if BLOCKS in accepted:
            return {**message, "content": [{"type": "text", "text": text}]}
        return message

    def _recalled(self, message: Mapping[str, Any]) -> Mapping[str, Any]:
        calls = message["tool_calls"] if SEVERAL in self.calls else message["tool_calls"][:1]
        message = {**message, "tool_calls": [self._call(call) for call in calls]}
        if THOUGHTFUL in self.calls or not any(message.get(name) for name in REASONING_FIELDS):
            return message
        return {**message, "content": ""} if message.get("content") else message

    def _call(self, call: Mapping[str, Any]) -> Mapping[str, Any]:
        if BARE not in self.calls and "function" not in call:
            function = {name: call[name] for name in ("name", "arguments")}
            call = {"id": call.get("id", "call00000"), "type": "function", "function": function}
        if ANONYMOUS not in self.calls and "id" not in call:
            call = {"id": "call00000", **call}
        if "function" in call:
            return {**call, "function": self._argued(call["function"])}
        return self._argued(call)

    def _argued(self, function: Mapping[str, Any]) -> Mapping[str, Any]:
        arguments = function["arguments"]
        if isinstance(arguments, str):
            fits = STRING in self.calls or OBJECT not in self.calls
            return function if fits else {**function, "arguments": _read(arguments)}
        fits = OBJECT in self.calls or STRING not in self.calls
        if fits and (TYPED in self.calls or not isinstance(arguments, Mapping)):
            return function
        if fits:
            texts = {name: _written(value) for name, value in arguments.items()}
            return {**function, "arguments": texts}
        return {**function, "arguments": json.dumps(arguments, ensure_ascii=False)}


def _filler(role: str) -> Mapping[str, Any]:
    return {"role": role, "content": "and"}


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _read(arguments: str) -> dict[str, Any]:
    try:
        read = json.loads(arguments)
    except json.JSONDecodeError:
        return {"at": arguments}
    return read if isinstance(read, dict) else {"at": read}


def _spoken(value: Any, token: str) -> Any:
    """The messages, with ``token`` filled in for its placeholder in the draft."""
    if isinstance(value, str):
        return value.replace(TOKEN, token) if TOKEN in value else value
    if isinstance(value, Mapping):
        return {name: _spoken(item, token) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_spoken(item, token) for item in value)
    return value
