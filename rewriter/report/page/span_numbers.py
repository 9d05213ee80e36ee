"""Number the spans of the source that printed something, so that a page can refer to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from rewriter.picture.picture import Picture
from rewriter.source.edits import Edit
from rewriter.source.lexer import Span


class Kept(NamedTuple):
    """Characters that original and variant share: where they start in each, and how many."""

    original: int
    variant: int
    length: int


def numbered(picture: Picture) -> Mapping[Span, int]:
    """Each span that printed something, with its number."""
    spans = {span for each in picture.conversations for run in each.runs for span in run.sources}
    return {span: number for number, span in enumerate(sorted(spans))}


def kept_stretches(source: str, edits: Sequence[Edit]) -> tuple[Kept, ...]:
    """The stretches that the edits leave alone, in order."""
    found: list[Kept] = []
    cursor = shift = 0
    for edit in (*edits, Edit(len(source), len(source), "")):
        if cursor < edit.start:
            found.append(Kept(cursor, cursor + shift, edit.start - cursor))
        cursor, shift = edit.end, shift + len(edit.replacement) - (edit.end - edit.start)
    return tuple(found)


def in_original(
    spans: Mapping[Span, int], source: str, edits: Sequence[Edit]
) -> tuple[tuple[Span, int], ...]:
    """Where the numbered spans of the variant are in the original, if they are."""
    pieces = kept_stretches(source, edits)
    return tuple(
        (Span(piece.original + start - piece.variant, piece.original + end - piece.variant), number)
        for span, number in spans.items()
        for piece in pieces
        for start, end in [
            (max(span.start, piece.variant), min(span.end, piece.variant + piece.length))
        ]
        if start < end
    )


class Covering:
    """Finds the numbered spans that contain a stretch of text, the smallest first."""

    def __init__(self, spans: Iterable[tuple[Span, int]]) -> None:
        self._spans = sorted(spans, key=lambda pair: (pair[0].end - pair[0].start, pair[1]))

    @property
    def edges(self) -> frozenset[int]:
        """Every offset at which a span begins or ends."""
        return frozenset(at for span, _ in self._spans for at in span)

    def at(self, place: int) -> tuple[int, ...]:
        """The numbers of the spans that contain the character."""
        found = (number for span, number in self._spans if span.start <= place < span.end)
        return tuple(dict.fromkeys(found))
