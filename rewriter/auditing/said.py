"""The pieces of text in a message that a template may be expected to print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

from rewriter.picture.picture import Part
from rewriter.tracing.fields import field_list, names_of
from rewriter.turns.openings import THINKING

ASSISTANT: Final = "assistant"
# The key of a thought within the content, between tags.
INLINE_THOUGHT: Final = "thought in content"
# The key for arguments of calls, whatever their key in the message.
ARGUMENTS: Final = "tool_calls: arguments"


class Piece(NamedTuple):
    """A text in a message, with its key and its part of the conversation."""

    key: str
    part: Part
    text: str


@cache
def _keys() -> tuple[frozenset[str], frozenset[str]]:
    """The keys of thoughts and of calls."""
    calls = (name for each in field_list().field if each.holds == "call" for name in each.names)
    return names_of("reasoning", "message"), frozenset(calls) - {"function"}


def said(message: Mapping[str, Any]) -> Iterator[Piece]:
    """The pieces of an assistant's message, in the order that templates print them."""
    thoughts, calls = _keys()
    seen: set[str] = set()
    for key in message:
        if key in thoughts:
            for text in texts_in(message[key]):
                # The same thought may be there under several names.
                if text not in seen:
                    seen.add(text)
                    yield Piece(key, Part.REASONING, text)
    yield from _content(message.get("content"))
    for key in message:
        if key in calls:
            yield from _calls(key, message[key])


def _content(content: Any) -> Iterator[Piece]:
    blocks = content if isinstance(content, list) else [content]
    for block in blocks:
        if isinstance(block, Mapping) and block.get("type") in names_of("reasoning"):
            for text in texts_in([block]):
                yield Piece("content", Part.REASONING, text)
        else:
            for text in texts_in(block):
                yield from split_thoughts(text)


def split_thoughts(text: str) -> Iterator[Piece]:
    """Split content into the thoughts between tags, and the text around them."""
    opening = THINKING.search(text)
    if opening is None:
        yield Piece("content", Part.CONTENT, text)
        return
    closing = opening.group().replace("<", "</", 1).replace("[", "[/", 1)
    thought, closed, rest = text[opening.end() :].partition(closing)
    if not closed:
        yield Piece("content", Part.CONTENT, text)
        return
    for part, key, piece in (
        (Part.CONTENT, "content", text[: opening.start()]),
        (Part.REASONING, INLINE_THOUGHT, thought),
    ):
        if piece.strip():
            yield Piece(key, part, piece.strip())
    if rest.strip():
        yield from split_thoughts(rest.strip())


def texts_in(value: Any) -> Iterator[str]:
    """The texts of content, which is text or a list of blocks, stripped of white space."""
    if isinstance(value, str):
        if text := value.strip():
            yield text
    elif isinstance(value, Mapping):
        for key in ("text", "thinking", "reasoning", "content"):
            yield from texts_in(value.get(key))
    elif isinstance(value, Sequence):
        for block in value:
            yield from texts_in(block)


def _calls(key: str, value: Any) -> Iterator[Piece]:
    """The name of each called function, and one text among its arguments, to identify the call."""
    for called in _functions(value):
        name = called.get("name")
        if isinstance(name, str) and name:
            yield Piece(key, Part.CALL, name)
        given = arguments_of(called)
        texts = given.values() if isinstance(given, Mapping) else [given]
        text = next((each for each in texts if isinstance(each, str) and each.strip()), "")
        if text:
            yield Piece(ARGUMENTS, Part.CALL, text.strip())


def arguments(message: Mapping[str, Any]) -> Iterator[Any]:
    """The arguments of each call."""
    _, calls = _keys()
    for key in message:
        if key in calls:
            yield from map(arguments_of, _functions(message[key]))


def arguments_of(called: Mapping[str, Any]) -> Any:
    """The arguments that a function is called with."""
    return called.get("arguments", called.get("parameters"))


def _functions(value: Any) -> Iterator[Mapping[str, Any]]:
    return map(function, value if isinstance(value, list) else [value])


def function(call: Any) -> Mapping[str, Any]:
    """The function object of a call, or of a tool's schema."""
    if not isinstance(call, Mapping):
        return {}
    inner = call.get("function")
    return inner if isinstance(inner, Mapping) else call
