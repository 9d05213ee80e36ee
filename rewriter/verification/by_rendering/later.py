"""A rule about time: what comes after a turn does not decide on the text that the turn trains.

A model that writes the turn knows nothing of it. A template may still drop a whole thought, or an
empty one, from turns that others follow.
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
_FOLLOWED: Final = (("user", PLAIN, "user", PLAIN, "user"), ("user", "call", "tool", PLAIN))
_LONGER: Final = (
    (("user", PLAIN, "user"), ("user", PLAIN, "user", *(PLAIN, "user") * 11)),
    (("user", "call", "tool"), ("user", "call", "tool", "tool", "call", "tool", PLAIN, "user")),
)


def decided_later(given: Given, renderer: Renderer, known: Learned) -> Iterator[Fault]:
    """The faults of conversations that differ only after the assistant's first turn."""
    for script in _FOLLOWED:
        plain = Reading(scene(script, given), renderer)
        for text in given.texts:
            said = Reading(plain.scene.saying_after(2, text), renderer)
            yield from _compared(plain, said, known)
    for short, long in _LONGER:
        one, other = (Reading(scene(script, given), renderer) for script in (short, long))
        yield from _compared(one, other, known)


def _compared(one: Reading, other: Reading, known: Learned) -> Iterator[Fault]:
    """A fault if the first turns train different texts, and no thought makes the difference."""
    if one.whole is None or other.whole is None or not (one.turns and other.turns):
        return
    first, same = one.turns[0], other.turns[0]
    if not first.own or not same.own:
        return
    mine, theirs = _trained(one.whole, first), _trained(other.whole, same)
    texts = ["".join(text for text, _ in each) for each in (mine, theirs)]
    start = common_start(*texts)
    end = common_end(*(text[start:] for text in texts))
    middles = [text[start : len(text) - end] for text in texts]
    if all(_is_nothing(middle, known) for middle in middles):
        return
    if any(word in middle for word in one.scene.words for middle in middles):
        return
    longer = max((0, 1), key=lambda at: len(middles[at]))
    reading, trained = ((one, mine), (other, theirs))[longer]
    assert reading.whole is not None, "both rendered"
    checks = Checks(reading.scene.conversation, reading.whole)
    checks.fault(trained[start][1], LATER)
    yield from checks.faults


def _is_nothing(text: str, known: Learned) -> bool:
    """Whether a text is white space, or all or a part of an empty thought."""
    bare = squeezed(text)
    return not bare or any(bare in each for each in known.empty)


def _trained(printed: Printed, turn: Turn) -> list[tuple[str, int]]:
    """The characters of a turn that are in the mask, each with its offset."""
    end = turn.next.start if turn.next else len(printed.text)
    return [(printed.text[at], at) for at in range(turn.start, end) if printed.inside[at]]
