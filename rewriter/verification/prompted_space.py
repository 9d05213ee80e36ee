"""White space that one literal prints at the end of a header, and elsewhere in the model's text.

Where a turn holds more, such as a thought before its content, the same line break separates what
the model writes. Then it may be in the mask, since one literal cannot be both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, Final, TypeAlias
from typing import Literal as OneOf

from rewriter.tracing.conversation import Conversation
from rewriter.tracing.fields import names_of
from rewriter.tracing.origins import Literal
from rewriter.tracing.probes import CALLED, twice
from rewriter.tracing.trace import Run, Trace
from rewriter.turns.parts import ASSISTANT, GENERATED, Policy
from rewriter.turns.turns import Turns

# Where white space that the generation prompt prints may be.
PromptedSpace: TypeAlias = OneOf["anywhere", "outside if only prompted", "outside"]
# What no plan can cut off is no fault; nor, under TRL's policy, what its own variants do.
ALLOWED_SPACE: Final[Mapping[Policy, PromptedSpace]] = {
    "strict": "outside if only prompted",
    "trl": "anywhere",
}

_CALLS: Final = twice(CALLED[0][1])["tool_calls"]
# What a turn may hold besides what it holds already.
_MORE: Final[tuple[Mapping[str, Any], ...]] = (
    dict.fromkeys(names_of("reasoning", "message"), "a thought"),
    {"content": "an answer"},
    {"tool_calls": _CALLS},
)


def may_be_generated(turns: Turns, conversation: Conversation, trace: Trace, at: int) -> bool:
    """Whether the model writes the character at ``at`` of a trace where its turn holds more."""
    run = next(each for each in trace.runs if each.start <= at < each.end)
    if not isinstance(run.origin, Literal):
        return True
    place = run.origin.index + at - run.start
    for messages in _fuller(conversation.messages):
        parts = turns.attempted(messages, **conversation.options)
        for each in parts.trace.runs if parts else ():
            start = _start_of(each, run.origin.at, place)
            if start is not None and parts and parts.kinds[start] == GENERATED:
                return True
    return False


def _fuller(messages: Sequence[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    """The conversation with more in all of the assistant's turns."""
    for number in range(1, len(_MORE) + 1):
        for added in combinations(_MORE, number):
            more = {key: value for each in added for key, value in each.items()}
            yield [{**m, **more} if m.get("role") == ASSISTANT else m for m in messages]


def _start_of(run: Run, at: int, place: int) -> int | None:
    """Where a run prints the character at a ``place`` of the literal at ``at``, if it does."""
    if not isinstance(run.origin, Literal) or run.origin.at != at:
        return None
    start = run.start + place - run.origin.index
    return start if run.start <= start < run.end else None
