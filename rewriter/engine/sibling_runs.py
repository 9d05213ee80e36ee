"""Runs of sibling statements, and whether a block may be put around one.

A ``generation`` block, like a capturing ``set``, is a scope: a plain ``set`` within is lost after
it, and a ``break`` within cannot leave a loop around it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import dropwhile, islice
from typing import Final

from jinja2 import nodes

from rewriter.engine.context import assigned, atoms, label_of
from rewriter.engine.draft import (
    Added,
    Body,
    Compound,
    Node,
    Statement,
    last_of,
    statements,
)
from rewriter.source.lost import reads_of_lost
from rewriter.source.template import Template
from rewriter.turns.label import Label

_SET: Final = re.compile(r"\{%-?\s*set\s+(\w+)")


def runs(siblings: Body, belongs: Callable[[Node], bool]) -> Iterator[tuple[int, int]]:
    """The maximal stretches ``[start, end)`` of siblings that belong, with idle ones between."""
    start: int | None = None
    end = 0
    for index, node in enumerate(siblings):
        if belongs(node):
            start, end = index if start is None else start, index + 1
        elif start is not None and not (isinstance(node, Statement) and is_idle(node)):
            yield start, end
            start = None
    if start is not None:
        yield start, end


def is_idle(node: Node) -> bool:
    """Whether a node prints nothing, or only white space after a turn's end."""
    label = label_of((node,))
    is_trailing = bool(label & Label.TRAILING) and not label & ~(Label.TRAILING | Label.ELSEWHERE)
    # A given value, such as `eos_token`, is not white space.
    is_trailing = is_trailing and all(atom.is_literal for atom in atoms(node))
    return is_trailing or (isinstance(node, Statement) and node.is_blank)


def jumps_out(node: Node, within_loop: bool = False) -> bool:
    """Whether a node holds a ``break`` or ``continue`` of a loop around it."""
    if isinstance(node, Statement):
        statement = node.leaf.node if node.leaf else None
        return not within_loop and isinstance(statement, (nodes.Break, nodes.Continue))
    return any(
        # The `else` of a loop is not in it: a jump there belongs to the loop around.
        jumps_out(child, within_loop or (node.keyword == "for" and number == 0))
        for number, section in enumerate(node.sections)
        for child in section.body
    )


def leaks(run: Body, template: Template) -> frozenset[str]:
    """The names that a run assigns and that are read after it."""
    lost = {
        id(statement): dict.fromkeys(_assigned_below(node), statement)
        for node in run
        if (statement := _syntax(node)) is not None
    }
    if not any(lost.values()):
        return frozenset()
    end = max(_ends(run), default=0)

    def is_after(read: nodes.Node) -> bool:
        span = template.span(read)
        return span is not None and span.start >= end

    return frozenset(name for name, *_ in reads_of_lost(template.tree, lost, is_after))


def leaks_added(run: Body, body: Body) -> bool:
    """Whether what transforms have added after the run reads a name that the run assigns."""
    names = {name for node in run for name in (*_assigned_below(node), *_added_names(node))}
    if not names:
        return False
    last = last_of(run)
    after = islice(dropwhile(lambda each: each is not last, statements(body)), 1, None)
    rest = "".join(f.text for each in after for f in each.code if isinstance(f, Added))
    return any(re.search(rf"(?<!set )\b{name}\b", rest) for name in names)


def _added_names(node: Node) -> Iterator[str]:
    for statement in statements((node,)):
        for fragment in statement.code:
            if isinstance(fragment, Added):
                yield from _SET.findall(fragment.text)


def _syntax(node: Node) -> nodes.Node | None:
    if isinstance(node, Statement):
        return node.leaf.node if node.leaf else None
    return node.block.node if node.block else None


def _assigned_below(node: Node) -> Iterator[str]:
    if isinstance(node, Statement):
        yield from assigned(node.leaf.node if node.leaf else None)
        return
    if node.keyword == "set" and node.block is not None:
        yield from assigned(node.block.node)
    elif node.keyword == "if":
        for section in node.sections:
            for child in section.body:
                yield from _assigned_below(child)


def _ends(run: Body) -> Iterator[int]:
    for node in run:
        if isinstance(node, Compound):
            if node.block is not None:
                yield node.block.span.end
            for section in node.sections:
                yield from _ends(section.body)
        elif node.leaf is not None:
            yield node.leaf.span.end
