"""Long conversations that become unusual only late.

A variant of a template that refuses two questions in a row may do so only in the first ten
messages. So every kind of message comes after a long alternation, and after as many messages as a
number in the template; with other special tokens, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from rewriter.conversations.boundaries import working
from rewriter.conversations.second_versions import OTHER_TOKENS
from rewriter.conversations.tool_use import calling, result
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.probes import TOOLS

_LENGTHS: Final = (7, 12, 24, 45)
_MOST: Final = 130
_MOST_LENGTHS: Final = 24

_ASKED: Final[dict[str, Any]] = {"role": "user", "content": "And now?"}
_ANSWER: Final[dict[str, Any]] = {"role": "assistant", "content": "That."}
_CALLED: Final = (calling(1), result("found", 0))
# The late messages: each role, alone and followed by an answer or a question.
_LATE: Final[tuple[tuple[dict[str, Any], ...], ...]] = (
    (_ASKED,),
    (_ANSWER,),
    (_ASKED, _ASKED, _ANSWER),
    (_ANSWER, _ANSWER, _ASKED),
    ({"role": "system", "content": "Be kind."},),
    ({"role": "system", "content": "Be kind."}, _ASKED, _ANSWER),
    ({"role": "developer", "content": "Be kind."}, _ASKED, _ANSWER),
    ({"role": "guest", "content": "Me too."},),
    _CALLED[:1],
    _CALLED[1:],
    (*_CALLED, _ANSWER, _ASKED),
    (_ASKED, *_CALLED, _ANSWER),
    ({**_ASKED, "content": ""}, {**_ANSWER, "content": ""}, _ASKED),
    ({**_ASKED, "content": None}, {**_ANSWER, "content": None}, _ASKED),
    (
        {**_ASKED, "content": [{"type": "text", "text": "And now?"}]},
        {**_ANSWER, "content": [{"type": "image"}, {"type": "text", "text": "That."}]},
    ),
    (
        _ASKED,
        {**_ANSWER, "content": "<think>\nHm.\n</think>\n\nThat.", "reasoning_content": "Hm."},
    ),
)


def late_changes(numbers: Iterable[int]) -> Iterator[Conversation]:
    """Each kind of message after a long alternation, and after as many messages as each number."""
    counted = (number + more for number in numbers for more in (0, 1, 2))
    lengths = dict.fromkeys((*_LENGTHS, *(each for each in counted if each <= _MOST)))
    for length in list(lengths)[:_MOST_LENGTHS]:
        turns = [
            {"role": ("user", "assistant")[number % 2], "content": f"w{number}"}
            for number in range(length)
        ]
        head = {"role": "system", "content": "Be brief."}
        for number, late in enumerate(_LATE):
            prompted = number % 3 == 0
            yield Conversation((*turns, *late), add_generation_prompt=prompted, flags=OTHER_TOKENS)
            if length in _LENGTHS:
                yield Conversation((head, *turns, *late), tools=TOOLS, flags=OTHER_TOKENS)
                yield Conversation((*working(length, 4), *late), tools=TOOLS, flags=OTHER_TOKENS)
