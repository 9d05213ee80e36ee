"""Conversations in which one role speaks several times in a row, and short ones of few roles.

A variant of a template that prompts after two results may not do so after three.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any, Final

from rewriter.conversations.tool_use import calling, result
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.probes import TOOLS

_TIMES: Final = (3, 4, 6)
_ASKED: Final[dict[str, Any]] = {"role": "user", "content": "And now?"}
_ANSWER: Final[dict[str, Any]] = {"role": "assistant", "content": "That."}
_RULE: Final[dict[str, Any]] = {"role": "system", "content": "Be kind."}


def in_rows() -> Iterator[Conversation]:
    """The conversations, each with a generation prompt and without."""
    for prompted in (True, False):
        for times, message in product(_TIMES, (_ASKED, _ANSWER, _RULE)):
            yield Conversation([_ASKED, *[message] * times], add_generation_prompt=prompted)
        for times in _TIMES:
            results = [result("found", number) for number in range(times)]
            messages = [_ASKED, calling(times), *results]
            yield Conversation(messages, TOOLS, add_generation_prompt=prompted)
        for messages in ([_RULE, _ANSWER], [_RULE, _RULE], [_ANSWER, _ASKED], [_RULE, calling(1)]):
            yield Conversation(messages, TOOLS, add_generation_prompt=prompted)
            yield Conversation(messages, add_generation_prompt=prompted)
