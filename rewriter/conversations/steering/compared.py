"""The constants that a template compares values with."""

from __future__ import annotations

from typing import Any

from jinja2 import nodes

from rewriter.conversations.steering.places import Path
from rewriter.conversations.steering.reads import Reads


def compared_values(reads: Reads) -> dict[Path, list[Any]]:
    """The constants that a template compares with each path."""
    found: dict[Path, list[Any]] = {}
    for node in reads.scopes.expressions:
        if isinstance(node, nodes.Compare) and len(node.ops) == 1:
            left, right = node.expr, node.ops[0].expr
            values = [v for v in constants(right) or [constant(right)] if v is not None]
            for path in reads.paths(left) if values else ():
                known = found.setdefault(path, [])
                known += [value for value in values if value not in known]
    return found


def constant(node: nodes.Node) -> Any:
    """The value of a constant; ``None`` for any other expression."""
    return node.value if isinstance(node, nodes.Const) else None


def constants(node: nodes.Node) -> list[Any] | None:
    """The values of a list of constants; ``None`` for any other expression."""
    if not isinstance(node, (nodes.List, nodes.Tuple)):
        return None
    if not all(isinstance(item, nodes.Const) for item in node.items):
        return None
    return [constant(item) for item in node.items]
