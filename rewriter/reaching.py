"""Conversations that go where a template's probes do not, for its planning.

They are steered as those of the verification are. What is printed of a field whose name does not
say that the model writes it stays unknown: it may be the environment's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any, Final

from rewriter.errors import BadInput
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.parts import ASSISTANT
from rewriter.verification.coverage import Explorer, Sight
from rewriter.verification.probing import probed
from rewriter.verification.standing import standing
from rewriter.verification.steering.search import steered
from rewriter.verification.survey import Survey
from rewriter.verification.vocabulary import REASONING_FIELDS

# What a model writes, by the names that templates give it.
_WRITTEN: Final = re.compile(
    r"role|name|content|text|thought|think|reason|plan|analysis|rationale|reflect|scratch|"
    r"call|function|argument|action|parameter|code|answer|final|refusal|channel|recipient|"
    r"prefix|metadata|type|^id$|index|weight|train",
    re.IGNORECASE,
)
_THOUGHTS: Final = dict.fromkeys((*REASONING_FIELDS, "tool_plan"), "a thought")
# And what it is given, whatever else the name says.
_GIVEN: Final = re.compile(r"result|response|observ|return|output|retriev|document", re.IGNORECASE)


def reaching(source: str) -> tuple[Conversation, ...]:
    """A conversation for each branch of a template that an assistant's turn takes, if one does."""
    try:
        survey = Survey(None, source)
    except BadInput:
        return ()
    explorer = survey.explorers[0]
    for conversation in chain(standing(probed(source)), steered(survey.explorers)):
        if _is_written(conversation):
            survey.glance(conversation)
    found = {each.size[2]: each for each in _sighted(explorer)}.values()
    return (*found, *map(_thoughtful, found))


def _thoughtful(conversation: Conversation) -> Conversation:
    """The same with a thought in each of the assistant's messages, by every name for one."""
    messages = (
        {**_THOUGHTS, **message} if message.get("role") == ASSISTANT else message
        for message in conversation.messages
    )
    return replace(conversation, messages=tuple(messages))


def _sighted(explorer: Explorer) -> Iterator[Conversation]:
    for number in range(len(explorer.template.branches)):
        for sight in explorer.sights(number):
            if sight.rendered and _is_assistants(sight):
                yield sight.conversation


def _is_assistants(sight: Sight) -> bool:
    """Whether a branch is taken in the assistant's turn, or where such a turn may be apart."""
    messages = sight.conversation.messages
    message = messages[-1 if sight.turn is None else sight.turn] if messages else {}
    return message.get("role") == ASSISTANT


def _is_written(conversation: Conversation) -> bool:
    """Whether the model wrote all that the assistant's messages hold."""
    return all(
        _WRITTEN.search(name) and not _GIVEN.search(name)
        for message in conversation.messages
        if message.get("role") == ASSISTANT
        for name in _names(message)
    )


def _names(value: Any) -> Iterator[str]:
    """The names of fields, but for those of a call's arguments, which are anything."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield str(name)
            if name != "arguments":
                yield from _names(item)
            if name == "type" and isinstance(item, str):
                yield f"type {item}"
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _names(item)
