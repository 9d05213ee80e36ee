"""What holds after a statement was run, as it would have raised otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from jinja2 import nodes

from rewriter.tracing.branches import Condition, is_note
from rewriter.tracing.calls import raises
from rewriter.tracing.unreachable.keys import key as key_of


def known_after(statement: Any) -> Iterator[Condition]:
    """What holds after a statement, as it would have raised otherwise."""
    if isinstance(statement, nodes.If):
        yield from _not_raised(statement)
        bodies = [statement.body, *(other.body for other in statement.elif_), statement.else_]
        looked = [{key_of(each): each for each in _looked_into(body)} for body in bodies]
        for key, each in looked[0].items():
            if key is not None and all(key in others for others in looked):
                yield Condition(each, holds=True)
    yield from (Condition(each, holds=True) for each in _looked_into([statement]))


def _not_raised(statement: nodes.If) -> Iterator[Condition]:
    """The condition that no clause ran that only raises."""
    before: list[Any] = []
    for clause in (statement, *statement.elif_):
        if _raises(clause.body):
            way: Any = clause.test
            for test in before:
                way = nodes.And(nodes.Not(test), way)
            yield Condition(way, holds=False)
        before.append(clause.test)


def _looked_into(body: Sequence[Any]) -> Iterator[nodes.Expr]:
    """The lists whose items are accessed whenever a body runs."""
    for statement in body:
        for field in ("test", "iter", "node", "nodes"):
            found = getattr(statement, field, None)
            for each in found if isinstance(found, list) else [found]:
                yield from _indexed(each)


def _raises(body: Sequence[nodes.Node]) -> bool:
    """Whether a body only raises, possibly after printing."""
    outputs = (statement for statement in body if isinstance(statement, nodes.Output))
    return any(raises(child) for output in outputs for child in output.nodes)


def _indexed(node: Any) -> Iterator[nodes.Expr]:
    """The lists whose items are accessed whenever ``node`` is evaluated."""
    if isinstance(node, (nodes.Getattr, nodes.Getitem)):
        inner: Any = node.node
        index = inner.arg if isinstance(inner, nodes.Getitem) else None
        if isinstance(index, nodes.Const) and isinstance(index.value, int):
            yield inner.node
        yield from _indexed(inner)
    elif isinstance(node, (nodes.And, nodes.Or)):
        yield from _indexed(node.right if is_note(node.left) else node.left)
    elif isinstance(node, nodes.CondExpr):
        yield from _indexed(node.test)
    elif isinstance(node, nodes.Compare):
        yield from _indexed(node.expr)
        yield from _indexed(node.ops[0].expr)
    elif isinstance(node, nodes.Expr):
        for child in node.iter_child_nodes():
            yield from _indexed(child)
