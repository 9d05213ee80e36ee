"""What a piece of a template's source is, from what it was seen to print."""

from __future__ import annotations

from enum import Flag, auto
from typing import Final


class Label(Flag):
    """What a character of the source, or an expression, was seen to print.

    The first five are parts of a conversation. Generated text may be a ``LATE`` end, which the next
    turn prints. If a late end is the next turn's own header, it is not only the model's: two labels
    say what it was seen to end. Two labels are for parts of an assistant's message. ``FOREIGN``
    text is printed in an assistant's turn, but no model writes it. ``NO_THOUGHT`` is an empty
    thought that is outside the mask under any policy. Generated text has ``WORDS`` unless it is
    white space alone.
    """

    NOTHING = 0
    ELSEWHERE = auto()
    PROMPT = auto()
    PREFILL = auto()
    GENERATED = auto()
    TRAILING = auto()
    LATE = auto()
    ENDS_ANSWER = auto()
    ENDS_CALLS = auto()
    REASONING = auto()
    ARGUMENTS = auto()
    FOREIGN = auto()
    NO_THOUGHT = auto()
    WORDS = auto()

    @property
    def is_assistant(self) -> bool:
        """Whether it prints anything in an assistant's turn."""
        return bool(self & OF_TURN)


OF_TURN: Final = (
    Label.PROMPT
    | Label.PREFILL
    | Label.GENERATED
    | Label.TRAILING
    | Label.FOREIGN
    | Label.NO_THOUGHT
)
# What a turn begins with that is not the model's to write.
LEFT: Final = Label.PREFILL | Label.NO_THOUGHT
STOP: Final = Label.ENDS_ANSWER | Label.ENDS_CALLS
