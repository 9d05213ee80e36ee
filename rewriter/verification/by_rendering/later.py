"""A rule about time: what comes after a turn does not decide on the text that the turn trains.

A model that writes the turn knows nothing of it. A template may still drop a whole thought, or an
empty one, from turns that others follow, leave identifiers of calls out, and end turns in different
tokens.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rewriter.verification.by_rendering.checks import Checks
from rewriter.verification.by_rendering.conversations import Given, scene
from rewriter.verification.by_rendering.faults import Fault
from rewriter.verification.by_rendering.learned import Learned
from rewriter.verification.by_rendering.messages import PLAIN
from rewriter.verification.by_rendering.pieces import common_end, common_start, squeezed
from rewriter.verification.by_rendering.reading import Printed, Reading, Renderer, Turn

LATER = "What comes after an answer does not decide on the text that is in the mask."

# Each has a turn of the assistant, and the messages after it; what follows directly is the same.
_FOLLOWED: Final = (
    ("user", PLAIN, "user", PLAIN, "user"),
    ("user", "call", "tool", PLAIN),
)
_LONGER: Final = (
    (("user", PLAIN, "user"), ("user", PLAIN, "user", *(PLAIN, "user") * 11)),
    *(
        (("user", call, "tool"), ("user", call, "tool", "tool", call, "tool", PLAIN, "user"))
        for call in ("call", "answer and call")
    ),
)


def decided_later(given: Given, renderer: Renderer, known: Learned) -> Iterator[Fault]:
    """The faults of conversations that differ only after the assistant's first turn."""
    for script in _FOLLOWED:
        plain = Reading(scene(script, given), renderer)
        for text in given.texts:
            later = Reading(plain.scene.saying_after(2, text), renderer)
            yield from _compared(plain, later, known, text)
    for short, long in _LONGER:
        one, other = (Reading(scene(script, given), renderer) for script in (short, long))
        yield from _compared(one, other, known)


def _compared(one: Reading, other: Reading, known: Learned, text: str = "") -> Iterator[Fault]:
    """The faults of first turns that differ in text, if some of that is in the mask.

    The ``text`` that the next message says before its own words is no difference.
    """
    if one.whole is None or other.whole is None or not (one.turns and other.turns):
        return
    turns = one.turns[0], other.turns[0]
    if not all(turn.own and turn.is_followed for turn in turns):
        return
    theirs = _printed(other.whole, turns[1]).removesuffix(f"{text} ")
    texts = _printed(one.whole, turns[0]), theirs
    start = common_start(*texts)
    end = common_end(*(each[start:] for each in texts))
    differing = [each[start : len(each) - end] for each in texts]
    said = (*one.scene.words, *_identifiers(one, turns[0]), *filter(None, [known.stop]))
    if any(word in each for word in said for each in differing):
        return
    for reading, turn, differs in zip((one, other), turns, differing, strict=True):
        if reading.whole is not None and squeezed(differs) not in ("", *known.empty):
            checks = Checks(reading.scene.conversation, reading.whole)
            checks.outside(turn.start + start, turn.start + start + len(differs), LATER)
            yield from checks.faults


def _identifiers(reading: Reading, turn: Turn) -> Iterator[str]:
    for call in reading.scene.conversation.messages[turn.index].get("tool_calls", ()):
        yield call["id"]


def _printed(printed: Printed, turn: Turn) -> str:
    """The text of a turn, up to the words of the next."""
    return printed.text[turn.start : turn.next.start if turn.next else None]
