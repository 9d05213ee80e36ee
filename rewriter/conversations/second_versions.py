"""The same conversations at another time, and with other special tokens.

This shows a time or a token that a template writes itself instead of reading it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import product
from typing import Final

from rewriter.conversations.chats import PLAIN, TOOLED
from rewriter.conversations.profile import Profile
from rewriter.tracing.clock import LATER, asks_the_time
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.probes import TOOLS

# No model has these, and none is a part of another.
OTHER_TOKENS: Final = {
    "bos_token": "<|text-begins|>",
    "eos_token": "<|turn-ends|>",
    "pad_token": "<|nothing|>",
    "sep_token": "<|parts|>",
    "unk_token": "<|what|>",
}
# Every month, weekday and second hour of the day, since a template may name each.
THROUGH_A_YEAR: Final = tuple(
    datetime(2027, 1, 3, 1, 30) + number * timedelta(days=31, hours=2) for number in range(12)
)
# A few that are enough: without a system message and with one, calls and results.
_CHATS: Final = (*PLAIN[1:5], PLAIN[0], TOOLED[4])


def at_another_time(*sources: str) -> Iterator[Conversation]:
    """Conversations at another time, for templates that use the time or random choices."""
    if any(map(asks_the_time, sources)):
        for chat, tools in product(_CHATS, (None, TOOLS)):
            yield Conversation(chat, tools=tools, now=LATER)
        for now, tools in product(THROUGH_A_YEAR, (None, TOOLS)):
            yield Conversation(PLAIN[4], tools=tools, now=now)


def with_other_tokens(profile: Profile) -> Iterator[Conversation]:
    """Conversations with other special tokens, for templates that read any."""
    known = profile.constants.keys() | profile.flags.keys()
    others = {name: token for name, token in OTHER_TOKENS.items() if name in known}
    if others:
        for chat, prompted in product(_CHATS, (False, True)):
            yield Conversation(chat, tools=TOOLS, add_generation_prompt=prompted, flags=others)
