"""Text as a string literal spells it: each character with the way it is written.

An edit of the text leaves every other character as it is written. What it puts in is left for the
literal's own kind to write, as the literal writes such characters elsewhere.
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
# Beyond this, comparing every character with every other takes too long to be worth it.
_COMPARABLE: Final = 4_000_000


class Unit(NamedTuple):
    """What cannot be parted: mostly one character, ``meant``, as it is ``written``.

    A line continuation is written and means nothing; what is new is not written yet.
    """

    written: str
    meant: str


def meaning(units: Iterable[Unit]) -> str:
    """What the units mean together."""
    return "".join(unit.meant for unit in units)


def new(text: str) -> tuple[Unit, ...]:
    """Each character of the text, still to be written."""
    return tuple(Unit("", character) for character in text)


def edited(units: Sequence[Unit], edits: Iterable[Edit]) -> tuple[Unit, ...]:
    """The units after ``edits`` of what they mean, which are in order and do not overlap.

    What is left of a unit that an edit cuts in two is new.
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


def refined(text: str, edits: Iterable[Edit]) -> Iterator[Edit]:
    """The same change of ``text``, sparing the characters that the edits only write again."""
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
    """Edits that make ``after`` of ``before``, of whole tags, comments and lines."""
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
    """How a literal writes the characters that it has."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self._every: defaultdict[str, Counter[str]] = defaultdict(Counter)
        before = ""
        for unit in units:
            if len(unit.meant) == 1:
                self._every[unit.meant][unit.written] += 1
                # `'\n'` within a tag may be an escape where the line endings are none.
                self._every[before + unit.meant][unit.written] += 1
            before = unit.meant[-1:] or before

    def spelling(self, before: str, character: str) -> str | None:
        """How it mostly is written after the character ``before``, else anywhere; if it is."""
        for key in (before + character, character):
            if key in self._every:
                return self._every[key].most_common(1)[0][0]
        return None

    @property
    def escapes_beyond_ascii(self) -> bool:
        """Whether every character beyond ASCII is an escape, and there is one."""
        beyond = [
            written.isascii()
            for key, counts in self._every.items()
            if len(key) == 1 and not key.isascii()
            for written in counts
        ]
        return bool(beyond) and all(beyond)
