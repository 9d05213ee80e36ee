"""Reduce a conversation while it still shows a fault.

Hypothesis shrinks the choices that a conversation was drawn from. This module shrinks the
conversation itself, so that it works for any: a fixed one, or a user's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from rewriter.tracing.conversation import Conversation

PLAINEST: Final = "a"
PLAINEST_ROLE: Final = "user"
_MOST_ATTEMPTS: Final = 3000
# Judging takes time that grows with the square of the number of messages.
_MOST_WORK: Final = 108_000
# It also grows with the square of the number of characters.
_MOST_CHARACTERS: Final = 2_000_000
# The most parts that a long text is divided into.
_PARTS: Final = 128


def reduced(conversation: Conversation, fails: Callable[[Conversation], bool]) -> Conversation:
    """Remove parts of a failing conversation for as long as it still fails."""
    most = _MOST_WORK // max(1, len(conversation.messages)) ** 2
    attempts = iter(range(min(_MOST_ATTEMPTS, most)))
    left = _MOST_CHARACTERS
    while left > 0:
        size, tried, found = conversation.size[1], 0, None
        for _, candidate in zip(attempts, _simpler(conversation), strict=False):
            tried += size
            if tried > left:
                break
            if fails(candidate):
                found = candidate
                break
        if found is None:
            break
        conversation, left = found, left - tried
    return conversation


def _simpler(conversation: Conversation) -> Iterator[Conversation]:
    """Conversations with one part less each, the largest part first."""
    for messages in _without_one(conversation.messages):
        yield replace(conversation, messages=messages)
    if conversation.tools is not None:
        yield replace(conversation, tools=None)
    if conversation.documents is not None:
        yield replace(conversation, documents=None)
    if conversation.add_generation_prompt:
        yield replace(conversation, add_generation_prompt=False)
    for flags in _without_one_key(conversation.flags):
        yield replace(conversation, flags=flags)
    for number, message in enumerate(conversation.messages):
        for simpler in _simpler_messages(message):
            yield replace(conversation, messages=_with(conversation.messages, number, simpler))
    for tools in _simpler_values(conversation.tools):
        yield replace(conversation, tools=tools)


def _simpler_messages(message: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if message.get("content") != PLAINEST:
        yield {**message, "content": PLAINEST}
    said = {name: message[name] for name in ("role", "content") if name in message}
    rest = {name: value for name, value in message.items() if name not in said}
    for simpler in _simpler_values(rest):
        yield {**said, **simpler}
    for content in _simpler_values(message.get("content")):
        yield {**message, "content": content}
    if message.get("role") != PLAINEST_ROLE:
        yield {**message, "role": PLAINEST_ROLE}


def _simpler_values(value: object) -> Iterator[Any]:
    if isinstance(value, str):
        yield from _simpler_strings(value)
    elif isinstance(value, Mapping):
        yield from _without_one_key(value)
        for name, item in value.items():
            yield from ({**value, name: simpler} for simpler in _simpler_values(item))
    elif isinstance(value, Sequence):
        yield from _without_one(value)
        for number, item in enumerate(value):
            yield from (_with(value, number, simpler) for simpler in _simpler_values(item))


def _simpler_strings(text: str) -> Iterator[str]:
    """The plainest text, then the text without ever smaller parts; never an empty text."""
    if text == PLAINEST:
        return
    yield PLAINEST
    size = len(text) // 2
    while size > len(text) // _PARTS:
        for start in range(0, len(text), size):
            if left := text[:start] + text[start + size :]:
                yield left
        size //= 2


def _without_one(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for number in reversed(range(len(items))):
        yield [*items[:number], *items[number + 1 :]]


def _without_one_key(items: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for name in items:
        yield {other: value for other, value in items.items() if other != name}


def _with(items: Sequence[Any], number: int, item: object) -> Sequence[Any]:
    return [*items[:number], item, *items[number + 1 :]]
