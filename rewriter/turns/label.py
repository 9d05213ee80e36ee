"""What a piece of a template's source is, by what it was seen to print."""

from __future__ import annotations

from enum import Flag, auto
from typing import Final


class Label(Flag):
    """What a character of the source, or an expression, was seen to print.

    The first five say which part of a conversation; what is generated may be a ``LATE`` end, which
    the next turn prints. A late end that is the next turn's own header is not the model's alone:
    two say what it was seen to end. Two say what of an assistant's message. What is ``FOREIGN`` is
    printed in an assistant's turn, and no model writes it. ``NO_THOUGHT`` is an empty
    thought, where those are to be outside whatever the policy.
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

    @property
    def is_assistant(self) -> bool:
        """Whether it prints in an assistant's turn at all."""
        return bool(self & OF_TURN)


OF_TURN: Final = (
    Label.PROMPT
    | Label.PREFILL
    | Label.GENERATED
    | Label.TRAILING
    | Label.FOREIGN
    | Label.NO_THOUGHT
)
STOP: Final = Label.ENDS_ANSWER | Label.ENDS_CALLS
