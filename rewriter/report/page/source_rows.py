"""Original and variant side by side: rows of lines, each line in segments of one kind."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, zip_longest

from rewriter.errors import RewriteError
from rewriter.picture.picture import Picture
from rewriter.report.marked import visible
from rewriter.report.page.span_numbers import Covering, in_original, numbered
from rewriter.source.environment import parsing_environment
from rewriter.source.lexer import Piece, lex


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of characters in a line that are shown alike.

    Attributes:
        text: the characters.
        kind: ``text``, ``comment``, ``output``, ``block``, or ``mark`` for a generation tag.
        spans: the numbers of the spans that contain it, the smallest first.
        edit: the number, from 1, of the edit that removes or inserts it; else 0.
        anchor: the offset that links point to, or ``None``.

    """

    text: str
    kind: str
    spans: tuple[int, ...]
    edit: int = 0
    anchor: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the original or of the variant; its number counts from 1."""

    number: int
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the original beside one of the variant; ``None`` if that side has no such line."""

    original: Line | None
    variant: Line | None

    @property
    def is_changed(self) -> bool:
        """Whether an edit changes this row."""
        lines = [line for line in (self.original, self.variant) if line]
        return len(lines) < 2 or any(s.edit for line in lines for s in line.segments)


def source_rows(picture: Picture, anchors: Iterable[int] = ()) -> tuple[Row, ...]:
    """The rows of a picture; if the template is not edited, only the variant's side is filled.

    A segment begins at each of ``anchors``, which are offsets in the variant.
    """
    spans = numbered(picture)
    anchors = frozenset(anchors)
    variant = _Text(picture.template, Covering(spans.items()), anchors)
    if not picture.edits:
        lines = _split(variant.segments(0, len(picture.template), 0))
        return tuple(Row(None, Line(n, each)) for n, each in enumerate(lines, start=1))
    mapped = in_original(spans, picture.source, picture.edits)
    original = _Text(picture.source, Covering(mapped), frozenset())
    return tuple(_Aligned(picture, original, variant).rows())


@dataclass(frozen=True)
class _Text:
    """One of the two texts, cut into segments."""

    text: str
    covering: Covering
    anchors: frozenset[int]
    pieces: tuple[Piece, ...] = field(init=False)
    edges: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        pieces = _pieces(self.text)
        edges = {*self.covering.edges, *self.anchors, *(each.span.start for each in pieces)}
        object.__setattr__(self, "pieces", pieces)
        object.__setattr__(self, "edges", tuple(sorted(edges)))

    def segments(self, start: int, end: int, edit: int) -> Iterator[Segment]:
        """The segments of ``[start, end)``, also cut after each line break."""
        first, last = bisect_right(self.edges, start), bisect_right(self.edges, end - 1)
        ends = (at + 1 for at in range(start, end) if self.text[at] == "\n")
        for one, other in pairwise(sorted({start, end, *self.edges[first:last], *ends})):
            anchor = one if one in self.anchors else None
            text = visible(self.text[one:other])
            yield Segment(text, self._kind(one), self.covering.at(one), edit, anchor)

    def _kind(self, at: int) -> str:
        number = bisect_right(self.pieces, at, key=lambda piece: piece.span.start) - 1
        if number < 0:
            return "text"
        piece = self.pieces[number]
        return "mark" if piece.keyword in ("generation", "endgeneration") else piece.kind.value


def _pieces(text: str) -> tuple[Piece, ...]:
    try:
        return lex(text, parsing_environment()).pieces
    except RewriteError:
        return ()  # a refused text may not parse


@dataclass
class _Aligned:
    """Two texts, aligned by the edits that lead from one to the other."""

    picture: Picture
    original: _Text
    variant: _Text

    def rows(self) -> Iterator[Row]:
        """The rows, with lines that both texts have in common side by side."""
        left: list[Segment] = []
        right: list[Segment] = []
        numbers = [0, 0]
        for mine, its in self._stretches():
            if mine and its and not mine[0].edit:
                # Both texts have this, so they are aligned after each of its line breaks.
                for one, other in zip(_split(mine), _split(its), strict=True):
                    left += one
                    right += other
                    if one and one[-1].text.endswith("\n"):
                        yield from _rows(left, right, numbers)
                        left, right = [], []
            else:
                left += mine
                right += its
        yield from _rows(left, right, numbers)

    def _stretches(self) -> Iterator[tuple[list[Segment], list[Segment]]]:
        """Kept text, on both sides, alternating with what each edit removes and inserts."""
        at = shift = 0
        for number, edit in enumerate(self.picture.edits, start=1):
            yield self._kept(at, edit.start, shift)
            there = edit.start + shift
            taken = [*self.original.segments(edit.start, edit.end, number)]
            put = [*self.variant.segments(there, there + len(edit.replacement), number)]
            yield taken, put
            at, shift = edit.end, shift + len(edit.replacement) - (edit.end - edit.start)
        yield self._kept(at, len(self.picture.source), shift)

    def _kept(self, start: int, end: int, shift: int) -> tuple[list[Segment], list[Segment]]:
        mine = [*self.original.segments(start, end, 0)]
        return mine, [*self.variant.segments(start + shift, end + shift, 0)]


def _split(segments: Iterable[Segment]) -> list[tuple[Segment, ...]]:
    """The segments by line; the last line has no line break."""
    lines: list[tuple[Segment, ...]] = []
    line: list[Segment] = []
    for segment in segments:
        line.append(segment)
        if segment.text.endswith("\n"):
            lines.append(tuple(line))
            line = []
    return [*lines, tuple(line)] if line else lines


def _rows(left: Sequence[Segment], right: Sequence[Segment], numbers: list[int]) -> Iterator[Row]:
    for mine, its in zip_longest(_split(left), _split(right)):
        yield Row(_line(mine, numbers, 0), _line(its, numbers, 1))


def _line(segments: tuple[Segment, ...] | None, numbers: list[int], side: int) -> Line | None:
    if segments is None:
        return None
    numbers[side] += 1
    return Line(numbers[side], segments)
