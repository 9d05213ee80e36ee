"""Calls in a tree: those of filters that no template can write, and some that templates make."""

from __future__ import annotations

from collections.abc import Sequence

from jinja2 import nodes


def filtered(node: nodes.Expr, name: str, *constants: object) -> nodes.Filter:
    """``node`` passed through a filter."""
    args: Sequence[nodes.Expr] = [nodes.Const(each, lineno=node.lineno) for each in constants]
    return nodes.Filter(node, name, list(args), [], None, None, lineno=node.lineno)


def event(name: str, value: nodes.Expr | None = None) -> nodes.ExprStmt:
    """A statement that calls a filter when it is reached, with or without a value."""
    value = value or nodes.Const(0, lineno=1)
    return nodes.ExprStmt(filtered(value, name), lineno=value.lineno)


def loaded(target: nodes.Node) -> nodes.Expr:
    """A read of the target of a loop or an assignment."""
    if isinstance(target, nodes.Name):
        return nodes.Name(target.name, "load", lineno=target.lineno)
    names = [loaded(item) for item in target.iter_child_nodes()]
    return nodes.Tuple(names, "load", lineno=target.lineno)


def asks_for_prompt(node: nodes.Node | None) -> bool:
    """Whether a conditional, or a test, holds only with a generation prompt."""
    if isinstance(node, nodes.If):
        return asks_for_prompt(node.test)
    if isinstance(node, nodes.And):
        return asks_for_prompt(node.left) or asks_for_prompt(node.right)
    return isinstance(node, nodes.Name) and node.name == "add_generation_prompt"


def raises(node: nodes.Node | None) -> bool:
    """Whether an output is only there to raise an exception."""
    return (
        isinstance(node, nodes.Call)
        and isinstance(node.node, nodes.Name)
        and node.node.name == "raise_exception"
    )


def pairs_of(iterable: nodes.Node) -> nodes.Expr | None:
    """The mapping whose pairs an expression gives."""
    if isinstance(iterable, nodes.Filter) and iterable.name in {"items", "dictsort"}:
        return iterable.node
    called = iterable.node if isinstance(iterable, nodes.Call) else None
    if isinstance(called, nodes.Getattr) and called.attr == "items":
        return called.node
    return None
