"""The outcome for one template of a batch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from rewriter.errors import RewriteError
from rewriter.picture.picture import Picture
from rewriter.verification.notice import Notice


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome for one template.

    Attributes:
        title: the family's title.
        original: the name of the original's file.
        file: the name of the variant's file.
        source: the original's text.
        template: the variant's text, or ``None`` if none is proven.
        transforms: the names of the transforms that changed something, in order.
        edits: how many edits were made to the original.
        lines: how many lines of the original these edits touch.
        conversations: how many conversations it was checked on; 0 if the proof is on file.
        verdict: one or two words: ``verified``, ``proven before``, ``refused`` …
        error: why there is no variant.
        exit_code: 0, that of the error, or 1 if something would change or is marked wrongly.
        notices: what to know before training.
        picture: the template's picture, if it was asked for.
        is_written: whether the variant's file was out of date and has been written.

    """

    title: str
    original: str
    file: str
    source: str
    verdict: str
    template: str | None = None
    transforms: tuple[str, ...] = ()
    edits: int = 0
    lines: int = 0
    conversations: int = 0
    error: RewriteError | None = None
    exit_code: int = 0
    notices: tuple[Notice, ...] = ()
    picture: Picture | None = None
    is_written: bool = False


class _Spanning(Protocol):
    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


def lines_touched(source: str, edits: Iterable[_Spanning]) -> int:
    """How many lines of ``source`` the edits delete from, or insert into."""
    touched: set[int] = set()
    for edit in edits:
        first = source.count("\n", 0, edit.start)
        last = source.count("\n", 0, max(edit.start, edit.end - 1))
        touched.update(range(first, last + 1))
    return len(touched)
