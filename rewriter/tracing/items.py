"""Where the items of a list or mapping, and their items in turn, come from.

``{% for r in m.results %}{{ r.name }}{% endfor %}``: a model writes a ``name``, but not this one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from jinja2 import nodes

from rewriter.source.walk import find_within
from rewriter.tracing.arms import reads
from rewriter.tracing.fields import is_said

# What each loop variable is an item of; nothing for names that are set in other ways.
_Scope: TypeAlias = Mapping[str, frozenset[str]]
_NOTHING: frozenset[str] = frozenset()


def read_of_items(
    tree: nodes.Template, sites: Mapping[int, nodes.Expr], foreign: frozenset[str]
) -> Mapping[int, frozenset[str]]:
    """The ``foreign`` sources of the items that a site reads, if it reads only these."""
    items = dict(_items(tree, {}, foreign))
    found: dict[int, frozenset[str]] = {}
    for at, expression in sites.items() if any(items.values()) else ():
        read = [items.get(id(name), _NOTHING) for name in _values(expression)]
        if read and all(read):
            found[at] = _NOTHING.union(*read)
    return found


def _items(
    node: nodes.Node, scope: _Scope, foreign: frozenset[str]
) -> Iterator[tuple[int, frozenset[str]]]:
    """What each name that is read is an item of, by the name's node."""
    if isinstance(node, nodes.Name):
        yield id(node), scope.get(node.name, _NOTHING)
        return
    within = _within(node, scope, foreign)
    for field, value in node.iter_fields():
        inner = scope if field in ("iter", "else_", "defaults", "call", "values") else within
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, nodes.Node):
                yield from _items(child, inner, foreign)


def _within(node: nodes.Node, scope: _Scope, foreign: frozenset[str]) -> _Scope:
    """The scope of what stands in a statement."""
    if not isinstance(node, (nodes.Template, nodes.For, nodes.Macro, nodes.CallBlock, nodes.With)):
        return scope
    given: dict[str, frozenset[str]] = {}
    if isinstance(node, nodes.For):
        given = dict.fromkeys(_bound(node.target), _source(node.iter, scope, foreign))
    # An assignment counts for a whole scope, not only for the statements after it.
    return {**scope, **given, **dict.fromkeys(_bound(node), _NOTHING)}


def _source(iterated: nodes.Node, scope: _Scope, foreign: frozenset[str]) -> frozenset[str]:
    """The foreign source of a loop's iterable: by its key, or as an item of one."""
    # Where a slice begins and ends says nothing about what the items are.
    while isinstance(iterated, nodes.Getitem) and isinstance(iterated.arg, nodes.Slice):
        iterated = iterated.node
    known = [scope.get(name.name, _NOTHING) for name in _values(iterated)]
    if known and all(known):
        return _NOTHING.union(*known)
    read = reads(iterated)
    return _NOTHING if any(map(is_said, read)) else foreign & read


def _bound(node: nodes.Node) -> Iterator[str]:
    """The names that a loop's target or a statement gives a value, but for those of loops in it."""
    if isinstance(node, nodes.Name):
        if node.ctx != "load":
            yield node.name
        return
    for field, value in node.iter_fields():
        if isinstance(node, nodes.For) and field == "target":
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, nodes.Node):
                yield from _bound(child)


def _values(expression: nodes.Node) -> Iterator[nodes.Name]:
    """The names whose values an expression reads, except called functions and loop counters."""
    called = {id(each.node) for each in find_within(expression, nodes.Call)}
    for each in find_within(expression, nodes.Name):
        if each.name != "loop" and id(each) not in called:
            yield each
