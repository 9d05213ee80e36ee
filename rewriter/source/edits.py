"""Edits on the original text, and the one rule for edits that meet.

Groups apply whole or not at all; identical edits merge; edits of two groups that touch or overlap
conflict, and a conflict is an error that names both transforms.
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
        """The edit's place in the original."""
        return self.start, self.end


@dataclass(frozen=True, slots=True)
class EditGroup:
    """Edits, in order, that are applied together or not at all."""

    edits: tuple[Edit, ...]

    @property
    def transform(self) -> str:
        """The transform that asks for them."""
        return self.edits[0].transform if self.edits else ""


def apply(text: str, edits: Iterable[Edit]) -> str:
    """Apply ``edits``, which must be in order and must not overlap; insertions may touch."""
    parts: list[str] = []
    cursor = 0
    for edit in edits:
        if edit.start < cursor:
            raise ValueError(f"edits out of order or overlapping at offset {edit.start}")
        parts += (text[cursor : edit.start], edit.replacement)
        cursor = edit.end
    return "".join((*parts, text[cursor:]))


def original_offset(offset: int, edits: Iterable[Edit]) -> int:
    """Map an offset in the edited text back to the text before ``edits``.

    An offset within an edit's replacement maps to the start of that edit.
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
    """The edits of all groups in one sequence, ready for `apply`.

    Raises:
        Conflict: if edits of two groups touch or overlap and are not the same.

    """
    owned = sorted(
        {edit: group for group in reversed(groups) for edit in group.edits}.items(),
        key=lambda item: (item[0].start, item[0].end),
    )
    for (edit, group), (following, other_group) in pairwise(owned):
        if group is not other_group and following.start <= edit.end:
            raise conflict(text, following.start, group.transform, other_group.transform)
    return tuple(edit for edit, _ in owned)


def conflict(text: str, offset: int, transform: str, other: str) -> Conflict:
    """The error for two transforms that want the same place."""
    return Conflict(
        f"{transform!r} and {other!r} both change this place",
        place=Place.at(text, offset),
        hint="apply one of the two, or the second to the result of the first",
    )


def narrowed(start: int, old: str, new: str) -> tuple[tuple[int, int, str], ...]:
    """The changes, as ``(start, end, replacement)``, that turn ``old`` at ``start`` into ``new``.

    If ``new`` contains ``old``, they are insertions around it; else the differing middle is
    replaced.
    """
    if old and old in new:
        before, _, after = new.partition(old)
        end = start + len(old)
        around = ((start, start, before), (end, end, after))
        return tuple(change for change in around if change[2])
    shortest = min(len(old), len(new))
    head = next((i for i in range(shortest) if old[i] != new[i]), shortest)
    room = shortest - head
    tail = next((i for i in range(room) if old[-1 - i] != new[-1 - i]), room)
    return ((start + head, start + len(old) - tail, new[head : len(new) - tail]),)
