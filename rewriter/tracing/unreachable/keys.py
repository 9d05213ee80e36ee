"""Keys that are equal for expressions that must have the same value."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from jinja2 import nodes

from rewriter.tracing.branches import is_note


def key(node: Any) -> Hashable:
    """The key of an expression; ``None`` if not even equal expressions have equal values."""
    if isinstance(node, nodes.Const):
        return "const", type(node.value).__name__, repr(node.value)
    if isinstance(node, nodes.Name):
        return "name", node.name
    if isinstance(node, nodes.Getattr):
        return _keyed("item", key(node.node), ("const", "str", repr(node.attr)))
    if isinstance(node, nodes.Call):
        return _called_key(node)
    if isinstance(node, nodes.Getitem):
        return _keyed("item", key(node.node), key(node.arg))
    if isinstance(node, nodes.Or) and is_note(node.left):
        return key(node.right)
    if isinstance(node, nodes.Filter) and node.name == "random":
        return None
    if isinstance(node, (nodes.Expr, nodes.Helper)):
        children = [key(child) for child in node.iter_child_nodes()]
        own = [v for v in (getattr(node, f) for f in node.fields) if isinstance(v, (str, int))]
        return _keyed(type(node).__name__, *own, *children)
    return None


def _called_key(node: nodes.Call) -> Hashable:
    """A method of a value gives the same each time; what a function does is not known."""
    called = node.node
    if not isinstance(called, nodes.Getattr):
        return None
    if is_get(node):
        return _keyed("item", key(called.node), key(node.args[0]))
    return _keyed("method", called.attr, key(called.node), *map(key, node.args))


def _keyed(*parts: Hashable) -> Hashable:
    return None if None in parts else parts


def is_get(node: nodes.Call) -> bool:
    """Whether an expression asks a mapping for an item, with no default."""
    is_it = isinstance(node.node, nodes.Getattr) and node.node.attr == "get"
    return is_it and len(node.args) == 1
