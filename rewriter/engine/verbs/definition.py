"""Cut a value where it is built, when header and body are joined before they are printed.

``{% set text = header + body %}{{ text }}`` becomes two values, printed one after the other. That
is equivalent as long as text is only added before or behind in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from jinja2 import nodes

from rewriter.engine.context import Context, Surroundings, in_bodies, is_open, united_label
from rewriter.engine.draft import (
    Added,
    Atom,
    Body,
    Code,
    Statement,
    cut,
    statements,
)
from rewriter.engine.outline import Status
from rewriter.engine.row_cuts import cut_between, joined_to_text, segments
from rewriter.engine.text_expressions import is_surely_text
from rewriter.engine.verbs.added_behind import additions, adds_behind, cut_addition
from rewriter.source.lexer import Span
from rewriter.source.operands import operands
from rewriter.source.template import Block, Item
from rewriter.source.walk import find_all

_SUFFIXES = ("", "_body", "_end")


def split_definitions(body: Body, context: Context) -> Body:
    """Each output of a name that holds header and body, cut where the name is defined."""
    for printed in _mixed_outputs(body, context):
        body = _split_one(printed, body, context)
    return body


def _mixed_outputs(body: Body, context: Context) -> list[Statement]:
    return [
        statement
        for statement in statements(body)
        if statement.is_output
        and statement.leaf is not None
        and isinstance(statement.leaf.node, nodes.Name)
        and [context.outline.status(atom) for atom in statement.atoms] == [Status.MIXED]
    ]


def _split_one(printed: Statement, body: Body, context: Context) -> Body:
    assert printed.leaf is not None
    assert isinstance(printed.leaf.node, nodes.Name)
    name = printed.leaf.node.name
    everything = Span(0, len(context.template.text))
    loop = _loop_around(printed.leaf.span, context.template.items, everything)
    defined = [s for s in statements(body) if _defines(s, name) and _within(s, loop)]
    longer = [s for s in defined if adds_behind(s, name)]
    set_anew = [s for s in defined if s not in longer]
    cuts = [s for s in set_anew if len(segments(s.atoms, context)) > 1]
    groups = [segments(each.atoms, context) for each in cuts]
    # Where one definition is cut, another one that is not says all that is printed by itself.
    whole = [s for s in set_anew if s not in cuts and not _prefixes(s, name)]
    # What is cut reads in its last part what its first part has set anew.
    reads = any(_reads(definition, name) for definition in (*whole, *cuts))
    added = additions(longer, groups[0], context) if groups else None
    safe = not reads and len({len(each) for each in groups}) == 1
    if added is None or not safe or _read_elsewhere(name, printed, defined, loop, context):
        return body
    count = max([len(groups[0]), *(each.end for each in added)])
    if count > len(_SUFFIXES):
        return body
    names = [name, *(context.fresh(name + suffix) for suffix in _SUFFIXES[1:count])]
    parts: list[list[Atom]] = [[] for _ in names]
    for first, row in (*((0, each) for each in groups), *((a.first, a.groups) for a in added)):
        for part, group in enumerate(row, first):
            parts[part] += group
    changed: dict[int, tuple[Statement, ...]] = {
        id(printed): _cut_output(printed, parts, names, context),
        **{id(each.statement): cut_addition(each, names, context) for each in added},
    }
    for definition, its in zip(cuts, groups, strict=True):
        changed[id(definition)] = _cut_definition(definition, its, names, context)
    for other in whole:
        part = _part_of(other, cuts[0], groups[0], context)
        changed[id(other)] = tuple(_kept_whole(other, part, names, context))

    def change(siblings: Body, _: Surroundings) -> Body:
        return tuple(
            new
            for node in siblings
            for new in (changed.get(id(node), (node,)) if isinstance(node, Statement) else (node,))
        )

    return in_bodies(body, change, is_open)


def _reads(definition: Statement, name: str) -> bool:
    """Whether a definition reads what the name held."""
    node = definition.leaf.node if definition.leaf else None
    return isinstance(node, nodes.Assign) and any(
        each.name == name for each in node.find_all(nodes.Name) if each.ctx == "load"
    )


def _loop_around(span: Span, items: Iterable[Item], found: Span) -> Span:
    """The innermost loop around a place, or ``found``."""
    for item in items:
        if isinstance(item, Block) and item.span.start < span.start < item.span.end:
            around = item.span if item.keyword == "for" else found
            inner = (child for clause in item.clauses for child in clause.body)
            return _loop_around(span, inner, around)
    return found


def _defines(statement: Statement, name: str) -> bool:
    node = statement.leaf.node if statement.leaf else None
    return (
        isinstance(node, nodes.Assign)
        and isinstance(node.target, nodes.Name)
        and node.target.name == name
    )


def _within(statement: Statement, loop: Span) -> bool:
    return statement.leaf is not None and loop.start <= statement.leaf.span.start < loop.end


def _prefixes(statement: Statement, name: str) -> bool:
    """Whether a definition only puts something, or nothing, before what the name holds."""
    node = statement.leaf.node if statement.leaf else None
    if not isinstance(node, nodes.Assign):
        return False
    value: Any = node.node
    *_, last = operands(value)
    reads = [e for e in node.find_all(nodes.Name) if e.name == name and e.ctx == "load"]
    return len(reads) == 1 and reads[0] is last


def _read_elsewhere(
    name: str, printed: Statement, defined: Sequence[Statement], loop: Span, context: Context
) -> bool:
    """Whether the name is read in the loop by anything but the output and its own definitions."""
    known = [s.leaf.span for s in (printed, *defined) if s.leaf is not None]
    for node in find_all(context.template.tree, nodes.Name):
        span = context.template.span(node)
        if node.name == name and node.ctx == "load" and span is not None:
            inside = loop.start <= span.start < loop.end
            if inside and not any(s.start <= span.start < s.end for s in known):
                return True
    return False


def _cut_definition(
    statement: Statement, groups: Sequence[tuple[Atom, ...]], names: Sequence[str], context: Context
) -> tuple[Statement, ...]:
    found: list[Statement] = []
    rest: Code = statement.code
    others = [*names[1 : len(groups)], ""]
    for group, following, name in zip(groups, [*groups[1:], None], others, strict=True):
        code = rest
        if following is not None:
            marks = (" %}", f"{{% set {name} = ")
            code, rest = cut_between(group[-1], following[0], rest, context, marks)
        code = _as_text(code, group, statement, context, after=bool(found))
        found.append(replace(statement, code=code, atoms=group))
    empty = (context.added(f"{{% set {each} = '' %}}") for each in names[len(groups) :])
    return (*found, *empty)


def _kept_whole(
    statement: Statement, part: int, names: Sequence[str], context: Context
) -> Iterator[Statement]:
    """A definition that is not cut, which becomes one ``part`` of what is printed."""
    if not part:
        yield from (context.added(f"{{% set {each} = '' %}}") for each in names[1:])
        yield statement
        return
    yield statement
    yield context.added(f"{{% set {names[part]} = {names[0]} %}}")
    for each in (*names[:part], *names[part + 1 :]):
        yield context.added(f"{{% set {each} = '' %}}")


def _value(definition: Statement) -> nodes.Expr | None:
    node = definition.leaf.node if definition.leaf else None
    value = node.node if isinstance(node, nodes.Assign) else None
    return value if isinstance(value, nodes.Expr) else None


def _part_of(
    whole: Statement, cut_up: Statement, groups: Sequence[tuple[Atom, ...]], context: Context
) -> int:
    """The part of a definition that holds what another one defines; else the first."""
    value, row = (_value(each) for each in (whole, cut_up))
    if value is not None and row is not None:
        for operand in operands(row):
            if operand == value and (span := context.template.outer(operand)):
                starts = [group[0].start for group in groups]
                return sum(start <= span.start for start in starts) - 1
    return 0


def _as_text(
    code: Code, group: Sequence[Atom], statement: Statement, context: Context, *, after: bool
) -> Code:
    """``code`` of one operand of a row, which is text however it is asked."""
    value = _value(statement)
    if isinstance(value, nodes.Add):
        return joined_to_text(code, group, context, value, after=after)
    if not isinstance(value, nodes.Concat) or len(group) != 1 or group[0].is_literal:
        return code
    (atom,) = group
    operand = next(o for o in value.nodes if context.template.outer(o) == (atom.start, atom.end))
    if is_surely_text(operand, context.template):
        return code
    before, rest = cut(code, atom.start)
    return (*before, Added("'' ~ ", context.by), *rest)


def _cut_output(
    printed: Statement,
    parts: Sequence[Sequence[Atom]],
    names: Sequence[str],
    context: Context,
) -> tuple[Statement, ...]:
    """An output for each name; the first is the one that was there.

    What it prints for other roles it prints whole, by the first.
    """
    (atom,) = printed.atoms
    outputs = [printed, *(context.added(f"{{{{ {name} }}}}") for name in names[1:])]
    return tuple(
        replace(output, leaf=printed.leaf, atoms=(replace(atom, label=united_label(part)),))
        for output, part in zip(outputs, parts, strict=True)
    )
