"""Combinations of messages and settings.

Ordinary conversations change one thing at a time: documents come with few words, and a thought
without documents. Here, one conversation follows another, under random settings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any, Final, TypeVar

from rewriter.conversations.chats import ONCE, PLAIN, READING, SHOWN, THOUGHTS, TOOLED, Chat
from rewriter.conversations.second_versions import OTHER_TOKENS
from rewriter.conversations.vocabulary import DOCUMENTS, INLINE
from rewriter.tracing.clock import LATER, STOPPED
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.probes import TOOLS

_Any = TypeVar("_Any")

_ASKED: Final = {"role": "user", "content": "What now?"}
_INLINE: Final[tuple[Chat, ...]] = tuple(
    (_ASKED, {"role": "assistant", "content": form.format(thought="Hm.", answer="That.")})
    for form in INLINE
)
_CHATS: Final = (*PLAIN, *THOUGHTS, *TOOLED, *SHOWN, *READING, *_INLINE, *ONCE)
_TIMES: Final = 3


def combined(flags: Mapping[str, Sequence[Any]]) -> Iterator[Conversation]:
    """Every chat a few times, alone or after another, with random values of the flags, or none.

    It only uses ``Random.random``, which is guaranteed to give the same values everywhere.
    """
    draw = Random(0).random

    def one_of(options: Sequence[_Any]) -> _Any:
        return options[int(draw() * len(options))]

    for number in range(_TIMES * len(_CHATS)):
        chat = _CHATS[number % len(_CHATS)]
        before: Chat = one_of((one_of(_CHATS), one_of(_CHATS[: len(PLAIN)]), ()))
        set_to = {name: one_of((None, *values)) for name, values in flags.items()}
        tokens = one_of(({}, OTHER_TOKENS))
        yield Conversation(
            (*before, *chat),
            tools=one_of((None, TOOLS)),
            documents=one_of((None, DOCUMENTS, DOCUMENTS[:1])),
            add_generation_prompt=one_of((False, True)),
            flags={**{n: v for n, v in set_to.items() if v is not None}, **tokens},
            now=one_of((STOPPED, LATER)),
        )
