"""Which part of an answer each trained character is, found by searching for the messages' text.

`rewriter.picture` finds it by the origin of each character, which takes longer than tokenizing.
This module searches the mask for the messages' texts, and counts the template's own text with the
text that it surrounds. Tests check that the two agree.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from rewriter.auditing.said import ARGUMENTS, ASSISTANT, Piece, said, texts_in
from rewriter.picture.picture import Part
from rewriter.turns.headers import SPECIAL
from rewriter.turns.openings import CLOSED_THOUGHT

Span = tuple[int, int]


class Stretch(NamedTuple):
    """Neighbouring characters of one part."""

    start: int
    end: int
    part: Part


def joined(spans: Sequence[Span]) -> list[Span]:
    """The spans in which those that touch are one, and none is empty."""
    found: list[Span] = []
    for start, end in spans:
        if start >= end:
            continue
        if found and found[-1][1] >= start:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def found_in(
    text: str, spans: Sequence[Span], messages: Sequence[Mapping[str, Any]]
) -> tuple[list[Stretch], set[str]]:
    """The places of the assistant's messages in the mask, and the keys of missing texts.

    Args:
        text: the printed text.
        spans: the mask, from `joined`.
        messages: all messages.

    """
    hits: list[Stretch] = []
    lost: set[str] = set()
    at = 0
    for message, within in _own_spans(text, spans, messages):
        pieces = [*said(message)]
        placed = _placed(text, within, pieces, (at, len(text)))
        found = [
            Stretch(*hit, piece.part)
            for piece, hit in zip(pieces, placed, strict=True)
            if hit is not None
        ]
        for piece in (each for each, hit in zip(pieces, placed, strict=True) if hit is None):
            # Some print calls first.
            hit = _found(text, within, piece.text, (at, len(text)))
            if hit is None or piece.part is not Part.CALL:
                # `unprinted` searches for a call's arguments, piece by piece.
                lost |= {piece.key} - {ARGUMENTS}
            elif not any(each.start < hit[1] and hit[0] < each.end for each in found):
                found.append(Stretch(*hit, piece.part))
        hits += sorted(found)
        at = max((each.end for each in found), default=at)
    return hits, lost


def _placed(
    text: str, spans: Sequence[Span], pieces: Sequence[Piece], within: Span
) -> list[Span | None]:
    """The place of each piece, in this order.

    The longest is searched for first, since a short one may occur within another by chance.
    """
    if not pieces:
        return []
    longest = max(range(len(pieces)), key=lambda at: len(pieces[at].text))
    before, after = pieces[:longest], pieces[longest + 1 :]
    hit = _found(text, spans, pieces[longest].text, within)
    if hit is None:
        rest = _placed(text, spans, [*before, *after], within)
        return [*rest[:longest], None, *rest[longest:]]
    first = _placed(text, spans, before, (within[0], hit[0]))
    return [*first, hit, *_placed(text, spans, after, (hit[1], within[1]))]


def _own_spans(
    text: str, spans: Sequence[Span], messages: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[Mapping[str, Any], Sequence[Span]]]:
    """The assistant's messages, each with the spans that it may be in."""
    own = [message for message in messages if message["role"] == ASSISTANT]
    if len(own) == len(spans):
        # Usually, a turn has one span.
        yield from ((message, [span]) for message, span in zip(own, spans, strict=True))
        return
    # The text of others lies between the spans, and separates the spans of one turn from the next.
    gaps = list(pairwise([0, *(at for span in spans for at in span), len(text)]))[::2]
    at, floors = 0, []
    for message in messages:
        for other in texts_in(message.get("content")) if message["role"] != ASSISTANT else ():
            hit = _found(text, gaps, other, (at, len(text)))
            at = hit[1] if hit else at
        floors.append(at)
    for number, message in enumerate(messages):
        if message["role"] == ASSISTANT:
            ceiling = next(
                (floor for floor in floors[number:] if floor > floors[number]), len(text)
            )
            yield message, [span for span in spans if floors[number] <= span[0] < ceiling]


def _found(text: str, spans: Sequence[Span], piece: str, within: Span) -> Span | None:
    """The first place of a piece that is in a span and within these bounds."""
    for wanted in spellings(piece):
        for start, end in spans:
            found = text.find(wanted, max(start, within[0]), min(end, within[1]))
            if found >= 0:
                return found, found + len(wanted)
    return None


def spellings(piece: str) -> Iterator[str]:
    """A text as it is, and as JSON spells it."""
    yield piece
    if not piece.isalnum():
        yield json.dumps(piece, ensure_ascii=False)[1:-1]


def stretches(
    text: str, span: Span, hits: Sequence[Stretch], ends: Sequence[str]
) -> Iterator[Stretch]:
    """A span of the mask, part by part, without gaps.

    Args:
        text: the printed text.
        span: the span.
        hits: the places of messages' texts in it, in order.
        ends: the texts that end answers and calls.

    """
    start, end = span
    ending = end_of_turn(text, span, ends)
    last = ending[0] if ending else end
    hits = [hit for hit in hits if hit.start < last]
    if not hits:
        thought = CLOSED_THOUGHT.match(text, start, last)
        cut = thought.end() if thought else start
        yield Stretch(start, cut, Part.REASONING)
        yield Stretch(cut, last, Part.CONTENT)
    else:
        thought = CLOSED_THOUGHT.match(text, start, hits[0].start)
        cut = thought.end() if thought and hits[0].part is not Part.REASONING else start
        yield Stretch(start, cut, Part.REASONING)
        yield Stretch(cut, hits[0].end, hits[0].part)
        for one, other in pairwise(hits):
            yield from _between(text, one, other, ends)
            yield other
        yield Stretch(hits[-1].end, last, hits[-1].part)
    yield Stretch(last, end, Part.TURN_END)


def _between(text: str, one: Stretch, other: Stretch, ends: Sequence[str]) -> Iterator[Stretch]:
    """The parts of the template's text between two pieces."""
    start, end = one.end, other.start
    ending = next((each for each in ends if each in text[start:end]), "")
    if ending:
        # Two turns of the assistant, one right after the other.
        at = text.index(ending, start, end)
        yield Stretch(start, at, one.part)
        yield Stretch(at, at + len(ending), Part.TURN_END)
        yield Stretch(at + len(ending), end, other.part)
    elif one.part is Part.REASONING and other.part is not Part.REASONING:
        # A token closes a thought; the text after it belongs to the next piece.
        closing = SPECIAL.search(text, start, end)
        cut = closing.end() if closing else end
        cut += len(text[cut:end]) - len(text[cut:end].lstrip())
        yield Stretch(start, cut, one.part)
        yield Stretch(cut, end, other.part)
    else:
        parts = (one.part, other.part)
        part = next((each for each in (Part.CALL, Part.REASONING) if each in parts), one.part)
        yield Stretch(start, end, part)


def end_of_turn(text: str, span: Span, ends: Sequence[str]) -> Span | None:
    """The place of the turn end at the end of a span, if there is one."""
    start, end = span
    last = end
    while last > start and text[last - 1].isspace():
        last -= 1
    for each in ends:
        if text.endswith(each, start, last):
            return last - len(each), last
    return None
