"""Which line of a template printed a character."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import partial
from itertools import takewhile

from rewriter.errors import Place
from rewriter.tracing.clock import at_time
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.origins import Literal
from rewriter.tracing.render import TracedTemplate
from rewriter.tracing.trace import Run, Trace


@dataclass(frozen=True, slots=True)
class Culprit:
    """The source that printed a character.

    Attributes:
        piece: the offset of the tag or the template text.
        place: the place in it: of the character itself if it is in a literal, else of the operand.
        start, end: the characters around this one that the piece printed.
        turn: the number of the message whose turn it is in, if it is in one.
        after: whether the text ends before the character: then this is the source of the last one.

    """

    piece: int
    place: Place
    start: int
    end: int
    turn: int | None = None
    after: bool = False


def printed_by(traced: TracedTemplate, conversation: Conversation, at: int) -> Culprit | None:
    """The source that printed the character ``at``; after the text, that of the last character.

    ``None`` if tracing does not show it.
    """
    try:
        with at_time(conversation.now):
            trace = traced.render(
                conversation.messages,
                add_generation_prompt=conversation.add_generation_prompt,
                **conversation.options,
            )
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 — what renders may raise anything when traced, and must not
        return None
    return culprit(traced, trace, at)


def culprit(traced: TracedTemplate, trace: Trace, at: int) -> Culprit | None:
    """The same, for the character ``at`` of a trace."""
    after = at >= len(trace.text)
    at = min(at, len(trace.text) - 1)
    number = next((n for n, run in enumerate(trace.runs) if run.start <= at < run.end), None)
    offset = None if number is None else _offset(traced, trace.runs[number], at)
    if number is None or offset is None:
        return None
    piece, run = _piece(traced, offset), trace.runs[number]
    same = partial(_is_of, traced, piece, run.turn)
    *_, first = run, *takewhile(same, reversed(trace.runs[:number]))
    *_, last = run, *takewhile(same, trace.runs[number + 1 :])
    place = Place.at(traced.template.text, offset)
    return Culprit(piece, place, first.start, last.end, run.turn, after)


def _is_of(traced: TracedTemplate, piece: int, turn: int | None, run: Run) -> bool:
    """Whether a piece printed a run, in that turn."""
    offset = _offset(traced, run, run.start) if run.turn == turn else None
    return offset is not None and _piece(traced, offset) == piece


def _piece(traced: TracedTemplate, offset: int) -> int:
    """The start of the piece that a character of the source belongs to."""
    pieces = traced.template.pieces
    return pieces[bisect_right(pieces, offset, key=lambda piece: piece.span.start) - 1].span.start


def _offset(traced: TracedTemplate, run: Run, at: int) -> int | None:
    written = _written(traced, run, at)
    if not run.sites:
        return written
    # The first that passed it on is the nearest to the output: an operand, then its tag.
    tags = [site for site in run.sites if site in traced.template.output_tags]
    if not tags:
        return run.sites[0] if written is None else written
    end = traced.template.text.find("}}", tags[0])
    inner = (offset for offset in (written, *run.sites) if offset is not None)
    return next((offset for offset in inner if tags[0] < offset < end), tags[0])


def _written(traced: TracedTemplate, run: Run, at: int) -> int | None:
    """The character's offset in the source, if it is in a literal."""
    if not isinstance(run.origin, Literal):
        return None
    origin = Literal(run.origin.at, run.origin.index + at - run.start)
    return next(iter(traced.source_offsets(origin, 1)), None)
