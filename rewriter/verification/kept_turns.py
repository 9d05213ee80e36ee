"""Which messages may follow an assistant's turn without changing it."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from rewriter.tracing.conversation import Conversation
from rewriter.turns.parts import ASSISTANT
from rewriter.turns.stop_headers import Stops

# Roles of instructions, which are often printed before all turns.
_INSTRUCTING: Final = frozenset({"system", "developer"})


def without_stop(shorter: Conversation, printed: str, stops: Stops | None) -> str:
    """A conversation's text, without the next speaker's header that its last turn ends in."""
    return printed.removesuffix(stops.after(shorter.messages) if stops else "")


def is_answered(messages: Sequence[Mapping[str, Any]], end: int) -> bool:
    """Whether users or tools answer the first ``end`` messages.

    No trainer appends an assistant's message, or an instruction, to one that it sampled. A template
    may print consecutive assistant's messages as one turn, and instructions before everything.
    """
    following = [message.get("role") for message in messages[end:]]
    return bool(following) and following[0] != ASSISTANT and _INSTRUCTING.isdisjoint(following)


def with_own_identifiers(conversation: Conversation) -> Conversation:
    """The conversation, in which no message's call has the identifier of an earlier one's.

    A result's turn may print the name of the call that it belongs to, wherever that stands. So a
    later call with the same identifier changes it, which no real conversation does.
    """
    return replace(conversation, messages=tuple(_renamed(conversation.messages)))


def _renamed(messages: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    latest: dict[str, str] = {}
    for index, message in enumerate(messages):
        calls = message.get("tool_calls")
        answered = message.get("tool_call_id")
        if isinstance(calls, Sequence) and all(isinstance(call, Mapping) for call in calls):
            known = frozenset(latest)
            renamed = [
                _called(call, known, f"call{index:03}{at:02}") for at, call in enumerate(calls)
            ]
            for old, new in zip(calls, renamed, strict=True):
                if isinstance(old.get("id"), str):
                    latest[old["id"]] = new["id"]
            yield {**message, "tool_calls": renamed}
        elif isinstance(answered, str):
            yield {**message, "tool_call_id": latest.setdefault(answered, answered)}
        else:
            yield message


def _called(call: Mapping[str, Any], known: Container[str], own: str) -> Mapping[str, Any]:
    """The call; with another identifier if that is known already."""
    return {**call, "id": own} if call.get("id") in known else call
