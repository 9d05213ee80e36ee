"""Rules about where a turn ends: the stop token is inside the mask, and text after it outside."""

from __future__ import annotations

from collections.abc import Sequence

from rewriter.turns.parts import Policy
from rewriter.verification.by_rendering.beginnings import INSTRUCTION
from rewriter.verification.by_rendering.checks import Checks
from rewriter.verification.by_rendering.learned import Learned
from rewriter.verification.by_rendering.messages import NOTHING_SAID
from rewriter.verification.by_rendering.pieces import (
    common_start,
    first_run,
    has_words,
    may_have_words,
    pieces,
    to_last_token,
)
from rewriter.verification.by_rendering.prompts import before_words, prompt_of
from rewriter.verification.by_rendering.reading import Reading, Turn
from rewriter.verification.by_rendering.turn_end import Ending, printed_ending

STOP = "What ends the assistant's turn is in the mask."
AFTER = "What is printed after the end of the assistant's turn is outside the mask."
NEXT = "What begins the next turn is outside the mask."
WHITE = "White space after the end of the assistant's turn is outside the mask."


def ending(
    checks: Checks,
    reading: Reading,
    turn: Turn,
    known: Learned,
    policy: Policy,
    stops: Sequence[str],
) -> None:
    """The end is inside, and the text after it is outside."""
    found = printed_ending(reading, turn, known)
    if found is None:
        _check_wordless_turn(checks, reading, turn, known)
        return
    start = turn.own[-1].end
    stopped = _check_declared_stop(checks, turn, found, stops)
    if stopped is None:
        # Turns that stop at a header need no other end, whoever follows.
        stopped = 0 if stops else _check_end(checks, reading, turn, found, known, policy)
    if turn.next and turn.is_followed and not reading.is_assistant(turn.index + 1):
        at = max(found.closing, stopped)
        if not found.whole:
            at = max(at, len(found.text) - found.opening)
        if found.opening or found.closing:
            checks.outside(start + at, turn.next.start, NEXT)


def _check_declared_stop(
    checks: Checks, turn: Turn, found: Ending, stops: Sequence[str]
) -> int | None:
    start = turn.own[-1].end
    if stops and turn.next and not turn.is_followed:
        return 0  # The turn in between prints nothing that shows where it is.
    for stop in stops:
        at = found.text.find(stop)
        if at < 0 or not stop.strip():
            continue
        # The model did not stop for a speaker who interrupts a call: their header may be inside or
        # not.
        if not turn.has_calls or (turn.next and turn.next.word.key == "toolresult"):
            checks.inside(start, start + at + len(stop), STOP)
        return at + len(stop)
    return None


def _check_end(
    checks: Checks, reading: Reading, turn: Turn, found: Ending, known: Learned, policy: Policy
) -> int:
    """Require the end to be inside, and return its place."""
    start, text = turn.own[-1].end, found.text
    repeated = common_start(text, known.tail)
    if has_words(text[:repeated]):
        words = pieces(text[:repeated])
        while not has_words(words[-1]):
            # After the words, a token still ends the turn.
            words = words[:-1]
        checks.outside(start, start + len("".join(words)), INSTRUCTION)
        return 0
    limit = max(found.closing, len(text) - found.opening if found.opening else 0)
    at = text.find(known.stop, 0, limit) if known.stop else -1
    if at >= 0:
        end = at + len(known.stop)
        if not turn.has_calls and _is_remark(reading, turn, text[:at], known):
            checks.outside(start, start + at, INSTRUCTION)
            checks.inside(start + at, start + end, STOP)
        elif turn.has_calls or not has_words(text[:at]):
            # An unknown field may have a frame there, without any of its words.
            frame = text[:at] if reading.may_frame(turn) else text[: known.framed(text[:at])]
            checks.inside(start + at if frame.strip() else start, start + end, STOP)
        _check_text_after(checks, start, found, end, known, policy)
        return end
    run = first_run(text[: found.closing or found.late])
    if found.late > found.closing > 0:
        checks.inside(start + found.closing, start + found.late, STOP)
        return found.late
    if not has_words(text[: run[1]]) and not reading.may_frame(turn):
        end = run[0] + len(to_last_token(text[slice(*run)]))
        checks.inside(start + run[0], start + end, STOP)
    return run[1]


def _is_remark(reading: Reading, turn: Turn, text: str, known: Learned) -> bool:
    """Whether a user's turn that says the same ends in the text too, and ordinary ones do not."""
    if not may_have_words(text) or known.tail.startswith(text):
        return False
    if reading.is_of_one_field(turn, text.strip()):
        return False  # what the message says goes on where its words were cut off
    as_users = reading.said_by_user(turn.index)
    after = as_users.after_word(turn.own[-1]) if as_users else None
    return after is not None and after.startswith(text)


def _check_text_after(
    checks: Checks, start: int, found: Ending, end: int, known: Learned, policy: Policy
) -> None:
    rest = found.text[end : found.closing]
    after = found.text[end : None if found.opening else found.closing]
    white = len(after) - len(after.lstrip())
    if policy == "strict":
        checks.outside(start + end, start + end + white, WHITE, white=True)
    header = known.header.strip()
    if header and header in rest:
        # Another channel of the same turn, without text.
        rest = rest[: rest.index(header)]
    if known.stop in known.tail or "<" not in rest:
        checks.outside(start + end, start + len(rest) + end, AFTER)


def _check_wordless_turn(checks: Checks, reading: Reading, turn: Turn, known: Learned) -> None:
    prompt = None if turn.own or not turn.follows(reading) else prompt_of(reading, turn)
    if prompt is None or not known.stop or not prompt.text.strip():
        return
    text = before_words(checks.printed, turn)
    shared = common_start(prompt.given, text)
    if shared < len(prompt.given.rstrip()):
        return
    said = text[shared:].partition(known.stop)[0]
    # A value that is none is printed as a word of Python's.
    if turn.kind == NOTHING_SAID and turn.before and may_have_words(said):
        as_users = reading.said_by_user(turn.index)
        theirs = as_users.after_word(turn.before) if as_users else None
        if said + known.stop in (theirs or "")[: len(text)]:
            checks.outside(turn.start + shared, turn.start + shared + len(said), INSTRUCTION)
    if not said.strip() and known.stop in text[shared:]:
        at = turn.start + text.index(known.stop, shared)
        checks.inside(at, at + len(known.stop), STOP)
        if turn.before and not reading.is_assistant(turn.before.word.message):
            header = len(known.header.rstrip()) + prompt.at
            checks.outside(turn.start, turn.start + min(shared, header), NEXT)
