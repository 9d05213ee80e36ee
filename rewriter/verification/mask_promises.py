"""What a mask promises, in the sentences that reports and errors show."""

from __future__ import annotations

from typing import Final

from rewriter.tracing.fields import names_of

IN_ORDER: Final = "the spans of the mask are in order, and none overlaps another"
NOT_EMPTY: Final = "no generation block leaves an empty span"
HEADER: Final = "the role header is outside the mask"
PROMPTED_SPACE: Final = "white space that the generation prompt prints is outside the mask"
PROMPTED: Final = "what else the generation prompt prints is outside the mask"
NO_PREFILL: Final = "the thinking that the generation prompt prints is outside the mask"
NOTHING_THOUGHT: Final = "a thought with nothing in it is outside the mask"
WITH_PREFILL: Final = "the thinking that the generation prompt prints is in the mask"
NO_TRAILING: Final = "the whitespace after the turn end is outside the mask"
BETWEEN_TURNS: Final = "what is printed outside of all turns is outside the mask"
ENVIRONMENT: Final = "what the environment prints in an assistant's turn is outside the mask"
UNLISTED: Final = "a field or variable that nobody knows is outside the mask"
TURN_END: Final = "the turn end is in the mask"
FRAME: Final = "what the template prints around the assistant's words is in the mask"
SPOKEN: Final = {
    "content": "the assistant's content is in the mask",
    "tool_calls": "the assistant's tool calls are in the mask",
    **dict.fromkeys(names_of("reasoning"), "the assistant's reasoning is in the mask"),
}

# The promises in which the two policies differ.
OF_POLICIES: Final = frozenset({NO_PREFILL, WITH_PREFILL, NO_TRAILING, NOTHING_THOUGHT})

# The role of a turn that either mask is right for.
ANYBODY: Final = "anybody that is printed as the assistant"
# The role of a turn that is left out, as promises name it.
LEFT_OUT: Final = "assistant that is left out"
