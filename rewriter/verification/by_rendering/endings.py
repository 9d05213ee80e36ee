"""Rules about where a turn ends: the stop token is inside the mask, and text after it outside."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rewriter.turns.parts import Policy
from rewriter.verification.by_rendering.beginnings import INSTRUCTION
from rewriter.verification.by_rendering.checks import Checks
from rewriter.verification.by_rendering.learned import Learned, before_words, prompt_of
from rewriter.verification.by_rendering.messages import PLAIN
from rewriter.verification.by_rendering.pieces import (
    common_end_of_turn,
    common_start,
    first_run,
    has_words,
    may_have_words,
    pieces,
)
from rewriter.verification.by_rendering.reading import Printed, Reading, Turn

STOP = "What ends the assistant's turn is in the mask."
BEHIND = "What is printed after the end of the assistant's turn is outside the mask."
NEXT = "What begins the next turn is outside the mask."
# Names of tokens that end something.
_ENDS = re.compile(r"[/_|]end|<end|\[/|</|eo[a-z]\b|stop", re.IGNORECASE)
# And what tokens are that begin something.
_BEGINS = re.compile(r"begin|start", re.IGNORECASE)
WHITE = "White space after the end of the assistant's turn is outside the mask."


@dataclass(frozen=True, slots=True)
class Ending:
    """The text after a turn's last word.

    Attributes:
        text: the text up to the next word, or to the end.
        closing: how many of its first characters certainly end the turn.
        opening: how many of its last characters begin the next turn.
        late: how many may end the turn, although the next one prints them.
        whole: whether the turn ends like this when it is the last, too.

    """

    text: str
    closing: int
    opening: int
    late: int = 0
    whole: bool = False


def ending_of(reading: Reading, turn: Turn, known: Learned) -> Ending | None:
    """The end of the turn, as far as renders with other messages after it show."""
    whole = reading.whole
    if whole is None or not turn.own:
        return None
    anchor = turn.own[-1]
    alone = reading.cut(turn.index + 1)
    last = alone.after(anchor) if alone else None
    if last is None:
        return None
    text, role = _up_to_next(reading, whole, turn)
    if text is None:
        return Ending(last, 0, 0)
    opening = known.opening(text, role) if role else 0
    closing = len(last) if text.startswith(last) else common_end_of_turn(text, last)
    prompted = reading.cut(turn.index + 1, prompt=True)
    after = prompted.after(anchor) if prompted else None
    closing = min(closing, len(text) - opening, _before_any(reading, turn, text))
    if closing < len(last):
        closing = min(closing, _first_piece(text))
    if _calls(turn):
        closing = _before_results(text, closing, known)
    late = _late_end_of_calls(reading, turn, text, closing, opening, known)
    if not text[:closing].strip() and opening:
        between = text[: len(text) - opening]
        is_prompted = common_start(between, after or "") >= len(between.rstrip())
        # A turn without an end when it is the last may have one when another follows.
        if (is_prompted or not last.strip()) and not has_words(between):
            piece = text[: _first_piece(text)]
            is_opening = known.opens(piece.strip()) or _BEGINS.search(piece)
            if _is_token(piece.strip()) and not is_opening:
                late = len(piece) if len(piece) <= len(between) else 0
    if not text[: closing or late].strip():
        closing = _as_others_end(text, opening, known)
    same = closing == len(last) and bool(last.strip()) and not has_words(last)
    return Ending(text, closing, opening, late, same)


def _late_end_of_calls(
    reading: Reading, turn: Turn, text: str, closing: int, opening: int, known: Learned
) -> int:
    """The length of a token that ends calls but is printed by the next turn.

    It is a token that ends answers, or one that no turn of the role prints after anybody else, so
    that it does not belong to the opening.
    """
    if not _calls(turn) or turn.index + 1 >= len(reading.scene.kinds):
        return 0
    between = text[closing : len(text) - opening]
    if known.stop and between.startswith(known.stop):
        return closing + len(known.stop)
    between = between if opening else ""
    is_end = _is_token(between.strip()) and len(pieces(between.strip())) == 1
    return closing + len(between) if is_end and _ENDS.search(between) else 0


def _is_token(piece: str) -> bool:
    return len(piece) > 2 and piece[0] in "<["


def _as_others_end(text: str, opening: int, known: Learned) -> int:
    """The end of a turn that ends differently when it is the last: like a user's turn."""
    piece = _first_piece(text)
    if known.tail[:piece] == text[:piece] and text[:piece].strip() and piece <= len(text) - opening:
        return piece if not has_words(text[:piece]) else 0
    return 0


