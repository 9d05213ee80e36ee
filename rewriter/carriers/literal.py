"""A template written as string literals: where its characters are, and how to edit them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Final

from rewriter.carriers.spelling import Unit, edited, meaning, refined_edits
from rewriter.source.edits import Edit

# Tags that close a Jinja block.
_ENDING: Final = re.compile(r"\s*\{%[-+]?\s*end")


@dataclass(frozen=True, eq=False)
class Part:
    """One literal, quotes included, at ``start:end`` of the file, whose units begin at ``body``.

    ``write`` spells the literal with other units.
    """

    start: int
    end: int
    body: int
    units: tuple[Unit, ...]
    write: Callable[[Sequence[Unit]], str]

    @cached_property
    def text(self) -> str:
        """The literal's value."""
        return meaning(self.units)


@dataclass(frozen=True, eq=False)
class Literal:
    """Literals that are joined to one text; ``trim`` is then applied to the text."""

    parts: tuple[Part, ...]
    trim: Callable[[str], str] = str

    @cached_property
    def text(self) -> str:
        """The template."""
        return self.trim(self._whole)

    def place(self, offset: int) -> int:
        """Where in the file the character at ``offset`` of the template is written."""
        offset += self._trimmed
        index = bisect_right(self._starts, offset) - 1
        return _written_at(self.parts[index], offset - self._starts[index])

    def edited(self, edits: Iterable[Edit]) -> Iterator[Edit]:
        """The edits of the file that carry out these edits of the template, which are in order."""
        moved = [
            Edit(each.start + self._trimmed, each.end + self._trimmed, each.replacement)
            for each in edits
        ]
        shares: list[list[Edit]] = [[] for _ in self.parts]
        home = 0
        for edit in refined_edits(self._whole, moved):
            home = max(home, self._home(edit))  # keeps insertions in order
            for index, share in self._shared(edit, home):
                shares[index].append(share)
        for part, own in zip(self.parts, shares, strict=True):
            if own:
                yield Edit(part.start, part.end, part.write(edited(part.units, own)))

    @cached_property
    def _whole(self) -> str:
        return "".join(part.text for part in self.parts)

    @cached_property
    def _trimmed(self) -> int:
        """How many characters are trimmed at the start."""
        return self._whole.find(self.text)

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        """Where each part's text begins in the whole text."""
        return tuple(accumulate((len(part.text) for part in self.parts[:-1]), initial=0))

    def _shared(self, edit: Edit, home: int) -> Iterator[tuple[int, Edit]]:
        """The edit, split by part: each part loses its share, and ``home`` gets the replacement."""
        for index, (part, start) in enumerate(zip(self.parts, self._starts, strict=True)):
            first = max(edit.start - start, 0)
            last = min(edit.end - start, len(part.text))
            if index == home:
                yield index, Edit(first, max(first, last), edit.replacement)
            elif first < last:
                yield index, Edit(first, last, "")

    def _home(self, edit: Edit) -> int:
        """The part that gets the edit's replacement.

        Between two parts, an end tag goes to the first, and anything else to the second.
        """
        near = [
            index
            for index, (part, start) in enumerate(zip(self.parts, self._starts, strict=True))
            if start <= edit.start <= start + len(part.text)
        ]
        stays = edit.start == edit.end and _ENDING.match(edit.replacement)
        return near[0] if stays else near[-1]


@dataclass(frozen=True, slots=True, eq=False)
class Whole:
    """A template that is the whole of its file."""

    text: str

    def place(self, offset: int) -> int:
        """Where in the file the character at ``offset`` of the template is written."""
        return offset

    def edited(self, edits: Iterable[Edit]) -> Iterator[Edit]:
        """The edits on the file that make these edits of the template."""
        yield from edits


def _written_at(part: Part, offset: int) -> int:
    place = part.body
    for unit in part.units:
        if offset <= 0 and unit.meant:
            break
        place += len(unit.written)
        offset -= len(unit.meant)
    return place
