"""Conversations on both sides of each number and text that a template contains."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from json import dumps
from typing import Any, Final

from rewriter.conversations.kinds import KINDS
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.probes import TOOLS

# The largest numbers that may count messages, and things in one message.
_MOST_MESSAGES: Final = 130
_MOST_PARTS: Final = 64
_MOST_WORDS: Final = 3_000
_PROSE: Final = "abcdefghijklmnopqrstuvwxyz0123456789"
# Reasoning within content.
_INLINE: Final = "<think>\n{0}\n</think>\n\n{0}"


def at_numbers(numbers: Iterable[int]) -> Iterator[Conversation]:
    """Conversations with one fewer, as many, and one more of everything that a number may count."""
    sizes = dict.fromkeys(n + more for n in numbers for more in (-1, 0, 1))
    for size in sizes:
        if size <= _MOST_MESSAGES:
            yield from _of_messages(size)
        if size <= _MOST_PARTS:
            yield from _of_parts(size)
        else:
            yield from naming(next(texts_of(size)))
        for text in texts_of(size):
            yield from saying(text)
        yield from calling_with({"at": size, "all": [size, str(size)]})


def beyond_numbers(numbers: Iterable[int]) -> Iterator[Conversation]:
    """One conversation of each kind beyond a number, whose masks should be judged closely."""
    for number in numbers:
        if number < _MOST_PARTS:
            yield next(_of_messages(number + 1 + number % 2))
            yield from _of_parts(number + 1)
        for text in texts_of(number + 1):
            yield from saying(text)
        yield from naming(next(texts_of(number + 1)))


def at_texts(texts: Iterable[str]) -> Iterator[Conversation]:
    """Conversations in which everybody says each text: at each end, inside, alone and twice."""
    for text in texts:
        if text not in KINDS:
            said = (f"{text}a", f"a{text}", f"a{text}b{text}c{text}d{text}e", text, text * 2)
            for each in said:
                yield from saying(each)
            yield from naming(f"a{text}b{text}c")
            yield from naming(text)


def texts_of(size: int) -> Iterator[str]:
    """Texts of ``size`` characters, words, lines, and paragraphs."""
    if size < 1:
        return
    yield (_PROSE * (size // len(_PROSE) + 1))[:size]
    if size <= _MOST_WORDS:
        yield " ".join(f"w{number}" for number in range(size))
        yield "\n".join(f"w{number}" for number in range(size))
        yield "\n\n".join(f"w{number}" for number in range(size))


def _of_messages(size: int) -> Iterator[Conversation]:
    """Conversations of ``size`` messages, plain or with calls and thoughts, in several forms."""
    turns = tuple(
        {"role": ("user", "assistant")[number % 2], "content": f"w{number}"}
        for number in range(size)
    )
    prompted = size % 2 == 1
    yield Conversation(turns, add_generation_prompt=prompted)
    # One of the two has a system message first, which some templates count and others take out.
    yield Conversation(working(size, 4), tools=TOOLS)
    yield Conversation(working(size, 3), tools=TOOLS)
    yield Conversation(tuple(_unsaid(working(size, 4))), tools=TOOLS)
    if size <= _MOST_PARTS:
        asks = size % 3 != 2
        yield Conversation(tuple(map(in_blocks, turns)), add_generation_prompt=prompted)
        yield Conversation(_interrupted(size), tools=tools(size), add_generation_prompt=asks)
        yield Conversation(working(size, 2), tools=tools(size))
        head = {"role": "system", "content": "Be brief."}
        yield Conversation((head, *turns[:2] * size), tools=TOOLS)


def in_blocks(message: Mapping[str, Any]) -> dict[str, Any]:
    """The message with its text in a block."""
    return {**message, "content": [{"type": "text", "text": message["content"]}]}


def _interrupted(size: int) -> tuple[dict[str, Any], ...]:
    """``size`` messages, including the system's: how a turn ends may depend on the next speaker."""
    return tuple(
        {"role": ("user", "assistant", "system")[number % 3], "content": f"w{number}"}
        for number in range(size)
    )