def _before_any(reading: Reading, turn: Turn, text: str) -> int:
    # Before another answer, the text after this one may be the other's header.
    if not reading.is_assistant(turn.index + 1):
        return len(text)
    followed = reading.followed(turn.index + 1)
    other = followed.up_to_user(turn.own[-1]) if followed else None
    return common_end_of_turn(text, other) if other is not None else 0


def _calls(turn: Turn) -> bool:
    return any(each.word.key in ("tool", "argument", "parameter") for each in turn.own)


def _before_results(text: str, closing: int, known: Learned) -> int:
    # The opening of a tool's result may already be printed after the call.
    at = 0
    for piece in pieces(text[:closing]):
        if _is_token(piece) and piece in known.results and piece != known.stop:
            return at
        at += len(piece)
    return closing


def _first_piece(text: str) -> int:
    # If only a part of the final text is also printed before another turn, that may be the common
    # start of two headers.
    start = len(text) - len(text.lstrip())
    return start + len(pieces(text[start:])[0]) if text.strip() else 0


def _up_to_next(reading: Reading, whole: Printed, turn: Turn) -> tuple[str | None, str | None]:
    start = turn.own[-1].end
    if turn.index + 1 < len(reading.scene.kinds):
        found, text = turn.next, whole.text
        if found is None or found.word.message != turn.index + 1:
            return None, None
        role = reading.scene.conversation.messages[turn.index + 1]["role"]
        return text[start : found.start], role
    followed = reading.followed(turn.index + 1)
    if followed is None:
        return None, None
    return followed.up_to_user(turn.own[-1]), "user"


def with_stop(known: Learned, readings: Sequence[Reading]) -> Learned:
    """The text that ends plain turns, if most of them agree."""
    stops: Counter[str] = Counter()
    for reading in readings:
        for turn in () if reading.is_long else reading.turns:
            if turn.kind == PLAIN:
                ending = ending_of(reading, turn, known)
                flags = reading.scene.conversation.flags
                eos, bos = (str(flags.get(name, "")) for name in ("eos_token", "bos_token"))
                stop = _stop(ending, known, eos, bos) if ending else ""
                if stop:
                    stops[stop] += 1
    return replace(known, stop=stops.most_common(1)[0][0]) if stops else known


def _stop(ending: Ending, known: Learned, eos: str, bos: str) -> str:
    closing = ending.text[: ending.closing or ending.late]
    # What begins texts may stand after what ends a turn.
    bare = closing.rstrip().removesuffix(bos) if bos else closing
    closing = bare if bare.strip() else closing
    closing = closing[known.framed(closing) :]
    runs = closing.split()
    if not runs or has_words(closing[: first_run(closing)[1]]):
        return ""
    given = [run for run in runs if eos and eos in run]
    shared = [run for run in runs if run in known.tail]
    return _to_last_token((given or shared or runs)[0])


def _to_last_token(run: str) -> str:
    """A run up to its last token; all of it without a token."""
    found = pieces(run)
    while found and not _is_token(found[-1]):
        found.pop()
    return "".join(found) or run


