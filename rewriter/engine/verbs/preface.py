"""Print text of others separately from the value that it was put before.

``{% set text = system + message.content %}{{ text }}`` names what is put before the message's own
words, and prints one after the other where the assistant speaks. Others' turns print the value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from jinja2 import nodes

from rewriter.engine.context import Context, is_open, with_replaced
from rewriter.engine.definitions import definitions, own_line
from rewriter.engine.draft import Atom, Body, Statement, replaced, statements
from rewriter.engine.outline import Status
from rewriter.engine.row_cuts import cut_between, segments
from rewriter.engine.text_expressions import is_surely_text
from rewriter.source.operands import operands
from rewriter.turns.label import Label

_PREFACE: Final = "preface"
# Expressions that bind at least as tightly as a name in a chain of operands.
_TIGHT: Final = (nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Call, nodes.Filter)


@dataclass(frozen=True, slots=True)
class _Printed:
    """An output of a name, with the atom that stands for the name in it."""

    statement: Statement
    name: str
    atom: Atom


@dataclass(frozen=True, slots=True)
class _Value:
    """How a name gets its value: ``cuts`` put something before ``own``, and no other does."""

    own: nodes.Expr
    cuts: Mapping[int, Sequence[tuple[Atom, ...]]]
    whole: Sequence[Statement]


def split_prefaces(body: Body, context: Context) -> Body:
    """Print others' words before each output of a name that may begin with them."""
    names = dict.fromkeys(each.name for each in _outputs(body, context))
    for name in names:
        body = _split_one(name, body, context)
    return body


def _outputs(body: Body, context: Context) -> Iterator[_Printed]:
    for statement in statements(body):
        node = _node(statement)
        if not statement.is_output or not isinstance(node, nodes.Expr):
            continue
        for operand in operands(node):
            span = context.template.outer(operand)
            if not isinstance(operand, nodes.Name):
                continue
            for atom in statement.atoms:
                is_it = span == (atom.start, atom.end)
                if is_it and context.outline.status(atom) is Status.MIXED:
                    yield _Printed(statement, operand.name, atom)


def _node(statement: Statement) -> nodes.Node | None:
    return statement.leaf.node if statement.leaf else None


def _split_one(name: str, body: Body, context: Context) -> Body:
    outputs = [each for each in _outputs(body, context) if each.name == name]
    values = [_value(name, each.statement, body, context) for each in outputs]
    value = values[0] if values else None
    if value is None or any(each is None or each.cuts != value.cuts for each in values):
        return body
    preface = context.fresh(_PREFACE)
    changed: dict[int, tuple[Statement, ...]] = {}
    for statement in statements(body):
        if groups := value.cuts.get(id(statement)):
            changed[id(statement)] = _cut(statement, groups, preface, name, context)
        elif statement in value.whole:
            changed[id(statement)] = _whole(statement, preface, context)
    for each in outputs:
        if any(atom.label & ~Label.ELSEWHERE for atom in _before(each) if not atom.is_literal):
            return body
        changed[id(each.statement)] = tuple(_printed(each, value.own, preface, context))
    return with_replaced(body, changed, is_open)


def _value(name: str, printed: Statement, body: Body, context: Context) -> _Value | None:
    """How the name gets its value, if each time it is the same words with something before them."""
    cuts: dict[int, Sequence[tuple[Atom, ...]]] = {}
    whole: list[Statement] = []
    ends: list[nodes.Expr] = []
    is_concat = is_own_prefix = False
    for each in definitions(name, printed, body, context):
        node = _node(each)
        if not isinstance(node, nodes.Assign) or not isinstance(node.node, nodes.Expr):
            return None
        groups = segments(each.atoms, context)
        if len(groups) == 1:
            whole.append(each)
            ends.append(node.node)
        elif _is_put_before(groups, context):
            cuts[id(each)] = groups
            is_concat |= isinstance(node.node, nodes.Concat)
            last = operands(node.node)[-1]
            if isinstance(last, nodes.Name) and last.name == name:
                is_own_prefix = True
            else:
                ends.append(last)
        else:
            return None
    if not cuts or not ends or any(end != ends[0] for end in ends):
        return None
    if is_own_prefix and len(cuts) > 1:
        return None  # what is put before once more would stand alone
    if not _stays(ends[0], name, printed, body, context):
        return None
    # What `~` has made a text of would raise where it is joined by `+`.
    is_raising = is_concat and isinstance(_node(printed), nodes.Add)
    if is_raising and not is_surely_text(ends[0], context.template):
        return None
    return _Value(ends[0], cuts, whole)


