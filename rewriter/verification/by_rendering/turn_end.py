"""The text after a turn's last word, and how much of it ends the turn."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from rewriter.verification.by_rendering.learned import Learned
from rewriter.verification.by_rendering.pieces import (
    common_end_of_turn,
    common_start,
    has_words,
    is_token,
    pieces,
)
from rewriter.verification.by_rendering.reading import Printed, Reading, Turn

# Names of tokens that end something.
_ENDS: Final = re.compile(r"[/_|]end|<end|\[/|</|eo[a-z]\b|stop", re.IGNORECASE)
# Names of tokens that begin something.
_BEGINS: Final = re.compile(r"begin|start", re.IGNORECASE)


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
    if turn.has_calls:
        closing = _before_results(text, closing, known)
    late = _late_end_of_calls(reading, turn, text, closing, opening, known)
    if not text[:closing].strip() and opening:
        between = text[: len(text) - opening]
        is_prompted = common_start(between, after or "") >= len(between.rstrip())
        # A turn without an end when it is the last may have one when another follows.
        if (is_prompted or not last.strip()) and not has_words(between):
            piece = text[: _first_piece(text)]
            is_opening = known.opens(piece.strip()) or _BEGINS.search(piece)
            if is_token(piece.strip()) and not is_opening:
                late = len(piece) if len(piece) <= len(between) else 0
    if not text[: closing or late].strip():
        closing = _as_others_end(text, opening, known)
    same = closing == len(last) and bool(last.strip()) and not has_words(last)
    return Ending(text, closing, opening, late, same)


def printed_ending(reading: Reading, turn: Turn, known: Learned) -> Ending | None:
    """The end of the turn as it is printed: a last turn may have another than one that is followed.

    Of another, only the common start, or the first token, is known to end the turn.
    """
    found = ending_of(reading, turn, known)
    is_last = turn.index + 1 == len(reading.scene.kinds)
    last = reading.whole.after(turn.own[-1]) if is_last and reading.whole and turn.own else None
    if found is None or not last or reading.whole is None:
        return found
    shared = common_start(found.text, last)
    rest = last[shared:]
    prompted = reading.cut(turn.index + 1, prompt=True)
    # Without a prompt of its own, a header may stand after every text.
    is_prompt = prompted is not None and prompted.text == reading.whole.text
    if not rest.strip() or is_prompt:
        return found
    if any(map(is_token, pieces(last[:shared]))):
        return Ending(last, min(found.closing, shared), 0)
    first = rest[: _first_piece(rest)]
    return Ending(last, shared + len(first) if is_token(first.strip()) else 0, 0)


def _late_end_of_calls(
    reading: Reading, turn: Turn, text: str, closing: int, opening: int, known: Learned
) -> int:
    """The length of a token that ends calls but is printed by the next turn.

    It is a token that ends answers, or one that no turn of the role prints after anybody else, so
    that it does not belong to the opening.
    """
    if not turn.has_calls or turn.index + 1 >= len(reading.scene.kinds):
        return 0
    between = text[closing : len(text) - opening]
    if known.stop and between.startswith(known.stop):
        return closing + len(known.stop)
    between = between if opening else ""
    is_end = is_token(between.strip()) and len(pieces(between.strip())) == 1
    return closing + len(between) if is_end and _ENDS.search(between) else 0


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


def _before_results(text: str, closing: int, known: Learned) -> int:
    # The opening of a tool's result may already be printed after the call.
    at = 0
    for piece in pieces(text[:closing]):
        if is_token(piece) and piece in known.results and piece != known.stop:
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
