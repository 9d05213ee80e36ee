"""Add a section to a Markdown file, beside others of its kind."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from markdown_it import MarkdownIt

from rewriter.carriers.siblings import Sibling, entry_beside
from rewriter.engine.registry import MISFIT, Names
from rewriter.errors import BadInput, Place
from rewriter.source.edits import apply


@dataclass(frozen=True, slots=True)
class _Heading:
    level: int
    title: str
    start: int


def with_section(text: str, below: str, files: Names, family: str, section: str, name: str) -> str:
    """The text with the section below the heading ``below``; unchanged if the family has one.

    Args:
        text: the Markdown.
        below: the title of the heading above such sections.
        files: the names of the files that the sections describe, which stand between backticks.
        family: the family that the section is on.
        section: the section to add, with a heading of the third level.
        name: the text's name in errors.

    Raises:
        BadInput: there is no such heading, or no section below it describes a family.

    """
    above, sections = _below(text, below, name)
    siblings = list(_siblings(text, sections, files))
    if not siblings:
        message = f"no section below {below!r} describes a file such as {files.original}"
        place = Place.at(text, above.start)
        raise BadInput(message, name=name, place=place, hint=MISFIT)
    if family in {each.family for each in siblings}:
        return text
    newline = "\r\n" if "\r\n" in text else "\n"
    entry = re.sub("^###", "#" * (above.level + 1), section).replace("\n", newline)
    return apply(text, [entry_beside(text, siblings, family, entry, newline)])


def _below(text: str, title: str, name: str) -> tuple[_Heading, list[_Heading]]:
    """The heading of that title, those one level below it, and the end of the last."""
    headings = list(_headings(text))
    number = next((n for n, each in enumerate(headings) if each.title == title), None)
    if number is None:
        raise BadInput(f"there is no heading {title!r} here", name=name, hint=MISFIT)
    heading = headings[number]
    after = [each for each in headings[number + 1 :] if each.level <= heading.level + 1]
    end = next((n for n, each in enumerate(after) if each.level <= heading.level), len(after))
    return heading, after[: end + 1]


def _siblings(text: str, sections: Sequence[_Heading], files: Names) -> Iterator[Sibling]:
    """The name of the file that each section describes, and the section's place."""
    ends = [*(each.start for each in sections[1:]), len(text)]
    for section, end in zip(sections, ends, strict=True):
        for file in re.findall("`([^`]+)`", section.title):
            if known := files.family(file):
                stop = section.start + len(text[section.start : end].rstrip())
                yield Sibling(known[0], section.start, stop)


def _headings(text: str) -> Iterator[_Heading]:
    starts = list(accumulate((len(line) + 1 for line in text.split("\n")), initial=0))
    tokens = MarkdownIt().parse(text)
    for token, inline in pairwise(tokens):
        if token.type == "heading_open" and token.map:
            yield _Heading(int(token.tag[1:]), inline.content, starts[token.map[0]])
