"""Cut an output where it passes from what is prompted to what is generated, and back.

``'a' + b`` raises where ``b`` is missing, and ``{{ 'a' }}{{ b }}`` would not: an operand that
is left alone stays joined to an empty string unless it cannot be anything but text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from jinja2 import nodes

from rewriter.engine.context import Surroundings, Workplace, in_bodies, is_open
from rewriter.engine.draft import (
    Added,
    Atom,
    Body,
    Code,
    Compound,
    Node,
    Statement,
    cut,
)
from rewriter.engine.row_cuts import seam, segments
from rewriter.engine.text_expressions import is_surely_text
from rewriter.engine.transforms import Split
from rewriter.engine.verbs.choose import chosen
from rewriter.engine.verbs.definition import split_definitions
from rewriter.engine.verbs.opening import split_openings
from rewriter.engine.verbs.slice import cut_texts


def split(_: Split, body: Body, place: Workplace) -> Body:
    """Each output that prints both, cut into outputs that print one."""

    def change(siblings: Body, _: Surroundings) -> Body:
        found: list[Node] = []
        for node in siblings:
            if isinstance(node, Compound) or not node.is_output:
                found.append(node)
            else:
                found += (chosen(part, place) for part in parts(node, place))
        return tuple(found)

    body = split_definitions(body, place)
    body = cut_texts(body, place, lambda statement: list(parts(statement, place)))
    return split_openings(in_bodies(body, change, is_open), place)


def parts(statement: Statement, place: Workplace) -> Iterator[Statement]:
    """The outputs that one output is cut into."""
    groups = segments(statement.atoms, place)
    if len(groups) < 2 or statement.leaf is None:
        yield statement
        return
    start, inner = statement.leaf.span.start, statement.leaf.piece.inner
    pad = " " if place.template.text[inner.start : inner.start + 1].isspace() else ""
    lead: Code = ()
    opening = "{{"
    if place.layout.own_line(statement):
        line = place.layout.line(place.layout.indentation(statement))
        lead, opening = (Added(line, place.by),), "{{-"
    rest = statement.code
    for index, (group, following) in enumerate(zip(groups, [*groups[1:], None], strict=True)):
        code: Code = rest
        if following is not None:
            code, rest = seam(group[-1], following[0], rest, place, (f"{pad}}}}}", opening + pad))
        code = joined_to_text(code, group, place, start, after=index > 0)
        yield replace(statement, code=code, atoms=group, lead=lead if index else statement.lead)


def joined_to_text(
    code: Code, group: Sequence[Atom], place: Workplace, start: int, *, after: bool
) -> Code:
    """``code`` with an empty string beside its only operand, where that might not be text."""
    if len(group) != 1 or group[0].is_literal or not isinstance(code[0 if after else -1], Added):
        return code
    operand = operand_at(group[0], place, start)
    if operand is None or is_surely_text(operand, place.template):
        return code
    before, rest = cut(code, group[0].start)
    if after:
        return (*before, Added("'' + ", place.by), *rest)
    inside, behind = cut(rest, group[0].end)
    return (*before, *inside, Added(" + ''", place.by), *behind)


def operand_at(atom: Atom, place: Workplace, start: int) -> nodes.Expr | None:
    """The expression that an atom stands for, if it is joined by ``+``."""
    root = place.template.output_tags.get(start)
    if not isinstance(root, nodes.Add):
        return None
    for node in root.find_all(nodes.Expr):
        if place.template.outer(node) == (atom.start, atom.end):
            return node
    return None
