"""Conversations in which each text beside the content is one that filters change.

A name in lower case is the same in lower case, and a thought of one short line is its own first
line and its first forty characters. So every field is given capitals, underscores, white space
around it, several lines and some length, each by itself: a template may refuse such an id. What
blocks hold that are objects is nested, and has what JSON writes in more than one way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

from rewriter.conversations.vocabulary import REASONING_FIELDS
from rewriter.tracing.conversation import Conversation

# One of a name's length, one of a text's, and one that is beyond most limits.
_NAME: Final = "toolu_Functions.Look_At-It"
_TEXT: Final = " It's A_b, and <C-d>:\n" + "\n\tso IT goes  on " * 4
_ODD: Final = (_NAME, _TEXT, _TEXT * 20)
_OBJECTS: Final[tuple[Any, ...]] = (
    {"b": None, "a": {"é": ["A_b", 1.5, True]}, "C": " <x> & 'y' ", "d": ""},
    {"path": "a/b\\c", "one": 1.0, "none": {"of": {"it": {}}}, "row": [], "rows": [[], {}]},
    {},
    "text",
)
_ASKED: Final[dict[str, Any]] = {"role": "user", "content": "What now?"}
_ANSWER: Final[dict[str, Any]] = {"role": "assistant", "content": "That."}
_RESULT: Final[dict[str, Any]] = {"role": "tool", "content": "found"}
_USE: Final = {"type": "tool_use", "id": "call00000", "name": "look", "input": {"at": "home"}}
_THOUGHT: Final = {"type": "thinking", "thinking": "Hm.", "signature": "abc="}
_REDACTED: Final = {"type": "redacted_thinking", "data": "abc="}
_SAID: Final = {"type": "text", "text": "That."}
# What a template may print once, up to a number, or only after something else.
_ROWS: Final = (
    (_THOUGHT, _USE),
    (_THOUGHT, _THOUGHT, _SAID),
    (_REDACTED, _SAID, _THOUGHT, _USE),
    (_SAID, _USE, _SAID, *(_USE,) * 6),
)
_MOST_TEXTS: Final = 12
_TAGGED: Final = "<think>\nHm.\n</think>\n\nThat."


def odd_fields(texts: Iterable[str]) -> Iterator[Conversation]:
    """Each field by itself, with a name and with a text; a thought beside one in the content.

    ``texts`` are those that the templates look for; they are in blocks of each type.
    """
    for odd in _ODD:
        for key in (*REASONING_FIELDS, "tool_plan", "refusal", "name"):
            yield Conversation((_ASKED, {**_ANSWER, key: odd}, _ASKED))
            yield Conversation((_ASKED, {**_ANSWER, key: odd}))
        yield Conversation(({**_ASKED, "name": odd}, _ANSWER))
        for call in _calls(odd):
            called = {**_ANSWER, "tool_calls": [call]}
            result = {**_RESULT, "tool_call_id": call["id"], "name": call["function"]["name"]}
            yield Conversation((_ASKED, called, result, _ANSWER), tools=[_tool("look", "a text")])
        yield from _in_blocks(_blocks(odd))
        for said in (odd, [{"type": "text", "text": odd}]):
            given = {"type": "tool_result", "tool_use_id": "call00000", "content": said}
            blocks = [{"type": "text", "text": "So:"}, given]
            yield Conversation((_ASKED, _ANSWER, {**_ASKED, "content": blocks}, _ANSWER))
        for tool in (
            _tool(odd, "a text"),
            _tool("look", odd),
            _tool("look", "a text", about=odd),
            _tool("look", "a text", of=odd),
        ):
            yield Conversation((_ASKED, _ANSWER), tools=[tool])
    yield from _in_blocks({**_USE, "input": each} for each in _OBJECTS)
    for row in _ROWS:
        yield Conversation((_ASKED, {**_ANSWER, "content": [*row]}, _ASKED))
    for empty in ("", None):
        thoughts = dict.fromkeys(REASONING_FIELDS, empty)
        for after in ((), (_ASKED,)):
            yield Conversation((_ASKED, {**_ANSWER, "content": _TAGGED, **thoughts}, *after))
        thinking = {**_ANSWER, **dict.fromkeys(REASONING_FIELDS, "Hm.")}
        nothing = {**_ASKED, "content": empty}
        yield Conversation((_ASKED, thinking, nothing, thinking))
        unsaid = [{"type": "text", "text": empty}]
        yield Conversation(({**_ASKED, "content": unsaid}, {**_ANSWER, "content": unsaid}, _ASKED))
    for text in islice(texts, _MOST_TEXTS):
        held = f"a{text}b{text}c"
        thought, use = {**_THOUGHT, "thinking": held}, {**_USE, "input": {"at": held}}
        yield Conversation((_ASKED, {**_ANSWER, "content": [thought, _SAID, use]}, _ASKED))


def _calls(odd: str) -> Iterator[Mapping[str, Any]]:
    call = {"id": "call00000", "type": "function"}
    function = {"name": "look", "arguments": {"at": "home"}}
    yield {**call, "id": odd, "function": function}
    yield {**call, "function": {**function, "name": odd}}
    yield {**call, "function": {**function, "arguments": {"at": odd}}}
    yield {**call, "function": {**function, "arguments": {odd: "home"}}}


def _in_blocks(blocks: Iterable[Mapping[str, Any]]) -> Iterator[Conversation]:
    for block in blocks:
        content = [block, _SAID]
        yield Conversation((_ASKED, {**_ANSWER, "content": content}, _ASKED))


def _blocks(odd: str) -> Iterator[Mapping[str, Any]]:
    yield {"type": "thinking", "thinking": odd}
    yield {"type": "reasoning", "text": odd}
    yield from ({**_USE, key: odd} for key in ("id", "name"))
    yield {**_USE, "input": {"at": odd}}


def _tool(
    name: str, description: str, about: str = "a place", of: str = "string"
) -> Mapping[str, Any]:
    place = {"type": of, "description": about}
    parameters = {"type": "object", "properties": {"at": place}, "required": ["at"]}
    function = {"name": name, "description": description, "parameters": parameters}
    return {"type": "function", "function": function}
