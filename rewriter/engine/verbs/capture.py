"""Capture the content of a block, so that its text can be tested before it is printed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from rewriter.engine.context import Context, atoms
from rewriter.engine.draft import Added, Atom, Body, Compound, Section, Statement

# An output of nothing but a name.
_NAMED: Final = re.compile(r"\{\{-? (\w+) -?\}\}")


def captured(block: Compound, tag: str, name: str, printing: str, context: Context) -> Compound:
    """A block of ``tag`` whose text is captured as ``name``, and then ``printing``.

    The last tag of ``printing`` lacks its end, which trims as the block's own did.
    """
    (section,) = block.sections
    opening, closing = context.text((section.tag,)), context.text((block.end,))
    opening = opening.replace(f" {tag} %}}", f" set {name} %}}")
    closing = followed(closing.replace(f" end{tag} ", " endset "), "endset", printing)
    start = replace(section.tag, code=(Added(opening, context.by),), lead=())
    end = replace(block.end, code=(Added(closing, context.by),), lead=())
    return replace(block, sections=(Section(start, section.body),), end=end, opened_by="set")


def captured_before(body: Body) -> str | None:
    """The name of the variable that another verb has captured all of a body in, if one has."""
    if len(body) != 1 or not isinstance(body[0], Statement):
        return None
    written = "".join(each.text if isinstance(each, Added) else "" for each in body[0].code)
    found = _NAMED.fullmatch(written) if body[0].leaf is None else None
    return found[1] if found else None


def always_prints(body: Body, counts: Callable[[Atom], bool] = lambda _: True) -> bool:
    """Whether a body prints something whatever the conversation, of the literals that count."""
    return any(
        any(atom.is_literal and atom.start < atom.end and counts(atom) for atom in atoms(node))
        if isinstance(node, Statement)
        else _has_else(node) and all(always_prints(each.body, counts) for each in node.sections)
        for node in body
    )


def _has_else(node: Compound) -> bool:
    leaf = node.sections[-1].tag.leaf
    return node.keyword == "if" and leaf is not None and leaf.piece.keyword == "else"


def followed(closing: str, word: str, more: str) -> str:
    """``closing`` with more tags after its own, the last of which trims as its own did."""
    before, found, after = closing.partition(f" {word} ")
    return f"{before}{found}%}}{more}{after}"
