"""Add a title to the families that a sentence lists, in order, and re-wrap its lines."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from typing import Final

from rewriter.carriers.siblings import in_order
from rewriter.engine.registry import MISFIT, Listing
from rewriter.errors import BadInput, Place
from rewriter.source.edits import Edit

# A comma, a comma with a conjunction, or a conjunction alone; not within parentheses.
_PARTING: Final = re.compile(r"(?:,\s+(?:and\s+)?|\s+and\s+)(?![^()]*\))")
_PARAGRAPHS_END: Final = r"(?:(?!\s*\n\s*\n).)*"


def with_title(
    text: str,
    span: tuple[int, int],
    listing: Listing,
    title: str,
    name: str,
    *,
    width: int | None = None,
) -> Iterator[Edit]:
    """The edit that adds the title to the list within ``span``, unless it is there.

    Args:
        text: the whole text.
        span: where the list is.
        listing: the phrases before and after the list.
        title: the title to add.
        name: the text's name in errors.
        width: the most columns that a line may have; without it, no line is re-wrapped.

    Raises:
        BadInput: there is no such list; the error says where it should be.

    """
    start, end = span
    if listing.instead and _spaced(listing.instead).search(text, start, end):
        return
    opens, closes = _spaced(listing.opens).pattern, _spaced(listing.closes).pattern
    sentence = re.compile(rf"{opens}\s+({_PARAGRAPHS_END}?)\s*{closes}(?!\S)", re.DOTALL)
    found = sentence.search(text, start, end)
    if found is None:
        raise BadInput(
            f"no list {listing.opens!r} … {listing.closes!r} is here",
            name=name,
            place=Place.at(text, start),
            hint=MISFIT,
        )
    listed = _with(found.group(1), title)
    if listed != found.group(1):
        yield _filled(text, found.span(1), end, listed, width)


def _with(families: str, title: str) -> str:
    """The list with the title added in order; unchanged if it has it already."""
    titles = _titles(families)
    known = {_bare(each) for joined in titles for each in _apart(joined)}
    if known.issuperset(map(_bare, _titles(title))):
        return families
    after = sum(_key(each) < _key(title) for each in titles)
    partings = list(_PARTING.finditer(families))
    if after < len(partings):
        at = partings[after - 1].end() if after else 0
        return f"{families[:at]}{title}, {families[at:]}"
    start, end = partings[-1].span() if partings else (0, 0)
    one, other = sorted((families[end:], title), key=_key)
    if not partings:
        return f"{one} and {other}"
    return f"{families[:start]}, {one}{families[start:end]}{other}"


def _titles(families: str) -> list[str]:
    return [" ".join(each.split()) for each in _PARTING.split(families)]


def _apart(title: str) -> Iterator[str]:
    """Split `Model 3 / 3.1` into its titles."""
    first, *others = title.split(" / ")
    yield first
    yield from (f"{first.rpartition(' ')[0]} {each}" for each in others)


def _bare(title: str) -> str:
    """A key that is equal for `Model 3 (small)` and `model-3`."""
    return re.sub(r"\(.*?\)|[\s-]", "", title).casefold()


def _key(title: str) -> list[tuple[int, str]]:
    return in_order(title.casefold())


def _filled(text: str, span: tuple[int, int], end: int, listed: str, width: int | None) -> Edit:
    """The edit that writes the list, and re-wraps the rest of its paragraph if that is too wide."""
    line = text.rfind("\n", 0, span[0]) + 1
    match = re.compile(_PARAGRAPHS_END, re.DOTALL).match(text, span[1], end)
    assert match, "it matches nothing too"
    rest = match.group().rstrip()
    paragraph = text[line : span[0]] + listed + rest
    if width is None or all(len(each.rstrip("\r")) <= width for each in paragraph.split("\n")):
        return Edit(*span, listed)
    indentation = paragraph[: len(paragraph) - len(paragraph.lstrip())]
    filled = textwrap.fill(
        " ".join(paragraph.split()),
        width,
        initial_indent=indentation,
        subsequent_indent=indentation,
        break_long_words=False,
        break_on_hyphens=False,
    )
    newline = "\r\n" if "\r\n" in text else "\n"
    return Edit(line, span[1] + len(rest), filled.replace("\n", newline))


def _spaced(phrase: str) -> re.Pattern[str]:
    """A pattern for the phrase, wherever its lines break."""
    return re.compile(r"\s+".join(map(re.escape, phrase.split())))
