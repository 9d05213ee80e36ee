"""Print a prefill separately from the value that it was put before.

``{% set text = '<think>' ~ text %}{{ text }}`` becomes two values, ``'<think>'`` and the text, and
the first is printed before the second. If nothing is put before the text, the first is empty.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from jinja2 import nodes

from rewriter.engine.context import Context, is_open, with_replaced
from rewriter.engine.definitions import definitions, own_line
from rewriter.engine.draft import (
    Added,
    Atom,
    Body,
    Code,
    Statement,
    cut,
    replaced,
    statements,
)
from rewriter.engine.outline import Status
from rewriter.engine.row_cuts import cut_between, segments
from rewriter.engine.text_expressions import is_surely_text
from rewriter.source.lexer import Span
from rewriter.source.operands import operands
from rewriter.source.template import Block, Item
from rewriter.source.walk import find_all
from rewriter.turns.label import LEFT, Label

_OPENING: Final = "opening"
_TARGET: Final = re.compile(r"set\s+(\w+)")


def split_openings(body: Body, context: Context) -> Body:
    """Each output that begins with a name that may hold a prefill, with that printed before it."""
    if not context.outline.cuts_prefill:
        return body
    for printed in [s for s in statements(body) if s.is_output]:
        name = _name_of(printed, context)
        if name is not None:
            body = _split_one(printed, name, body, context)
    return body


def _name_of(printed: Statement, context: Context) -> str | None:
    """The name that an output begins with, if that may hold what is prefilled and what is not."""
    first = next(iter(printed.atoms), None)
    if printed.leaf is None or first is None or first.is_literal:
        return None
    if not (first.label & LEFT and Label.GENERATED in first.label):
        return None
    for node in operands(printed.leaf.node) if isinstance(printed.leaf.node, nodes.Expr) else ():
        if isinstance(node, nodes.Name) and context.template.outer(node) == (
            first.start,
            first.end,
        ):
            return node.name
    return None


def _split_one(printed: Statement, name: str, body: Body, context: Context) -> Body:
    assert printed.leaf is not None
    defined = definitions(name, printed, body, context)
    groups = {id(each): segments(each.atoms, context) for each in defined}
    cuts = [each for each in defined if len(groups[id(each)]) > 1]
    if not cuts or not all(_is_opened(groups[id(each)], context) for each in cuts):
        return body
    if _is_read_after(name, cuts, printed, context):
        return body
    opening = context.fresh(_OPENING)
    changed: dict[int, tuple[Statement, ...]] = {id(printed): _printed(printed, opening, context)}
    for each in defined:
        changed[id(each)] = (
            _cut(each, groups[id(each)], opening, context)
            if each in cuts
            else _whole(each, opening, context)
        )
    return with_replaced(body, changed, is_open)


def _is_opened(groups: Sequence[tuple[Atom, ...]], context: Context) -> bool:
    """Whether a value is a prefill followed by the model's text."""
    if len(groups) != 2:
        return False
    first, second = ({context.outline.status(atom) for atom in group} for group in groups)
    is_prefilled = all(atom.label & LEFT for atom in groups[0])
    return is_prefilled and first == {Status.OUTSIDE} and Status.OUTSIDE not in second


def _is_read_after(
    name: str, cuts: Sequence[Statement], printed: Statement, context: Context
) -> bool:
    """Whether anything but the output reads the name where it may have lost its opening."""
    ends = [each.leaf.span.end for each in cuts if each.leaf]
    own = printed.leaf.span if printed.leaf else Span(0, 0)
    for node in find_all(context.template.tree, nodes.Name):
        span = context.template.span(node)
        if node.name != name or node.ctx != "load" or span is None:
            continue
        is_after = any(
            end <= span.start and not _excludes(end, span.start, context.template.items)
            for end in ends
        )
        if is_after and not own.start <= span.start < own.end:
            return True
    return False


def _excludes(one: int, other: int, items: Sequence[Item]) -> bool:
    """Whether two places are in mutually exclusive branches."""
    for item in items:
        if not isinstance(item, Block) or not item.span.start < one <= other < item.span.end:
            continue
        starts = [clause.tag.span.start for clause in item.clauses]
        first, second = (sum(start < at for start in starts) for at in (one, other))
        if first != second:
            return item.keyword == "if"
        return _excludes(one, other, item.clauses[first - 1].body)
    return False


def _whole(statement: Statement, opening: str, context: Context) -> tuple[Statement, ...]:
    """A definition without a prefix."""
    trims = "-" if context.text((statement,)).lstrip().startswith("{%-") else ""
    empty = context.added(f"{{%{trims} set {opening} = '' %}}")
    line = own_line(statement, context)
    return replace(empty, lead=statement.lead), replace(statement, lead=line)


def _cut(
    statement: Statement, groups: Sequence[tuple[Atom, ...]], opening: str, context: Context
) -> tuple[Statement, ...]:
    """A definition of the prefix, and one of the rest."""
    assert statement.leaf is not None
    first, rest = groups
    target = _TARGET.search(context.template.text, statement.leaf.piece.inner.start)
    assert target is not None, "an assignment names what it assigns"
    line = own_line(statement, context)
    marks = " %}", f"{{%{'-' if line else ''} set {target.group(1)} = "
    one, other = cut_between(first[-1], rest[0], statement.code, context, marks)
    one = replaced(one, *target.span(1), opening, context.by)
    other = _as_text(other, rest, statement, context)
    return replace(statement, code=one, atoms=first), Statement(
        other, statement.leaf, rest, lead=line
    )


def _as_text(code: Code, group: Sequence[Atom], statement: Statement, context: Context) -> Code:
    """``code`` of one operand that was joined to text, which makes a text of it, or raises."""
    value = statement.leaf.node.node if statement.leaf else None  # type: ignore[union-attr]
    if len(group) != 1 or group[0].is_literal or not isinstance(value, (nodes.Add, nodes.Concat)):
        return code
    (atom,) = group
    operand = next(
        (o for o in operands(value) if context.template.outer(o) == (atom.start, atom.end)), None
    )
    if operand is not None and is_surely_text(operand, context.template):
        return code
    before, rest = cut(code, atom.start)
    joiner = "~" if isinstance(value, nodes.Concat) else "+"
    return (*before, Added(f"'' {joiner} ", context.by), *rest)


def _printed(statement: Statement, opening: str, context: Context) -> tuple[Statement, ...]:
    """The output with the opening before it."""
    (first, *others) = statement.atoms
    trims = "-" if context.text((statement,)).lstrip().startswith("{{-") else ""
    before = replace(
        context.added(f"{{{{{trims} {opening} }}}}"),
        atoms=(Atom(first.start, first.start, Label.PREFILL),),
        lead=statement.lead,
    )
    told = replace(first, label=first.label & ~LEFT)
    return before, replace(
        statement, atoms=(told, *others), lead=own_line(statement, context) if trims else ()
    )
