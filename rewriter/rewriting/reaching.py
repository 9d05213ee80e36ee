"""Conversations that reach what a template's probes do not, for planning.

They are steered like those of verification, or made from those that a mask failed on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Final

from rewriter.conversations.coverage import Explorer, Sight
from rewriter.conversations.first_look import FirstLook
from rewriter.conversations.fixed import fixed_conversations
from rewriter.conversations.profiling import probed
from rewriter.conversations.steering.search import steered
from rewriter.errors import BadInput
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.fields import names_of
from rewriter.turns.parts import ASSISTANT

# A thought under every name that templates use for one.
_THOUGHTS: Final = dict.fromkeys(sorted(names_of("reasoning", "message")), "a thought")


def branch_conversations(source: str) -> tuple[Conversation, ...]:
    """A conversation for each branch of a template that is reached in an assistant's turn."""
    try:
        first_look = FirstLook(None, source)
    except BadInput:
        return ()
    explorer = first_look.explorers[0]
    for conversation in chain(fixed_conversations(probed(source)), steered(first_look.explorers)):
        first_look.outcomes(conversation)
    found = {each.size[2]: each for each in _sighted(explorer)}.values()
    return (*found, *map(_thoughtful, found))


def _thoughtful(conversation: Conversation) -> Conversation:
    """The same, with a thought in each assistant's message, under every name."""
    messages = (
        {**_THOUGHTS, **message} if message.get("role") == ASSISTANT else message
        for message in conversation.messages
    )
    return replace(conversation, messages=tuple(messages))


def with_words(conversation: Conversation) -> Conversation:
    """The same, with words in each assistant's message that has none.

    Only words separate the text before them from the text after them.
    """
    messages = (
        {**message, "content": "an answer"}
        if message.get("role") == ASSISTANT and not message.get("content")
        else message
        for message in conversation.messages
    )
    return replace(conversation, messages=tuple(messages))


def _sighted(explorer: Explorer) -> Iterator[Conversation]:
    for number in range(len(explorer.template.branches)):
        for sight in explorer.sights(number):
            if sight.rendered and _is_assistants(sight):
                yield sight.conversation


def _is_assistants(sight: Sight) -> bool:
    """Whether a branch is reached in an assistant's turn, or in text that may belong to one."""
    messages = sight.conversation.messages
    message = messages[-1 if sight.turn is None else sight.turn] if messages else {}
    return message.get("role") == ASSISTANT
