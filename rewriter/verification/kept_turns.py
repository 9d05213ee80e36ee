"""What may follow an assistant's turn that must not change once messages do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rewriter.tracing.conversation import Conversation
from rewriter.turns.parts import ASSISTANT
from rewriter.turns.stop_headers import Stops

# Who tells the assistant how to behave, and is often told before all turns.
_INSTRUCTING: Final = frozenset({"system", "developer"})


def without_stop(shorter: Conversation, printed: str, stops: Stops | None) -> str:
    """What a conversation printed, but for the next speaker's header that its last turn ends in."""
    return printed.removesuffix(stops.after(shorter.messages) if stops else "")


def is_answered(messages: Sequence[Mapping[str, Any]], end: int) -> bool:
    """Whether others answer the first ``end`` messages, as users and tools do.

    No trainer appends a message of the assistant's to one that it sampled, nor an instruction. A
    template may print the assistant's messages in a row as one turn, and instructions before all.
    """
    behind = [message.get("role") for message in messages[end:]]
    return bool(behind) and behind[0] != ASSISTANT and _INSTRUCTING.isdisjoint(behind)
