"""Where a printed name gets its value, and the line for further assignments."""

from __future__ import annotations

from collections.abc import Sequence

from jinja2 import nodes

from rewriter.engine.context import Context
from rewriter.engine.draft import Added, Body, Code, Statement, statements
from rewriter.source.lexer import Span
from rewriter.source.template import Block, Item


def definitions(
    name: str, printed: Statement, body: Body, context: Context
) -> tuple[Statement, ...]:
    """The statements that set a name in the innermost loop around an output that prints it."""
    at = printed.leaf.span if printed.leaf else Span(0, 0)
    loop = _loop_around(at, context.template.items)
    return tuple(s for s in statements(body) if _defines(s, name) and _is_within(s, loop))


def _loop_around(span: Span, items: Sequence[Item]) -> Span | None:
    """The innermost loop around a place."""
    for item in items:
        if isinstance(item, Block) and item.span.start < span.start < item.span.end:
            inner = [child for clause in item.clauses for child in clause.body]
            own = item.span if item.keyword == "for" else None
            return _loop_around(span, inner) or own
    return None


def _is_within(statement: Statement, loop: Span | None) -> bool:
    at = statement.leaf.span.start if statement.leaf else -1
    return loop is None or loop.start <= at < loop.end


def _defines(statement: Statement, name: str) -> bool:
    node = statement.leaf.node if statement.leaf else None
    target = node.target if isinstance(node, nodes.Assign) else None
    return isinstance(target, nodes.Name) and target.name == name


def own_line(statement: Statement, context: Context) -> Code:
    """A new line after a statement that is on a line of its own and swallows the line break."""
    text = context.text((statement,)).lstrip()
    if not context.layout.own_line(statement) or not text.startswith(("{%-", "{{-")):
        return ()
    return (Added(context.layout.line(context.layout.indentation(statement)), context.by),)
