"""Conversations made for the numbers and texts that templates hold, on both sides of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from rewriter.tracing.conversation import Conversation
from rewriter.tracing.probes import TOOLS
from rewriter.verification.kinds import KINDS

# Up to here a number may count messages, and up to there what is in one message.
_MOST_MESSAGES: Final = 130
_MOST_PARTS: Final = 64
_MOST_WORDS: Final = 3_000
_PROSE: Final = "abcdefghijklmnopqrstuvwxyz0123456789"
# Where reasoning stands within what is said.
_INLINE: Final = "<think>\n{0}\n</think>\n\n{0}"


def at_numbers(numbers: Iterable[int]) -> Iterator[Conversation]:
    """Conversations with one fewer, as many and one more of all that a number may count."""
    sizes = dict.fromkeys(n + more for n in numbers for more in (-1, 0, 1))
    for size in sizes:
        if size <= _MOST_MESSAGES:
            yield from _of_messages(size)
        if size <= _MOST_PARTS:
            yield from _of_parts(size)
        for text in texts_of(size):
            yield from saying(text)


def beyond_numbers(numbers: Iterable[int]) -> Iterator[Conversation]:
    """One conversation of each kind beyond a number, whose masks are worth a closer look."""
    for number in numbers:
        if number < _MOST_PARTS:
            yield next(_of_messages(number + 1 + number % 2))
            yield from _of_parts(number + 1)
        for text in texts_of(number + 1):
            yield from saying(text)


def at_texts(texts: Iterable[str]) -> Iterator[Conversation]:
    """Conversations in which everybody says each text, at each end, between, alone and twice."""
    for text in texts:
        if text not in KINDS:
            said = (f"{text}a", f"a{text}", f"a{text}b{text}c", text, text * 2)
            for each in said:
                yield from saying(each)


def texts_of(size: int) -> Iterator[str]:
    """A text of so many characters, of so many words, and of so many lines."""
    if size < 1:
        return
    yield (_PROSE * (size // len(_PROSE) + 1))[:size]
    if size <= _MOST_WORDS:
        yield " ".join(f"w{number}" for number in range(size))
        yield "\n".join(f"w{number}" for number in range(size))


def _of_messages(size: int) -> Iterator[Conversation]:
    """So many messages, tools with them or not; those of the user alone, with a system message."""
    turns = tuple(
        {"role": ("user", "assistant")[number % 2], "content": f"w{number}"}
        for number in range(size)
    )
    prompted = size % 2 == 1
    yield Conversation(turns, add_generation_prompt=prompted)
    if size <= _MOST_PARTS:
        yield Conversation(turns, tools=tools(size), add_generation_prompt=prompted)
        head = {"role": "system", "content": "Be brief."}
        yield Conversation((head, *turns, *turns), tools=TOOLS)


def _of_parts(size: int) -> Iterator[Conversation]:
    """So many calls and results, so many blocks, and names of so many letters."""
    asked = {"role": "user", "content": "What now?"}
    answer = {"role": "assistant", "content": "This."}
    results = (result(f"found {n}", n) for n in range(size))
    yield Conversation((asked, calling(size), *results, answer), tools=tools(size))
    blocks = [{"type": "text", "text": f"w{number} "} for number in range(size)]
    yield Conversation(({**asked, "content": blocks}, {**answer, "content": blocks}, asked))
    name = next(texts_of(size), "a")
    call = {"name": name, "arguments": {name: "home"}}
    named = {"role": "assistant", "content": "", "tool_calls": [_call(call, name)]}
    found = {"role": "tool", "content": "found", "name": name, "tool_call_id": name}
    yield Conversation((asked, named, found, answer), tools=tools(1, name))
    yield Conversation((asked, {**asked, "role": name}, answer, {**asked, "name": name}))


def saying(text: str) -> Iterator[Conversation]:
    """Everybody says the text: in contents, thoughts, arguments and results.

    Without tools, too: with them, some templates print a system message in another place.
    """
    call = {"name": "look", "arguments": {"at": text}}
    system = {"role": "system", "content": text}
    user = {"role": "user", "content": text}
    answer = {"role": "assistant", "content": text}
    inline = {**answer, "content": _INLINE.format(text)}
    calls = {**answer, "tool_calls": [_call(call, 0)]}
    # thoughts may be printed only behind what was asked last
    reasoned = {**answer, "reasoning_content": text}
    yield Conversation((system, user, inline, user, answer))
    worked = (system, user, inline, user, calls, result(text, 0), answer, user, reasoned)
    yield Conversation(worked, tools=TOOLS)


def calling(count: int) -> dict[str, Any]:
    """An assistant's message with so many calls."""
    calls = [_call({"name": f"look{n}", "arguments": {"at": f"home {n}"}}, n) for n in range(count)]
    return {"role": "assistant", "content": "", "tool_calls": calls}


def result(text: str, number: int) -> dict[str, Any]:
    """What a tool gives back."""
    return {
        "role": "tool",
        "content": text,
        "name": f"look{number}",
        "tool_call_id": f"call{number:05}",
    }


def tools(count: int, name: str = "look") -> list[dict[str, Any]]:
    """So many tools, or as many properties of one."""
    properties = {f"at{n}": {"type": "string", "description": f"w{n}"} for n in range(count)}
    schema = {"type": "object", "properties": properties, "required": ["at0"]}
    names = [name if count == 1 else f"{name}{number}" for number in range(count)]
    return [
        {
            "type": "function",
            "function": {
                "name": each,
                "description": f"Does {each}.",
                "parameters": schema if number == 0 else {"type": "object", "properties": {}},
            },
        }
        for number, each in enumerate(names)
    ]


def _call(function: dict[str, Any], call_id: int | str) -> dict[str, Any]:
    written = call_id if isinstance(call_id, str) else f"call{call_id:05}"
    return {"id": written, "type": "function", "function": function}