def working(size: int, ends_after: int) -> tuple[dict[str, Any], ...]:
    """``size`` messages in steps of four: a question, a call, its result, an answer.

    The last step has only ``ends_after`` messages. Plain messages come first to make up the number.
    """
    asked = {"role": "user", "content": "What now?"}
    thought = {"reasoning_content": "Hm."}
    answer = {"role": "assistant", "content": "This.", **thought}
    step = (asked, {**calling(1), "content": "I look.", **thought}, result("found", 0), answer)
    steps, rest = divmod(max(size - ends_after, 0), len(step))
    head = {"role": "system", "content": "Be brief."}
    plain = (*(head,) * (rest % 2), *(asked, {**answer, "content": "So."}) * (rest // 2))
    return (*plain, *step * steps, *step[: min(ends_after, size)])


def _unsaid(messages: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
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


def written_down(call: dict[str, Any]) -> dict[str, Any]:
    """The call, with its arguments as JSON text."""
    function = call["function"]
    given = function["arguments"]
    written = given if isinstance(given, str) else dumps(given, ensure_ascii=False)
    return {**call, "function": {**function, "arguments": written}}


def _of_parts(size: int) -> Iterator[Conversation]:
    """``size`` calls, results, arguments, blocks and documents, and names of that many letters."""
    asked = {"role": "user", "content": "What now?"}
    answer = {"role": "assistant", "content": "This."}
    results = [result(f"found {n}", n) for n in range(size)]
    # Some templates print calls only without content, others only beside some.
    for said in ({}, {"content": "I look.", "reasoning_content": "Hm."}):
        called = {**calling(size), **said}
        yield Conversation((asked, called, *results, answer), tools=tools(size))
    unsaid = tuple(_unsaid((asked, calling(size), *results, answer)))
    yield Conversation(unsaid, tools=tools(size))
    blocks = [{"type": "text", "text": f"w{number} "} for number in range(size)]
    shown = {"content": blocks}
    head = {"role": "system", **shown}
    yield Conversation((head, {**asked, **shown}, {**answer, **shown}, asked))
    found = {**result("found", 0), **shown}
    yield Conversation((head, asked, {**calling(1), **shown}, found, answer), tools=TOOLS)
    images = {"content": [*({"type": "image"} for _ in blocks), *blocks[:1]]}
    yield Conversation(({**asked, **images}, answer))
    texts = [{"title": f"w{number}", "text": f"w{number}"} for number in range(size)]
    yield Conversation((asked, answer), documents=texts)
    items = [f"w{number}" for number in range(size)]
    given = {"name": "look", "arguments": {**{f"at{n}": n for n in range(size)}, "all": items}}
    several = {"role": "assistant", "content": "", "tool_calls": [_call(given, 0)]}
    yield Conversation((asked, several, result("found", 0), answer), tools=tools(1))
    name = next(texts_of(size), "a")
    yield from naming(name, name)
    yield Conversation((asked, {**asked, "role": name}, answer, {**asked, "name": name}))


def naming(text: str, call_id: str = "call00000") -> Iterator[Conversation]:
    """A tool, its calls and their argument are named by the text."""
    call = _call({"name": text, "arguments": {text: "home"}}, call_id)
    among_others = {"at": 1, "to": 2, text: "home", "by": 3, "of": 4}
    calls = [call, _call({"name": text, "arguments": among_others}, call_id)]
    found = {"role": "tool", "content": "found", "name": text, "tool_call_id": call_id}
    yield from beside(calls, [found] * 2, tools(1, text))


def calling_with(arguments: Mapping[str, Any]) -> Iterator[Conversation]:
    """A tool is called with the arguments."""
    calls = [_call({"name": "look", "arguments": dict(arguments)}, number) for number in range(2)]
    yield from beside(calls, [result("found", number) for number in range(2)], tools(1))


def beside(
    calls: list[dict[str, Any]], results: list[dict[str, Any]], known: list[dict[str, Any]]
) -> Iterator[Conversation]:
    """The calls beside content, beside empty content, and beside none."""
    asked = {"role": "user", "content": "What now?"}
    empty = {"role": "assistant", "content": "", "tool_calls": calls}
    said = ({**empty, "content": "I look."}, *results)
    yield Conversation((asked, *said, empty, *results, {**asked, "role": "assistant"}), tools=known)
    yield Conversation(tuple(_unsaid((asked, empty, *results))), tools=known)


def saying(text: str) -> Iterator[Conversation]:
    """Everybody says the text: in contents, thoughts, arguments, results and documents.

    Also without tools, since with them some templates print a system message in another place.
    """
    system, user, answer = (
        {"role": role, "content": text} for role in ("system", "user", "assistant")
    )
    inline = {**answer, "content": _INLINE.format(text)}
    shown = {"content": [{"type": "text", "text": text}]}
    yield Conversation((system, user, inline, user, answer))
    documents = [{"title": text, "text": text}]
    in_blocks_said = tuple({**each, **shown} for each in (system, user, answer))
    yield Conversation((*in_blocks_said, user), documents=documents)
    yield saying_at_work(text)
    calls = {**answer, "tool_calls": [_call({"name": "look", "arguments": {"at": text}}, 0)]}
    # content beside a call only if no answer, or no result, has followed yet
    thinks = {**calls, "content": "", "reasoning_content": text}
    unanswered = (user, calls, result(text, 0), thinks, result(text, 0), calls)
    yield Conversation(unanswered, tools=TOOLS)


def saying_at_work(text: str) -> Conversation:
    """Everybody says the text in one conversation, with calls and their results."""
    system, user, answer = (
        {"role": role, "content": text} for role in ("system", "user", "assistant")
    )
    inline = {**answer, "content": _INLINE.format(text)}
    call = {"name": "look", "arguments": {"at": text}}
    calls = {**answer, "tool_calls": [_call(call, 0)]}
    as_text = {**answer, "tool_calls": [written_down(_call(call, 1))]}
    found = (calls, result(text, 0), as_text, result(text, 1))
    # thoughts may be printed only after the last question
    reasoned = {**answer, "reasoning_content": text}
    # the system speaks again after an answer, since a turn's end may depend on the next speaker
    worked = (system, user, inline, user, *found, answer, system, user, reasoned)
    return Conversation(worked, tools=TOOLS)


def calling(count: int) -> dict[str, Any]:
    """An assistant's message with ``count`` calls."""
    calls = [_call({"name": f"look{n}", "arguments": {"at": f"home {n}"}}, n) for n in range(count)]
    return {"role": "assistant", "content": "", "tool_calls": calls}


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


def _call(function: dict[str, Any], call_id: int | str) -> dict[str, Any]:
    written = call_id if isinstance(call_id, str) else f"call{call_id:05}"
    return {"id": written, "type": "function", "function": function}