def _is_put_before(groups: Sequence[tuple[Atom, ...]], context: Context) -> bool:
    """Whether a value is prompted text followed by the whole message text."""
    if len(groups) != 2 or len(groups[1]) != 1 or groups[1][0].is_literal:
        return False
    first, second = ({context.outline.status(atom) for atom in group} for group in groups)
    return first == {Status.OUTSIDE} and second == {Status.INSIDE}


def _stays(own: nodes.Expr, name: str, printed: Statement, body: Body, context: Context) -> bool:
    """Whether an expression has the same value where it is assigned and where it is printed."""
    read = {own.name} if isinstance(own, nodes.Name) else set()
    read |= {each.name for each in own.find_all(nodes.Name)}
    return name not in read and not any(definitions(each, printed, body, context) for each in read)


def _whole(statement: Statement, preface: str, context: Context) -> tuple[Statement, ...]:
    """A definition without a prefix."""
    line = own_line(statement, context)
    empty = context.added(f"{{%{'-' if line else ''} set {preface} = '' %}}")
    return replace(empty, lead=statement.lead), replace(statement, lead=line)


def _cut(
    statement: Statement,
    groups: Sequence[tuple[Atom, ...]],
    preface: str,
    name: str,
    context: Context,
) -> tuple[Statement, ...]:
    """A definition of the prefix, and one of it with the rest."""
    assert statement.leaf is not None
    assert isinstance(statement.leaf.node, nodes.Assign)
    first, rest = groups
    line = own_line(statement, context)
    joiner = "~" if isinstance(statement.leaf.node.node, nodes.Concat) else "+"
    opening = f"{{%{'-' if line else ''} set {name} = {preface} {joiner} "
    one, other = cut_between(first[-1], rest[0], statement.code, context, (" %}", opening))
    target = re.compile(rf"set\s+({re.escape(name)})\b").search(
        context.template.text, statement.leaf.piece.inner.start
    )
    assert target is not None, "an assignment names what it assigns"
    one = replaced(one, *target.span(1), preface, context.by)
    return replace(statement, code=one, atoms=first), Statement(
        other, statement.leaf, rest, lead=line
    )


def _before(printed: _Printed) -> tuple[Atom, ...]:
    atoms = printed.statement.atoms
    return atoms[: atoms.index(printed.atom)]


def _printed(
    printed: _Printed, own: nodes.Expr, preface: str, context: Context
) -> Iterator[Statement]:
    """What stands before the name, what is put before it, and then the message's own words."""
    statement, atom = printed.statement, printed.atom
    before = _before(printed)
    rest = statement.atoms[len(before) :]
    told = replace(atom, label=atom.label & (Label.GENERATED | Label.ELSEWHERE))
    code, lead = statement.code, statement.lead
    trims = "-" if context.text((statement,)).lstrip().startswith("{{-") else ""
    line = own_line(statement, context)
    if before:
        one, code = cut_between(before[-1], atom, code, context, (" }}", f"{{{{{trims} "))
        yield replace(statement, code=one, atoms=before)
        lead = line
    yield replace(
        context.added(f"{{{{{trims} {preface} }}}}"),
        atoms=(Atom(atom.start, atom.start, Label.PROMPT),),
        lead=lead,
    )
    written = _written(own, before, rest, statement, context)
    code = replaced(code, atom.start, atom.end, written, context.by)
    yield replace(statement, code=code, atoms=(told, *rest[1:]), lead=line)


def _written(
    own: nodes.Expr,
    before: Sequence[Atom],
    rest: Sequence[Atom],
    statement: Statement,
    context: Context,
) -> str:
    """The expression in the place of the name; what was joined to text raises as it did."""
    span = context.template.outer(own)
    assert span is not None, "it was written in the original"
    text = span.of(context.template.text)
    if not isinstance(own, _TIGHT):
        text = f"({text})"
    if not before or len(rest) > 1 or is_surely_text(own, context.template):
        return text
    return f"'' {'~' if isinstance(_node(statement), nodes.Concat) else '+'} {text}"
