"""What became of one template of a batch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from rewriter.errors import RewriteError
from rewriter.picture.picture import Picture
from rewriter.verification.notices import Notice


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one template.

    Attributes:
        title: the family, as a person calls it.
        original: the name of the original's file.
        file: the name of the variant's file.
        source: the original's text.
        template: the variant's text, or ``None`` where there is no proven one.
        transforms: the names of the transforms that changed something, in order.
        edits: how many places of the original were edited.
        lines: how many lines of the original those places are on.
        conversations: how many conversations it was checked on; 0 where the proof is on file.
        verdict: one or two words: ``verified``, ``proof on file``, ``refused`` …
        error: what was wrong, where there is no variant.
        exit_code: 0, or that of the error, or 1 if something would change.
        notices: what to know before training.
        picture: what there is to see of it, where that was asked for.

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
