"""Which line of a template printed a character."""

from __future__ import annotations

from dataclasses import dataclass

from rewriter.errors import Place
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.provenance import Literal
from rewriter.tracing.render import Run, TracedTemplate
from rewriter.verification.render import stopped_clock


@dataclass(frozen=True, slots=True)
class Culprit:
    """What printed a character.

    Attributes:
        piece: the offset of the tag or the template text.
        place: where in it: the character itself if it is of a literal, else the operand.

    """

    piece: int
    place: Place


def printed_by(traced: TracedTemplate, conversation: Conversation, at: int) -> Culprit | None:
    """What in the source printed the character ``at``; behind the text, the last one.

    ``None`` where tracing does not tell.
    """
    try:
        with stopped_clock():
            trace = traced.render(
                conversation.messages,
                add_generation_prompt=conversation.add_generation_prompt,
                **conversation.options,
            )
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 — what renders may raise anything when traced, and must not
        return None
    at = min(at, len(trace.text) - 1)
    run = next((run for run in trace.runs if run.start <= at < run.end), None)
    offset = _offset(traced, run, at) if run else None
    if offset is None:
        return None
    pieces = traced.template.pieces
    piece = next(each.span.start for each in reversed(pieces) if each.span.start <= offset)
    return Culprit(piece, Place.at(traced.template.text, offset))


def _offset(traced: TracedTemplate, run: Run, at: int) -> int | None:
    written = _written(traced, run, at)
    if not run.sites:
        return written
    # The first to pass it on is the nearest to where it is printed: an operand, then its tag.
    tags = [site for site in run.sites if site in traced.template.output_tags]
    if not tags:
        return run.sites[0] if written is None else written
    end = traced.template.text.find("}}", tags[0])
    inner = (offset for offset in (written, *run.sites) if offset is not None)
    return next((offset for offset in inner if tags[0] < offset < end), tags[0])


def _written(traced: TracedTemplate, run: Run, at: int) -> int | None:
    """Where in the source the character stands, if it is of a literal."""
    if not isinstance(run.origin, Literal):
        return None
    origin = Literal(run.origin.at, run.origin.index + at - run.start)
    return next(iter(traced.source_offsets(origin, 1)), None)
