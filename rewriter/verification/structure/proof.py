"""Prove, without rendering, that two templates print the same text and raise alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from jinja2 import TemplateSyntaxError, nodes

from rewriter.source.environment import parsed
from rewriter.source.walk import find_all
from rewriter.verification.structure.comparing import Comparing, Differs
from rewriter.verification.structure.facts import Facts
from rewriter.verification.structure.path import Unread
from rewriter.verification.structure.raising import Raising
from rewriter.verification.structure.rows import Rows
from rewriter.verification.structure.statements import Reading
from rewriter.verification.structure.terms import Term, Terms, TooMuch

_LONGEST: Final = 60
_LONGEST_NUMBER: Final = 8192


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The source at some place of a template; ``line`` counts from 1, and is 0 at the end."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """The first place at which two templates could not be proven equal.

    Attributes:
        what: what differs there, in words.
        original, variant: the source of each.

    """

    what: str
    original: Excerpt
    variant: Excerpt


@dataclass(frozen=True, slots=True)
class Structure:
    """Whether the trees prove that two templates print and raise the same."""

    holds: bool
    difference: Difference | None = None


def same_text(original: str, variant: str) -> Structure:
    """Whether a variant always prints the same as the original, and raises where it does.

    ``holds`` is a proof for every conversation and all variables, as long as they are what
    transformers passes: ``messages``, a list of objects; special tokens that are text, if present;
    otherwise text, numbers, lists and objects of these. The errors raised may differ. If it does
    not hold, the two may still print the same.
    """
    rows = Rows(Terms())
    readings = Reading(rows), Reading(rows)
    sources = original, variant
    if original == variant:
        return Structure(True)
    try:
        trees = [_parsed(source) for source in sources]
        return _compared(rows, readings, trees, sources)
    except TemplateSyntaxError as error:
        return _open(f"no template: {error.message}")
    except (TooMuch, RecursionError):
        return _open("too much to compare")


def _parsed(source: str) -> nodes.Template:
    tree = parsed(source)
    numbers = (each.value for each in find_all(tree, nodes.Const) if type(each.value) is int)
    if any(number.bit_length() > _LONGEST_NUMBER for number in numbers):
        raise TooMuch
    return tree


def _open(what: str) -> Structure:
    return Structure(False, Difference(what, Excerpt(0, ""), Excerpt(0, "")))


def _compared(
    rows: Rows,
    readings: tuple[Reading, Reading],
    trees: list[nodes.Template],
    sources: tuple[str, str],
) -> Structure:
    read: list[tuple[Term, Term]] = []
    for number, (reading, tree) in enumerate(zip(readings, trees, strict=True)):
        try:
            read.append(reading.template(tree))
        except Unread as unread:
            if repr(trees[0]) == repr(trees[1]):
                return Structure(True)
            found = [Excerpt(0, ""), Excerpt(0, "")]
            found[number] = _line(sources[number], unread.line)
            return Structure(False, Difference(f"{unread.what} is not looked into", *found))
    comparing = Comparing(rows)
    what = "what is printed"
    try:
        comparing.printed(read[0][0], read[1][0], Facts(rows))
        what = "what raises"
        Raising(rows, comparing).same(read[0][1], read[1][1], Facts(rows))
    except Differs as differs:
        shown = [
            _excerpt(atom, reading, source)
            for atom, reading, source in zip(
                (differs.first, differs.second), readings, sources, strict=True
            )
        ]
        return Structure(False, Difference(what, *shown))
    return Structure(True)


def _excerpt(atom: Term | None, reading: Reading, source: str) -> Excerpt:
    if atom is None:
        return Excerpt(0, "")
    line = reading.places.get(atom, 0)
    return _line(source, line) if line else Excerpt(0, _shortened(described(atom)))


def _line(source: str, line: int) -> Excerpt:
    lines = source.splitlines()
    return Excerpt(line, _shortened(lines[line - 1].strip()) if 0 < line <= len(lines) else "")


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def described(term: Term, depth: int = 4) -> str:
    """A term in words, to show where two templates differ."""
    if term.kind in {"given", "const", "text"}:
        return repr(term.args[0]) if term.kind != "given" else str(term.args[0])
    if not depth:
        return "…"
    inner = ", ".join(
        described(arg, depth - 1) if isinstance(arg, Term) else repr(arg) for arg in term.args
    )
    return f"{term.kind}({inner})"
