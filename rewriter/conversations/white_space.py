"""White space of every kind, beyond the numbers in a template.

A template may change a text at its edges, tabs or line breaks only if it is long, or late.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import cycle, islice
from typing import Final

from rewriter.tracing.conversation import Conversation

_EDGE: Final = " \t\r\n"
_LINE: Final = "a\tb \r\n\n"
# Longer texts, and more messages, take too long.
_MOST_CHARACTERS: Final = 100_000
_MOST_MESSAGES: Final = 130
_MOST_IN_EACH: Final = 1_000
_ROLES: Final = ("user", "assistant")


def white_space_beyond(numbers: Iterable[int]) -> Iterator[Conversation]:
    """For each number, longer texts and as many messages, with white space in and around them.

    Also long texts in many messages, since a template may cut the old ones.
    """
    numbers = [*numbers]
    longest = max((each for each in numbers if each <= _MOST_IN_EACH), default=0)
    for number in numbers:
        if 0 < number <= _MOST_CHARACTERS:
            text = _EDGE + _long(number) + _EDGE
            for each in (text, f'"{text}"'):
                yield Conversation([{"role": role, "content": each} for role in _ROLES])
        if 0 < number <= _MOST_MESSAGES:
            text = _EDGE + _long(longest)
            roles = islice(cycle(_ROLES), number + 3)
            yield Conversation([{"role": role, "content": text} for role in roles])


def _long(size: int) -> str:
    return _LINE * (size // len(_LINE) + 1)
