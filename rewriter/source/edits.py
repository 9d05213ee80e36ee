"""Edits on the original text, and the one rule for those that meet.

Groups apply whole or not at all; identical edits merge; edits of two groups that touch or
overlap conflict, and a conflict is an error that names both transforms.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rewriter.errors import Conflict, Place


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """``text[start:end]`` becomes ``replacement``: what ``transform`` did, and why.

    Offsets count characters of the original text.
    """

    start: int
    end: int
    replacement: str
    transform: str = ""
    reason: str = ""

    @property
    def span(self) -> tuple[int, int]:
        """Where it stands in the original."""
        return self.start, self.end


@dataclass(frozen=True, slots=True)
class EditGroup:
    """Edits in order that stand or fall together."""

    edits: tuple[Edit, ...]

    @property
    def transform(self) -> str:
        """Who wants them."""
        return self.edits[0].transform if self.edits else ""


def apply(text: str, edits: Iterable[Edit]) -> str:
    """``text`` after ``edits``, which are in order and do not overlap; insertions may touch."""
    parts: list[str] = []
    cursor = 0
    for edit in edits:
        if edit.start < cursor:
            raise ValueError(f"edits out of order or overlapping at offset {edit.start}")
        parts += (text[cursor : edit.start], edit.replacement)
        cursor = edit.end
    return "".join((*parts, text[cursor:]))


def original_offset(offset: int, edits: Iterable[Edit]) -> int:
    """Where in the text before ``edits`` an offset of the text after them was.

    What an edit has written is taken for where the edit begins.
    """
    shift = 0
    for edit in edits:
        start = edit.start + shift
        if offset < start:
            break
        if offset < start + len(edit.replacement):
            return edit.start
        shift += len(edit.replacement) - (edit.end - edit.start)
    return offset - shift


def merged(text: str, groups: Sequence[EditGroup]) -> tuple[Edit, ...]:
    """The edits of all groups as one row, ready to `apply`.

    Raises:
        Conflict: if edits of two groups touch or overlap and are not the same.

    """
    owned = sorted(
        {edit: group for group in reversed(groups) for edit in group.edits}.items(),
        key=lambda item: (item[0].start, item[0].end),
    )
    for (one, mine), (other, its) in pairwise(owned):
        if mine is not its and other.start <= one.end:
            raise conflict(text, other.start, mine.transform, its.transform)
    return tuple(edit for edit, _ in owned)


def conflict(text: str, offset: int, one: str, other: str) -> Conflict:
    """The error for two transforms that want the same place."""
    return Conflict(
        f"{one!r} and {other!r} both change this place",
        place=Place.at(text, offset),
        hint="apply one of the two, or the second to the result of the first",
    )


def narrowed(start: int, old: str, new: str) -> tuple[tuple[int, int, str], ...]:
    """What turns ``old`` at ``start`` into ``new``, as ``(start, end, replacement)``.

    What ``new`` only puts around ``old`` is two insertions, else the differing middle is replaced.
    """
    if old and old in new:
        before, _, behind = new.partition(old)
        end = start + len(old)
        around = ((start, start, before), (end, end, behind))
        return tuple(change for change in around if change[2])
    shortest = min(len(old), len(new))
    head = next((i for i in range(shortest) if old[i] != new[i]), shortest)
    room = shortest - head
    tail = next((i for i in range(room) if old[-1 - i] != new[-1 - i]), room)
    return ((start + head, start + len(old) - tail, new[head : len(new) - tail]),)
