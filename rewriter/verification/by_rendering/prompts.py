"""The generation prompt of each turn, and the text that the turn prints there."""

from __future__ import annotations

from dataclasses import dataclass

from rewriter.verification.by_rendering.pieces import common_start
from rewriter.verification.by_rendering.reading import Printed, Reading, Turn


@dataclass(frozen=True, slots=True)
class Prompt:
    """The text of the generation prompt at the beginning of a turn.

    Attributes:
        given: the text after the last word before the turn, prompt included.
        at: the offset of the prompt in it.
        adds: whether the prompt only adds to the text without it.

    """

    given: str
    at: int
    adds: bool

    @property
    def text(self) -> str:
        """The text of the prompt itself."""
        return self.given[self.at :]


def prompt_of(reading: Reading, turn: Turn) -> Prompt | None:
    """The generation prompt at the beginning of the turn, in this very conversation."""
    with_prompt = reading.cut(turn.index, prompt=True) if turn.index else None
    given = with_prompt.after(turn.before) if with_prompt else None
    if given is None:
        return None
    without = reading.cut(turn.index)
    plain = without.after(turn.before) if without else None
    if plain is None:
        return None
    adds = given.startswith(plain)
    return Prompt(given, len(plain) if adds else common_start(given, plain), adds)


def before_words(whole: Printed, turn: Turn) -> str:
    """The text between the last word before the turn and its first word."""
    end = turn.own[0].start if turn.own else (turn.next.start if turn.next else len(whole.text))
    return whole.text[turn.start : end]
