"""Long conversations with many of everything, and texts of the kinds that people and tools write.

Each is rendered once: any limit, cut or change of message text shows in one of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle, islice
from typing import Any, Final

from rewriter.conversations.saying import saying
from rewriter.conversations.tool_use import beside, calling, naming, result, tools
from rewriter.tracing.conversation import Conversation

_TURNS: Final = 22
_TOOLS: Final = 13
_CALLS: Final = 9
_BLOCKS: Final = 11
_CODE: Final = (
    "def f(a):\n\tif a:\n\t\treturn  1\n    \n    # four, then eight\n        return 'two'\n"
    "\nclass A:\n    x = {\n        'b':  [1,\t2],\n    }\n\n\n\nend  \n"
)
_MARKUP: Final = (
    "# One\n\n## Two\n#### Four\n\n* a *b* **c** __d__ ~~e~~ `f`\n- g\n1. h\n> i\n---\n***\n===\n"
    "| a | b |\n|---|---|\n| 1 | 2 |\n\n[a](https://example.com/?a=1&b=2) ![i](j.png)\n"
    "```python\nprint('a')\n```\n$$x^2$$ \\(y\\) $z$\n"
)
_TAGS: Final = (
    '<div class="a">\n  <b>&lt;c&gt;</b> <br/> <!-- d -->\n</div>\n<?xml version="1.0"?>\n'
    '{"a": {"b": [1, 2.50, null, true]}, "c": "\\u00e9\\n"}\n{{a}} {b} [c] (d) <e> %f $g @h #i\n'
)
_PROSE: Final = (
    "In 1999 Ann paid $1,234.50 (20% off) at 10:30 A.M. -- 'so it is', she said; \"WHY NOT?\" "
    "THE END.  Two  spaces, a\ttab, an em\u2014dash, an ellipsis\u2026 and \u201cquotes\u201d "
    "\u2018too\u2019. I.e. 3/4, 1e-5, 0x1F, -7, +1 (555) 010-0000, a_b, C++, O'Neil, co-op!!! "
)
# Arguments as written by hand, or with indentation.
_ARGUMENTS: Final = '{\n    "at":  "home",\n\t"by":\t[1,\n        2]\n}'
_LONG: Final = 5_200
TEXTS: Final = (
    _CODE,
    _MARKUP,
    _TAGS,
    _PROSE,
    "WHY NOT, O",
    "1234567.50",
    "".join(islice(cycle(_PROSE), _LONG)) + "\n\n" + "\n".join(f"line {n}" for n in range(60)),
)
# Names that no template knows, one of them longer than any known one.
ROLES: Final = ("critic", "observation", "environment", "moderator_of_all", "Narrator 2")


def long_chats() -> Iterator[Conversation]:
    """The conversations; before each long one comes a short version, for a close look."""
    asked, answer = {"role": "user", "content": "What now?"}, {"role": "assistant"}
    head = {"role": "system", "content": "Be brief."}
    many = tools(_TOOLS)
    for count in (3, _TURNS):
        turns = [turn for number in range(count) for turn in _exchange(number)]
        yield Conversation(turns)
        yield Conversation([head, *turns, asked], tools=many, add_generation_prompt=True)
    for count in (2, _TURNS // 2):
        worked = [turn for number in range(count) for turn in _worked(number)]
        yield Conversation([head, *worked], tools=many)
        steps = [turn for number in range(count) for turn in _step(number)]
        yield Conversation([asked, *steps, {**answer, "content": "This."}], tools=many)
    results = [result(f"found {number}", number) for number in range(_CALLS)]
    yield Conversation(
        [asked, calling(_CALLS), *results, {**answer, "content": "This."}], tools=many
    )
    given = {"name": "look", "arguments": {f"at{n}": [n] * _BLOCKS for n in range(_BLOCKS)}}
    two = calling(2)["tool_calls"]
    several = {**calling(1), "tool_calls": [{**calling(1)["tool_calls"][0], "function": given}]}
    yield Conversation([asked, several, results[0]], tools=tools(1))
    blocks = [{"type": "text", "text": f"part {number}\n"} for number in range(_BLOCKS)]
    shown = {"content": blocks}
    ruled = {**head, **shown}
    yield Conversation([ruled, {**asked, **shown}, {**answer, **shown}, {**asked, **shown}])
    yield Conversation([ruled, {**asked, **shown}, {**answer, **shown}], tools=many)
    yield Conversation([asked, calling(1), {**results[0], **shown}, {**answer, **shown}])
    images = {"content": [*({"type": "image"} for _ in blocks), blocks[0]]}
    yield Conversation([{**asked, **images}, {**answer, "content": "This."}])
    # No template knows this type.
    noted = {"content": [{"type": "note", "text": "noted"}, blocks[0]]}
    yield Conversation([{**asked, **noted}, {**answer, **noted}])
    for text in TEXTS:
        yield from saying(text)
    yield from naming(_CODE)
    written = [{**call, "function": {**call["function"], "arguments": _ARGUMENTS}} for call in two]
    yield from beside(written, results[:2], many)
    for role in ROLES:
        said = {"role": role, "content": "So be it."}
        yield Conversation([asked, said, {**answer, "content": "This."}, said, asked])


def _exchange(number: int) -> Iterator[dict[str, Any]]:
    yield {"role": "user", "content": f"Question {number}?"}
    yield {"role": "assistant", "content": f"Answer {number}."}


def _step(number: int) -> Iterator[dict[str, Any]]:
    """A thought, a call, and its result."""
    yield {**calling(1), "content": f"I look {number}.", "reasoning_content": f"Hm {number}."}
    yield result(f"found {number}", 0)


def _worked(number: int) -> Iterator[dict[str, Any]]:
    """A question, a step, and its answer."""
    yield {"role": "user", "content": f"Question {number}?"}
    yield from _step(number)
    answer = {"role": "assistant", "content": f"Answer {number}."}
    yield {**answer, "reasoning_content": f"So {number}."}
