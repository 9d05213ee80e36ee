"""Which part of an answer each trained character is, told by looking up what messages say.

`rewriter.picture` tells it by where each character comes from, which takes longer than a tokenizer
does. Here a message's own words are looked up in the mask, and the template's text belongs with
what it stands around; tests hold the two together.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from rewriter.auditing.said import ASSISTANT, said
from rewriter.picture.picture import Part
from rewriter.turns.headers import SPECIAL
from rewriter.turns.openings import EMPTY_THOUGHT

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
    """Where the assistant's messages stand in the mask, and the keys of what does not.

    Args:
        text: what is printed.
        spans: the mask, as `joined` gives it.
        messages: all of them.

    """
    own = [message for message in messages if message["role"] == ASSISTANT]
    # Mostly a turn has one span, so that what it does not print is looked for nowhere else.
    is_one_each = len(own) == len(spans)
    hits: list[Stretch] = []
    lost: set[str] = set()
    at = spans[0][0] if spans else 0
    for number, message in enumerate(own):
        within = spans[number : number + 1] if is_one_each else spans
        for piece in said(message):
            hit = _found(text, within, piece.text, at)
            if hit is None:
                lost.add(piece.key)
            else:
                hits.append(Stretch(*hit, piece.part))
                at = hit[1]
    return hits, lost


def _found(text: str, spans: Sequence[Span], piece: str, at: int) -> Span | None:
    for wanted in spellings(piece):
        for start, end in spans:
            if end > at and (found := text.find(wanted, max(start, at), end)) >= 0:
                return found, found + len(wanted)
    return None


def spellings(piece: str) -> Iterator[str]:
    """A text as it is, and as JSON has it."""
    yield piece
    if not piece.isalnum():
        yield json.dumps(piece, ensure_ascii=False)[1:-1]


def stretches(
    text: str, span: Span, hits: Sequence[Stretch], ends: Sequence[str]
) -> Iterator[Stretch]:
    """A span of the mask part by part, without a gap.

    Args:
        text: what is printed.
        span: which of it.
        hits: what messages say in it, in order.
        ends: what answers and calls end in.

    """
    start, end = span
    ending = end_of_turn(text, span, ends)
    last = ending[0] if ending else end
    hits = [hit for hit in hits if hit.start < last]
    if not hits:
        thought = EMPTY_THOUGHT.match(text, start, last)
        cut = thought.end() if thought else start
        yield Stretch(start, cut, Part.REASONING)
        yield Stretch(cut, last, Part.CONTENT)
    else:
        thought = EMPTY_THOUGHT.match(text, start, hits[0].start)
        cut = thought.end() if thought and hits[0].part is not Part.REASONING else start
        yield Stretch(start, cut, Part.REASONING)
        yield Stretch(cut, hits[0].end, hits[0].part)
        for one, other in pairwise(hits):
            yield from _between(text, one, other)
            yield other
        yield Stretch(hits[-1].end, last, hits[-1].part)
    yield Stretch(last, end, Part.TURN_END)


def _between(text: str, one: Stretch, other: Stretch) -> Iterator[Stretch]:
    """What the template puts between two pieces that are said."""
    start, end = one.end, other.start
    if one.part is Part.REASONING and other.part is not Part.REASONING:
        # A thought is closed by a token; what follows belongs to what it opens.
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
    """Where the end of the turn stands that a span ends in, if it does."""
    start, end = span
    last = end
    while last > start and text[last - 1].isspace():
        last -= 1
    for each in ends:
        if text.endswith(each, start, last):
            return last - len(each), last
    return None
