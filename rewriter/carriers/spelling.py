"""Text in a string literal: each character, with the way it is written.

An edit of the text leaves the spelling of every other character alone. Each kind of literal spells
the characters that an edit inserts, in the way that the literal spells them elsewhere.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import accumulate
from typing import Final, NamedTuple

from rewriter.source.edits import Edit

_PARTS: Final = re.compile(r"\{[%{#].*?[%}#]\}|\s+|[^\s{]+|\{", re.DOTALL)
# Beyond this, comparing every character with every other takes too long.
_COMPARABLE: Final = 4_000_000


class Unit(NamedTuple):
    """An indivisible unit: mostly one character, ``meant``, as it is ``written``.

    For a line continuation, ``meant`` is empty; for a new character, ``written`` is not set yet.
    """

    written: str
    meant: str


def meaning(units: Iterable[Unit]) -> str:
    """The text that the units stand for."""
    return "".join(unit.meant for unit in units)


def new(text: str) -> tuple[Unit, ...]:
    """A unit for each character of the text, not yet spelled."""
    return tuple(Unit("", character) for character in text)


def edited(units: Sequence[Unit], edits: Iterable[Edit]) -> tuple[Unit, ...]:
    """The units after ``edits`` of their meaning, which are in order and do not overlap.

    What remains of a unit that an edit cuts in two becomes new.
    """
    inserted: defaultdict[int, str] = defaultdict(str)
    deleted: set[int] = set()
    for edit in edits:
        inserted[edit.start] += edit.replacement
        deleted.update(range(edit.start, edit.end))
    touched = deleted | inserted.keys()
    found: list[Unit] = []
    start = 0
    for unit in units:
        end = start + len(unit.meant)
        if start == end:
            found.append(unit)
            continue
        found += new(inserted[start])
        if touched.isdisjoint(range(start + 1, end)) and start not in deleted:
            found.append(unit)
        else:
            for offset, character in enumerate(unit.meant, start):
                found += new(inserted[offset] if offset > start else "")
                found += new("" if offset in deleted else character)
        start = end
    return (*found, *new(inserted[start]))


def refined_edits(text: str, edits: Iterable[Edit]) -> Iterator[Edit]:
    """The same change of ``text``, without replacing characters that stay the same."""
    for edit in edits:
        old = text[edit.start : edit.end]
        if not old or len(old) * len(edit.replacement) > _COMPARABLE:
            yield edit
            continue
        for kind, start, end, first, last in SequenceMatcher(
            None, old, edit.replacement, autojunk=False
        ).get_opcodes():
            if kind != "equal":
                replacement = edit.replacement[first:last]
                yield Edit(edit.start + start, edit.start + end, replacement)


def changes(before: str, after: str) -> tuple[Edit, ...]:
    """Edits of whole tags, comments and lines that turn ``before`` into ``after``."""
    old, new = _PARTS.findall(before), _PARTS.findall(after)
    offsets = [0, *accumulate(map(len, old))]
    return tuple(
        Edit(offsets[start], offsets[end], "".join(new[first:last]))
        for kind, start, end, first, last in SequenceMatcher(
            None, old, new, autojunk=False
        ).get_opcodes()
        if kind != "equal"
    )


class Habits:
    """How a literal spells its characters."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self._every: defaultdict[str, Counter[str]] = defaultdict(Counter)
        before = ""
        for unit in units:
            if len(unit.meant) == 1:
                self._every[unit.meant][unit.written] += 1
                # `'\n'` within a tag may be escaped even where the line breaks are not.
                self._every[before + unit.meant][unit.written] += 1
            before = unit.meant[-1:] or before

    def spelling(self, before: str, character: str) -> str | None:
        """The usual spelling of the character after ``before``, else anywhere, if there is one."""
        for key in (before + character, character):
            if key in self._every:
                return self._every[key].most_common(1)[0][0]
        return None

    @property
    def escapes_beyond_ascii(self) -> bool:
        """Whether there are characters beyond ASCII, and all are escaped."""
        beyond = [
            written.isascii()
            for key, counts in self._every.items()
            if len(key) == 1 and not key.isascii()
            for written in counts
        ]
        return bool(beyond) and all(beyond)