def ending(
    checks: Checks,
    reading: Reading,
    turn: Turn,
    known: Learned,
    policy: Policy,
    stops: Sequence[str],
) -> None:
    """The end is inside, and the text after it is outside."""
    found = ending_of(reading, turn, known)
    if found is None:
        _of_nothing(checks, reading, turn, known)
        return
    start = turn.own[-1].end
    stopped = _declared(checks, turn, found, stops)
    if stopped is None:
        # Turns that stop at a header need no other end, whoever follows.
        stopped = 0 if stops else _stopped(checks, reading, turn, found, known, policy)
    if (
        turn.next
        and turn.next.word.message == turn.index + 1
        and not reading.is_assistant(turn.index + 1)
    ):
        at = max(found.closing, stopped)
        if not found.whole:
            at = max(at, len(found.text) - found.opening)
        if found.opening or found.closing:
            checks.outside(start + at, turn.next.start, NEXT)


def _declared(checks: Checks, turn: Turn, found: Ending, stops: Sequence[str]) -> int | None:
    start = turn.own[-1].end
    if stops and turn.next and turn.next.word.message != turn.index + 1:
        return 0  # The turn in between prints nothing that shows where it is.
    for stop in stops:
        at = found.text.find(stop)
        if at < 0 or not stop.strip():
            continue
        # The model did not stop for a speaker who interrupts a call: their header may be inside or
        # not.
        if not _calls(turn) or (turn.next and turn.next.word.key == "toolresult"):
            checks.inside(start, start + at + len(stop), STOP)
        return at + len(stop)
    return None


def _stopped(
    checks: Checks, reading: Reading, turn: Turn, found: Ending, known: Learned, policy: Policy
) -> int:
    """Require the end to be inside, and return its place."""
    start, text = turn.own[-1].end, found.text
    repeated = common_start(text, known.tail)
    if has_words(text[:repeated]):
        words = pieces(text[:repeated])
        while not has_words(words[-1]):
            # Behind the words, a token still ends the turn.
            words = words[:-1]
        checks.outside(start, start + len("".join(words)), INSTRUCTION)
        return 0
    limit = max(found.closing, len(text) - found.opening if found.opening else 0)
    at = text.find(known.stop, 0, limit) if known.stop else -1
    if at >= 0:
        end = at + len(known.stop)
        if _is_remark(reading, turn, text[:at], known):
            checks.outside(start, start + at, INSTRUCTION)
            checks.inside(start + at, start + end, STOP)
        elif _calls(turn) or not has_words(text[:at]):
            # An unknown field may have a frame there, without any of its words.
            frame = text[:at] if reading.may_frame(turn) else text[: known.framed(text[:at])]
            checks.inside(start + at if frame.strip() else start, start + end, STOP)
        _after(checks, start, found, end, known, policy)
        return end
    run = first_run(text[: found.closing or found.late])
    if found.late > found.closing > 0:
        checks.inside(start + found.closing, start + found.late, STOP)
        return found.late
    if not has_words(text[: run[1]]) and not reading.may_frame(turn):
        end = run[0] + len(_to_last_token(text[slice(*run)]))
        checks.inside(start + run[0], start + end, STOP)
    return run[1]


def _is_remark(reading: Reading, turn: Turn, text: str, known: Learned) -> bool:
    """Whether a user's turn that says the same ends in the text too, and ordinary ones do not."""
    if not may_have_words(text) or known.tail.startswith(text):
        return False
    as_users = reading.said_by_user(turn.index)
    after = as_users.after_word(turn.own[-1]) if as_users else None
    return after is not None and after.startswith(text)


def _after(
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
        checks.outside(start + end, start + len(rest) + end, BEHIND)


def _of_nothing(checks: Checks, reading: Reading, turn: Turn, known: Learned) -> None:
    prompt = None if turn.own or not turn.follows(reading) else prompt_of(reading, turn)
    if prompt is None or not known.stop or not prompt.text.strip():
        return
    text = before_words(checks.printed, turn)
    shared = common_start(prompt.given, text)
    if shared < len(prompt.given.rstrip()):
        return
    said = text[shared:].partition(known.stop)[0]
    if may_have_words(said) and turn.before:
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
