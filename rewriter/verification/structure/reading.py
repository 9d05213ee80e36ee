"""Refuse templates with anything that cannot be read, even in unreachable code."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from jinja2 import Environment, nodes

from rewriter.source.environment import parsing_environment
from rewriter.verification.structure.path import Unread

JUMPS: Final = (nodes.Break, nodes.Continue)
_UNREAD: Final = (
    nodes.Block,
    nodes.Extends,
    nodes.Include,
    nodes.Import,
    nodes.FromImport,
    nodes.Scope,
    nodes.EvalContextModifier,
)
_SCOPES: Final = (nodes.CallBlock, nodes.AssignBlock, nodes.With, nodes.Macro, nodes.FilterBlock)
# Python compiles at most 20 nested loops, and 100 levels of indentation.
_MOST_LOOPS: Final = 15
_MOST_LEVELS: Final = 60


def refuse_unread(tree: nodes.Template) -> None:
    """Check that a template compiles, and imports nothing.

    Raises:
        Unread: it may not compile, or it does import.

    """
    environment = parsing_environment()
    _refuse_in(tree.body, (0, 0), environment)
    for statement in tree.body:
        if jumps_out(statement):
            raise Unread("a jump out of no loop", statement)


def _refuse_in(
    body: Iterable[nodes.Node], nesting: tuple[int, int], environment: Environment
) -> None:
    for node in body:
        if isinstance(node, _UNREAD):
            raise Unread(f"a statement of the kind {type(node).__name__}", node)
        if isinstance(node, nodes.Filter) and node.name not in environment.filters:
            raise Unread(f"the filter {node.name}", node)
        if isinstance(node, nodes.Test) and node.name not in environment.tests:
            raise Unread(f"the test {node.name}", node)
        if isinstance(node, nodes.Name) and node.name == "loop" and node.ctx != "load":
            raise Unread("an assignment to the loop", node)
        if isinstance(node, _SCOPES) and any(map(jumps_out, node.body)):
            raise Unread("a jump out of a scope", node)
        loops, levels = nesting
        deeper = loops + isinstance(node, nodes.For), levels + isinstance(node, nodes.Stmt)
        if deeper[0] > _MOST_LOOPS or deeper[1] > _MOST_LEVELS:
            raise Unread("statements that are nested too deeply", node)
        _refuse_in(node.iter_child_nodes(), deeper, environment)


def jumps_out(statement: nodes.Node) -> bool:
    """Whether a statement jumps out of the loop around it."""
    if isinstance(statement, JUMPS):
        return True
    if isinstance(statement, nodes.Expr):
        return False
    inner = statement.else_ if isinstance(statement, nodes.For) else statement.iter_child_nodes()
    return any(map(jumps_out, inner))
