"""Conversations on both sides of each number and text that a template contains."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from rewriter.conversations.kinds import KINDS
from rewriter.conversations.saying import saying
from rewriter.conversations.tool_use import (
    call_of,
    calling,
    calling_with,
    naming,
    result,
    tools,
    unsaid,
)
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.probes import TOOLS

# The largest numbers that may count messages, and things in one message.
_MOST_MESSAGES: Final = 130
_MOST_PARTS: Final = 64
_MOST_WORDS: Final = 3_000
_PROSE: Final = "abcdefghijklmnopqrstuvwxyz0123456789"


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
    yield Conversation(tuple(unsaid(working(size, 4))), tools=TOOLS)
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


def _of_parts(size: int) -> Iterator[Conversation]:
    """``size`` calls, results, arguments, blocks and documents, and names of that many letters."""
    asked = {"role": "user", "content": "What now?"}
    answer = {"role": "assistant", "content": "This."}
    results = [result(f"found {n}", n) for n in range(size)]
    # Some templates print calls only without content, others only beside some.
    for said in ({}, {"content": "I look.", "reasoning_content": "Hm."}):
        called = {**calling(size), **said}
        yield Conversation((asked, called, *results, answer), tools=tools(size))
    yield Conversation(tuple(unsaid((asked, calling(size), *results, answer))), tools=tools(size))
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
    several = {"role": "assistant", "content": "", "tool_calls": [call_of(given, 0)]}
    yield Conversation((asked, several, result("found", 0), answer), tools=tools(1))
    name = next(texts_of(size), "a")
    yield from naming(name, name)
    yield Conversation((asked, {**asked, "role": name}, answer, {**asked, "name": name}))
