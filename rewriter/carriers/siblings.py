"""Where a new entry belongs among its siblings, and how much space goes around it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import mode

from rewriter.source.edits import Edit


@dataclass(frozen=True, slots=True)
class Sibling:
    """A family's entry at ``start:end`` of the text."""

    family: str
    start: int
    end: int


def entry_beside(
    text: str, siblings: Sequence[Sibling], family: str, entry: str, newline: str
) -> Edit:
    """The edit that inserts an entry of whole lines, in the order of the families' names.

    It takes its neighbour's indentation, and as many empty lines around it as most entries have.
    """
    space = newline * (1 + mode(_gap(text, each.start) for each in siblings))
    before = _before(siblings, family)
    if before:
        place = _line_end(text, before.end)
        return Edit(place, place, f"{space}{_indentation(text, before.start)}{entry}")
    first = siblings[0]
    place = _with_comments(text, _line_start(text, first.start))
    return Edit(place, place, f"{_indentation(text, first.start)}{entry}{space}")


def entry_in_list(
    text: str, siblings: Sequence[Sibling], family: str, entry: str, newline: str
) -> Iterator[Edit]:
    """The edits that insert an element into a comma-separated list."""
    before = _before(siblings, family)
    near = before or siblings[0]
    if text[_line_start(text, near.start) : near.start].strip():
        place = near.end if before else near.start
        yield Edit(place, place, f", {entry}" if before else f"{entry}, ")
        return
    if before and not re.match(r"\s*,", text[before.end :]):
        yield Edit(before.end, before.end, ",")
    yield entry_beside(text, [near], family, f"{entry},", newline)


def in_order(name: str) -> list[tuple[int, str]]:
    """A sort key for names, by which 2 comes before 10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]


def _before(siblings: Sequence[Sibling], family: str) -> Sibling | None:
    """The entry that the new one follows, unless it comes first; few files are quite in order."""
    greater = (n for n, each in enumerate(siblings) if in_order(each.family) > in_order(family))
    number = next(greater, len(siblings))
    return siblings[number - 1] if number else None


def _gap(text: str, start: int) -> int:
    """How many empty lines are above the entry and its comments."""
    above = text[: _with_comments(text, _line_start(text, start))]
    lines = above.split("\n")[:-1]
    return next((n for n, line in enumerate(reversed(lines)) if line.strip()), len(lines))


def _with_comments(text: str, line: int) -> int:
    """The start of the comment lines directly above a line."""
    while line:
        above = _line_start(text, line - 1)
        if not text[above:line].lstrip().startswith("#"):
            break
        line = above
    return line


def _indentation(text: str, start: int) -> str:
    line = text[_line_start(text, start) : start]
    return line[: len(line) - len(line.lstrip())]


def _line_start(text: str, offset: int) -> int:
    return text.rfind("\n", 0, offset) + 1


def _line_end(text: str, offset: int) -> int:
    end = text.find("\n", offset)
    end = len(text) if end < 0 else end
    return end - 1 if text[offset:end].endswith("\r") else end
