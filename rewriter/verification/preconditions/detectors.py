"""Detectors that search the text for a marker must find blocks, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from rewriter.errors import Place
from rewriter.source.lexer import Kind, Piece
from rewriter.source.template import Template
from rewriter.verification.preconditions.finding import MARKER, Finding

# How transformers 5 (`render_jinja_template`, which only warns) and TRL 1.16 (which replaces the
# template, or refuses it) tell by the text alone whether a template can give a mask.
DETECTED: Final = re.compile(r"\{%-?\s*generation\s*-?%\}")

_WHERE: Final = {
    Kind.COMMENT: "a comment",
    Kind.OUTPUT: "a string",
    Kind.BLOCK: "a string",
    Kind.TEXT: "a raw block",
}


def unseen(template: Template) -> Iterator[Finding]:
    """Markers in a spelling that jinja2 reads but detectors miss."""
    harmless = _is_detected(template)
    for piece in _markers(template):
        if not _detected(template, piece):
            yield Finding(
                "unseen",
                f"detectors miss a marker that is written `{piece.span.of(template.text)}`",
                "write `{% generation %}` or `{%- generation %}`",
                Place.at(template.text, piece.span.start),
                harmless,
            )


def decoys(template: Template) -> Iterator[Finding]:
    """Text that detectors mistake for a marker.

    In a string or a raw block it may be needed, so it is allowed beside a marker. In a comment it
    is not needed, and would hide that the markers are gone.
    """
    real = {piece.span.start for piece in _markers(template)}
    harmless = _is_detected(template)
    for match in DETECTED.finditer(template.text):
        where = _piece_at(template, match.start()).kind
        if match.start() not in real and (where is Kind.COMMENT or not real):
            yield Finding(
                "decoy",
                f"detectors mistake the text in {_WHERE[where]} for a marker",
                "write it in other words, such as `generation block`",
                Place.at(template.text, match.start()),
                harmless,
            )


def _markers(template: Template) -> Iterator[Piece]:
    return (piece for piece in template.pieces if piece.keyword == MARKER)


def _is_detected(template: Template) -> bool:
    """Whether detectors see a real marker."""
    return any(_detected(template, piece) for piece in _markers(template))


def _detected(template: Template, marker: Piece) -> bool:
    return DETECTED.fullmatch(template.text, *marker.span) is not None


def _piece_at(template: Template, offset: int) -> Piece:
    return next(piece for piece in template.pieces if offset < piece.span.end)
