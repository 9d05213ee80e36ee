"""The list of families in a docstring: a title put in, in order, and the lines filled again."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

import libcst as cst

from rewriter.carriers.python_source import PythonSource
from rewriter.carriers.siblings import in_order
from rewriter.engine.registry import Listing
from rewriter.errors import BadInput, Place
from rewriter.source.edits import Edit

# A comma, or the last comma with its conjunction, or that alone; none within parentheses.
_PARTING = re.compile(r",\s+(?:and\s+)?(?![^()]*\))|\s+and\s+(?![^()]*\))")


def with_title(source: PythonSource, listing: Listing, title: str, name: str) -> Iterator[Edit]:
    """The edit that puts the title into the docstring's list, if it is not there.

    Raises:
        BadInput: there is no such function, or its docstring has no list; says where.

    """
    start, end = _docstring(source, listing, name)
    docstring = source.text[start:end]
    if listing.instead and _spaced(listing.instead).search(docstring):
        return
    opens, closes = _spaced(listing.opens), _spaced(listing.closes)
    found = re.search(rf"{opens.pattern}\s+(.*?)\s+{closes.pattern}", docstring, re.DOTALL)
    if found is None:
        raise BadInput(
            f"no list {listing.opens!r} … {listing.closes!r} is in this docstring",
            name=name,
            place=Place.at(source.text, start),
            hint="does the registry's data file describe this repository?",
        )
    listed = _with(found.group(1), title)
    if listed != found.group(1):
        yield _filled(source, start + found.start(1), start + found.end(1), listed, listing.width)


def _docstring(source: PythonSource, listing: Listing, name: str) -> tuple[int, int]:
    """Where the docstring is written."""
    function = source.definition(listing.function)
    match function:
        case cst.FunctionDef(
            body=cst.IndentedBlock(
                body=[
                    cst.SimpleStatementLine(body=[cst.Expr(value=cst.SimpleString() as literal)]),
                    *_,
                ]
            )
        ):
            return source.start(literal), source.end(literal)
    raise BadInput(
        f"{listing.function} has no docstring to list families in"
        if function
        else f"there is no function {listing.function} here",
        name=name,
        place=source.place(function) if function else None,
        hint="does the registry's data file describe this repository?",
    )


def _with(families: str, title: str) -> str:
    """The list with one title more, in order; as it is if it has it."""
    titles = _titles(families)
    if {each.casefold() for each in _titles(title)}.issubset(map(str.casefold, titles)):
        return families
    partings = list(_PARTING.finditer(families))
    starts = [0, *(each.end() for each in partings)]
    after = sum(_key(each) < _key(title) for each in titles)
    if after < len(titles) - 1:
        at = starts[after]
        return f"{families[:at]}{title}, {families[at:]}"
    last = partings[-1] if partings else None
    if last is None:
        one, other = sorted((families, title), key=_key)
        return f"{one} and {other}"
    others, final = families[: last.start()], families[last.end() :]
    one, other = sorted((final, title), key=_key)
    return f"{others}, {one}, and {other}"


def _titles(families: str) -> list[str]:
    return [" ".join(each.split()) for each in _PARTING.split(families)]


def _key(title: str) -> list[tuple[int, str]]:
    return in_order(title.casefold())


def _filled(source: PythonSource, start: int, end: int, listed: str, width: int) -> Edit:
    """The edit that writes the list, and fills its paragraph's rest again if that is too wide."""
    text = source.text
    line = text.rfind("\n", 0, start) + 1
    rest = re.compile(r"(?:(?!\s*\n\s*\n|\s*[\"']{3}).)*", re.DOTALL).match(text, end)
    assert rest, "it matches nothing too"
    paragraph = text[line:start] + listed + rest.group()
    if all(len(each.rstrip("\r")) <= width for each in paragraph.split("\n")):
        return Edit(start, end, listed)
    indentation = paragraph[: len(paragraph) - len(paragraph.lstrip())]
    filled = textwrap.fill(
        " ".join(paragraph.split()),
        width,
        initial_indent=indentation,
        subsequent_indent=indentation,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return Edit(line, rest.end(), filled.replace("\n", source.newline))


def _spaced(phrase: str) -> re.Pattern[str]:
    """The phrase, wherever its lines end."""
    return re.compile(r"\s+".join(map(re.escape, phrase.split())))
