"""Conversations on a page: turns, each in pieces that you can point at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import NamedTuple

from rewriter.picture.picture import DrawnConversation, Part, PrintedRun
from rewriter.report.marked import visible
from rewriter.source.lexer import Span


class TokenText(NamedTuple):
    """Characters of one token, or of none; ``is_cut`` if an edge of the mask cuts it."""

    text: str
    begins: bool
    is_cut: bool


@dataclass(frozen=True, slots=True)
class PagePiece:
    """A run of characters that are alike.

    Attributes:
        texts: the printed text, token by token if there are tokens.
        part: the part of the conversation that it is.
        trained: whether the mask holds it.
        spans: the numbers of the spans that printed it, the most exact first.
        heard: its description for screen readers; empty if nothing has changed.

    """

    texts: tuple[TokenText, ...]
    part: Part
    trained: bool
    spans: tuple[int, ...]
    heard: str


@dataclass(frozen=True, slots=True)
class PageTurn:
    """The text printed in one message's turn, or outside all turns.

    ``number`` is that of the message, from 1, or 0 outside all turns. ``title`` is the speaker.
    """

    title: str
    number: int
    pieces: tuple[PagePiece, ...]


def turns(drawn: DrawnConversation, spans: Mapping[Span, int]) -> tuple[PageTurn, ...]:
    """The turns of a conversation, in order."""
    tokens = _Tokens(drawn)
    found: list[PageTurn] = []
    for turn, runs in groupby(drawn.runs, key=lambda run: run.turn):
        row = tuple(runs)
        pieces: list[PagePiece] = []
        before: tuple[Part, bool] | None = None
        for run in row:
            is_new = (run.part, run.trained) != before
            heard = f"{run.part}{', trained' if run.trained else ''}: " if is_new else ""
            numbers = tuple(spans[span] for span in run.sources)
            texts = tuple(tokens.texts(run))
            pieces.append(PagePiece(texts, run.part, run.trained, numbers, heard))
            before = run.part, run.trained
        number = 0 if turn is None else turn + 1
        found.append(PageTurn(_title(drawn, turn, row), number, tuple(pieces)))
    return tuple(found)


def _title(drawn: DrawnConversation, turn: int | None, runs: Sequence[PrintedRun]) -> str:
    if turn is not None:
        return drawn.roles[turn]
    is_prompt = any(run.part is Part.HEADER for run in runs)
    return "generation prompt" if is_prompt else "outside all turns"


class _Tokens:
    """Where tokens begin in a conversation, and which characters belong to cut tokens."""

    def __init__(self, drawn: DrawnConversation) -> None:
        tokens = [token for token in drawn.tokens or () if token.start < token.end]
        self._text = drawn.text
        self._starts = frozenset(token.start for token in tokens)
        self._cut = [token for token in tokens if token.is_cut]

    def texts(self, run: PrintedRun) -> Iterator[TokenText]:
        """The text of a run, token by token."""
        inner = self._starts & {*range(run.start + 1, run.end)}
        for start, end in pairwise(sorted({run.start, run.end, *inner})):
            is_cut = any(token.start < end and start < token.end for token in self._cut)
            yield TokenText(visible(self._text[start:end]), start in self._starts, is_cut)
