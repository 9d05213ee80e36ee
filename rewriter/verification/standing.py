"""Conversations that every template is checked on, before any is generated.

What is said in them is in `chats`; here is what each is rendered with.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, product
from typing import Any

from rewriter.tracing.conversation import Conversation
from rewriter.tracing.probes import TOOLS
from rewriter.verification.chats import (
    CALL,
    ODD,
    ONCE,
    PLAIN,
    READING,
    SHOWN,
    SYSTEM,
    THOUGHTS,
    TOOLED,
    USER,
    Chat,
    looked_for,
)
from rewriter.verification.profile import Profile
from rewriter.verification.schemas import THOROUGH
from rewriter.verification.vocabulary import DOCUMENTS


def standing(profile: Profile) -> Iterator[Conversation]:
    """The conversations, the plainest first; most with and without a prompt and under each flag."""

    def conversation(chat: Chat, flags: dict[str, Any] | None = None, **given: Any) -> Conversation:
        return Conversation(chat, flags={**profile.constants, **(flags or {})}, **given)

    for flags in ({}, *({name: each} for name, values in profile.flags.items() for each in values)):
        for chat, prompted in product(PLAIN, (False, True)):
            yield conversation(chat, flags, add_generation_prompt=prompted)
        for chat, prompted, tools in product(TOOLED, (False, True), (None, TOOLS)):
            yield conversation(chat, flags, add_generation_prompt=prompted, tools=tools)
        for chat in (*THOUGHTS, *SHOWN):
            yield conversation(chat, flags)
    for chat in (*ONCE, *chain.from_iterable(map(looked_for, profile.sought))):
        yield conversation(chat, tools=TOOLS)
    for chat, tools in product(READING if profile.documents else (), (None, TOOLS)):
        yield conversation(chat, tools=tools, documents=DOCUMENTS)
    for schemas, system in product(THOROUGH, ((), (SYSTEM,))):
        yield conversation((*system, USER, CALL), tools=schemas)
    for chat, tools in product(ODD, (None, TOOLS)):
        yield conversation(chat, tools=tools)
