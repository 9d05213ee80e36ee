"""The value of an expression that reads nothing."""

from __future__ import annotations

from typing import Any, Final

from jinja2 import nodes
from jinja2.nodes import EvalContext, Impossible

from rewriter.source.environment import parsing_environment
from rewriter.source.walk import find_within

# Their results depend on nothing else, such as the environment that a template is rendered in.
_OF_NUMBERS: Final = frozenset({"abs", "float", "int", "round"})


def constant(node: nodes.Node) -> tuple[Any] | None:
    """The value of an expression that reads nothing, such as ``40 * 40`` or ``1e4 | int``."""
    if isinstance(node, nodes.Const):
        return (node.value,)
    if any(find_within(node, (nodes.Name, nodes.Call, nodes.Test))):
        return None
    if any(each.name not in _OF_NUMBERS for each in find_within(node, nodes.Filter)):
        return None
    if not isinstance(node, nodes.Expr):
        return None
    try:
        return (node.as_const(EvalContext(parsing_environment())),)
    except Impossible:
        return None
