"""Which messages may follow an assistant's turn without changing it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
