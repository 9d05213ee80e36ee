"""Messages with calls and results, and conversations of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from json import dumps
from typing import Any

from rewriter.tracing.conversation import Conversation


def naming(text: str, call_id: str = "call00000") -> Iterator[Conversation]:
    """A tool, its calls and their argument are named by the text."""
    call = call_of({"name": text, "arguments": {text: "home"}}, call_id)
    among_others = {"at": 1, "to": 2, text: "home", "by": 3, "of": 4}
    calls = [call, call_of({"name": text, "arguments": among_others}, call_id)]
    found = {"role": "tool", "content": "found", "name": text, "tool_call_id": call_id}
    yield from beside(calls, [found] * 2, tools(1, text))


def calling_with(arguments: Mapping[str, Any]) -> Iterator[Conversation]:
    """A tool is called with the arguments."""
    calls = [call_of({"name": "look", "arguments": dict(arguments)}, number) for number in range(2)]
    yield from beside(calls, [result("found", number) for number in range(2)], tools(1))


def beside(
    calls: list[dict[str, Any]], results: list[dict[str, Any]], known: list[dict[str, Any]]
) -> Iterator[Conversation]:
    """The calls beside content, beside empty content, and beside none."""
    asked = {"role": "user", "content": "What now?"}
    empty = {"role": "assistant", "content": "", "tool_calls": calls}
    said = ({**empty, "content": "I look."}, *results)
    yield Conversation((asked, *said, empty, *results, {**asked, "role": "assistant"}), tools=known)
    yield Conversation(tuple(unsaid((asked, empty, *results))), tools=known)


def calling(count: int) -> dict[str, Any]:
    """An assistant's message with ``count`` calls."""
    calls = [
        call_of({"name": f"look{n}", "arguments": {"at": f"home {n}"}}, n) for n in range(count)
    ]
    return {"role": "assistant", "content": "", "tool_calls": calls}


def call_of(function: dict[str, Any], call_id: int | str) -> dict[str, Any]:
    """A call of a function, with an id that is given or made from a number."""
    written = call_id if isinstance(call_id, str) else f"call{call_id:05}"
    return {"id": written, "type": "function", "function": function}


def written_down(call: dict[str, Any]) -> dict[str, Any]:
    """The call, with its arguments as JSON text."""
    function = call["function"]
    given = function["arguments"]
    written = given if isinstance(given, str) else dumps(given, ensure_ascii=False)
    return {**call, "function": {**function, "arguments": written}}


def unsaid(messages: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The messages, where calls come without content and with arguments as text.

    Results come without a name, so that templates look it up among the calls.
    """
    for message in messages:
        if message.get("tool_calls"):
            calls = [*map(written_down, message["tool_calls"])]
            yield {**message, "content": None, "tool_calls": calls}
        elif message["role"] == "tool":
            yield {key: value for key, value in message.items() if key != "name"}
        else:
            yield message


def result(text: str, number: int) -> dict[str, Any]:
    """A tool's result."""
    return {
        "role": "tool",
        "content": text,
        "name": f"look{number}",
        "tool_call_id": f"call{number:05}",
    }


def tools(count: int, name: str = "look") -> list[dict[str, Any]]:
    """``count`` tools, or one tool with ``count`` properties."""
    properties: dict[str, Any] = {
        f"at{n}": {"type": "string", "description": f"w{n}"} for n in range(count)
    }
    properties["which"] = {"type": "string", "enum": list(properties)}
    schema = {"type": "object", "properties": properties, "required": list(properties)}
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
