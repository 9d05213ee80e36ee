"""Print what a ``set`` block holds by the block's own statements, where it cannot be cut.

``{% set text %}{{ a }}{{ b }}{% endset %}…{{ text }}`` becomes ``…{% with %}{{ a }}{{ b }}{%
endwith %}``, whose outputs can be split. The scope keeps what the block assigns to itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from jinja2 import nodes

from rewriter.engine.context import Context, Surroundings, in_bodies, is_open
from rewriter.engine.draft import Body, Compound, Node, Section, Statement, copied, dropped, mapped
from rewriter.engine.row_cuts import parts
from rewriter.engine.verbs.caller import scope
from rewriter.errors import Refused
from rewriter.source.lost import reads_of_lost
from rewriter.source.operands import operands


def split_set_blocks(body: Body, context: Context) -> Body:
    """Each output of a name that holds what is generated and what is not, by its ``set`` block."""

    def change(siblings: Body, _: Surroundings) -> Body:
        for printed in [node for node in siblings if isinstance(node, Statement)]:
            for name in _mixed_names(printed, context):
                siblings = _printed_in_place(siblings, printed, name, context)
        return siblings

    return in_bodies(body, change, is_open)


def _mixed_names(printed: Statement, context: Context) -> Iterator[nodes.Name]:
    root: Any = printed.leaf.node if printed.leaf and printed.is_output else None
    mixed = [(a.start, a.end) for a in printed.atoms if context.outline.is_joined(a)]
    for operand in operands(root) if mixed else ():
        if isinstance(operand, nodes.Name) and context.template.outer(operand) in mixed:
            yield operand


def _printed_in_place(
    siblings: Body, printed: Statement, name: nodes.Name, context: Context
) -> Body:
    """The siblings with the block's statements in place of the name, if that prints the same."""
    at = next((n for n, node in enumerate(siblings) if node is printed), 0)
    before = [n for n, node in enumerate(siblings[:at]) if _holds(node, name.name)]
    block = siblings[before[-1]] if before else None
    if not isinstance(block, Compound):
        return siblings
    between = siblings[before[-1] + 1 : at]
    if _is_read_otherwise(block, name, context) or _depends(block, between):
        return siblings
    try:
        pieces = list(parts(printed, context))
    except Refused:
        return siblings
    own = context.template.outer(name)
    start = [n for n, each in enumerate(pieces) if [(a.start, a.end) for a in each.atoms] == [own]]
    if not start:
        return siblings
    head, piece, tail = pieces[: start[0]], pieces[start[0]], pieces[start[0] + 1 :]
    moved = mapped(
        block.sections[0].body, lambda each: replace(each, code=copied(each.code, context.by))
    )
    handed = replace(block, sections=(Section(block.sections[0].tag, moved),))
    rest = (*tail, *siblings[at + 1 :])
    found: list[Node] = [*siblings[: before[-1]], *_without(block, context), *between, *head]
    return (*found, *scope(piece, handed, context, found, context.text(rest)), *rest)


def _holds(node: Node, name: str) -> bool:
    held: Any = node.block.node if isinstance(node, Compound) and node.block else None
    is_plain = isinstance(held, nodes.AssignBlock) and held.filter is None
    return is_plain and isinstance(held.target, nodes.Name) and held.target.name == name


def _is_read_otherwise(block: Compound, name: nodes.Name, context: Context) -> bool:
    """Whether anything but the output may read what the block sets."""
    node: Any = block.block.node if block.block else None
    lost = {id(node): {name.name: node}}
    return any(reads_of_lost(context.template.tree, lost, lambda read: read is not name))


def _depends(block: Compound, between: Iterable[Node]) -> bool:
    """Whether what stands between a block and its output changes what the block would print."""
    held: Any = block.block.node if block.block else None
    loaded, stored = _names([held])
    passed = [n.leaf.node if isinstance(n, Statement) and n.leaf else _node(n) for n in between]
    read, changed = _names(each for each in passed if each is not None)
    return bool(loaded & changed or stored & read or stored & changed)


def _node(node: Node) -> nodes.Node | None:
    return node.block.node if isinstance(node, Compound) and node.block else None


def _names(found: Iterable[nodes.Node]) -> tuple[set[str], set[str]]:
    """The names that some nodes read, and those that they set, attributes of namespaces too."""
    loaded: set[str] = set()
    stored: set[str] = set()
    for node in found:
        for each in (node, *node.find_all((nodes.Name, nodes.NSRef))):
            if isinstance(each, nodes.NSRef):
                stored.add(each.name)
            elif isinstance(each, nodes.Name):
                (loaded if each.ctx == "load" else stored).add(each.name)
    return loaded, stored


def _without(block: Compound, context: Context) -> Body:
    """What is left of a block whose statements stand elsewhere."""

    def out(statement: Statement) -> Statement:
        return replace(statement, code=dropped(statement.code, context.by), lead=(), atoms=())

    (section,) = block.sections
    return (out(section.tag), *mapped(section.body, out), out(block.end))
