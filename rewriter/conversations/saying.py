"""Conversations in which everybody says a text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rewriter.conversations.tool_use import call_of, result, written_down
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.probes import TOOLS

# Reasoning within content.
_INLINE: Final = "<think>\n{0}\n</think>\n\n{0}"


def saying(text: str) -> Iterator[Conversation]:
    """Everybody says the text: in contents, thoughts, arguments, results and documents.

    Also without tools, since with them some templates print a system message in another place.
    """
    system, user, answer = (
        {"role": role, "content": text} for role in ("system", "user", "assistant")
    )
    inline = {**answer, "content": _INLINE.format(text)}
    shown = {"content": [{"type": "text", "text": text}]}
    yield Conversation((system, user, inline, user, answer))
    documents = [{"title": text, "text": text}]
    in_blocks_said = tuple({**each, **shown} for each in (system, user, answer))
    yield Conversation((*in_blocks_said, user), documents=documents)
    yield saying_at_work(text)
    calls = {**answer, "tool_calls": [call_of({"name": "look", "arguments": {"at": text}}, 0)]}
    # content beside a call only if no answer, or no result, has followed yet
    thinks = {**calls, "content": "", "reasoning_content": text}
    unanswered = (user, calls, result(text, 0), thinks, result(text, 0), calls)
    yield Conversation(unanswered, tools=TOOLS)
    # a question or a result may be printed otherwise in the last turn, the system's text with it
    yield Conversation((system, user, answer, user), add_generation_prompt=True)
    found = (*unanswered[:3], result(text, 1))
    yield Conversation(found, tools=TOOLS, add_generation_prompt=True)


def saying_at_work(text: str) -> Conversation:
    """Everybody says the text in one conversation, with calls and their results."""
    system, user, answer = (
        {"role": role, "content": text} for role in ("system", "user", "assistant")
    )
    inline = {**answer, "content": _INLINE.format(text)}
    call = {"name": "look", "arguments": {"at": text}}
    calls = {**answer, "tool_calls": [call_of(call, 0)]}
    as_text = {**answer, "tool_calls": [written_down(call_of(call, 1))]}
    found = (calls, result(text, 0), as_text, result(text, 1))
    # thoughts may be printed only after the last question
    reasoned = {**answer, "reasoning_content": text}
    # the system speaks again after an answer, since a turn's end may depend on the next speaker
    worked = (system, user, inline, user, *found, answer, system, user, reasoned)
    return Conversation(worked, tools=TOOLS)
