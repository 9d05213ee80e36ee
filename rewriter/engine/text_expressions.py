"""Whether an expression is always text, judging by the template alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jinja2 import nodes

from rewriter.engine.pattern import same
from rewriter.source.template import Template
from rewriter.source.walk import find_all

_FILTERS = frozenset(
    {"trim", "string", "tojson", "join", "upper", "lower", "capitalize", "title", "replace"}
)
_METHODS = frozenset(
    {"strip", "lstrip", "rstrip", "upper", "lower", "title", "capitalize", "replace", "join"}
)


def is_surely_text(node: nodes.Node, template: Template) -> bool:
    """Whether ``node`` is always text if it is defined."""
    return _is_text(node, template, frozenset())


def _is_text(node: nodes.Node, template: Template, met: frozenset[str]) -> bool:
    match node:
        case nodes.Const():
            return isinstance(node.value, str)
        case nodes.Concat():
            return True
        case nodes.Filter():
            return node.name in _FILTERS
        case nodes.Add():
            return any(_is_text(side, template, met) for side in (node.left, node.right))
        case nodes.Getitem(node=nodes.Call(node=nodes.Getattr(attr="split"))):
            return isinstance(node.arg, (nodes.Const, nodes.Neg))
        case nodes.Call(node=nodes.Getattr(attr=method)):
            return method in _METHODS
        case nodes.Call(node=nodes.Name(name=called)):
            return called in _macros(template)
        case nodes.Name():
            return node.name in met or _is_text_name(node.name, template, met | {node.name})
        case _:
            return False


def _macros(template: Template) -> frozenset[str]:
    return frozenset(macro.name for macro in find_all(template.tree, nodes.Macro))


def _is_text_name(name: str, template: Template, met: frozenset[str]) -> bool:
    """Whether all that a name is ever assigned is text."""
    bound = [arg for macro in find_all(template.tree, nodes.Macro) for arg in macro.args]
    bound += [n for loop in find_all(template.tree, nodes.For) for n in _names(loop.target)]
    if any(target.name == name for target in bound):
        return False
    values = list(_assignments(name, template.tree.body, ()))
    return bool(values) and all(
        any(same(value, checked) for checked in strings) or _is_text(value, template, met)
        for value, strings in values
    )


def _names(target: nodes.Node) -> list[nodes.Name]:
    return [target] if isinstance(target, nodes.Name) else list(target.find_all(nodes.Name))


def _assignments(
    name: str, body: list[nodes.Node], strings: tuple[nodes.Expr, ...]
) -> Iterator[tuple[nodes.Expr, tuple[nodes.Expr, ...]]]:
    """What a name is assigned, each with the expressions known to be strings there."""
    for node in body:
        if isinstance(node, nodes.Assign):
            if isinstance(node.target, nodes.Name) and node.target.name == name:
                value: Any = node.node
                yield value, strings
        elif isinstance(node, nodes.If):
            test: Any = node.test
            known = (*strings, *_checked(test))
            yield from _assignments(name, node.body, known)
            yield from _assignments(name, [*node.elif_, *node.else_], strings)
        elif isinstance(node, (nodes.For, nodes.CallBlock, nodes.With)):
            yield from _assignments(name, node.body, strings)


def _checked(test: nodes.Expr) -> tuple[nodes.Expr, ...]:
    if isinstance(test, nodes.And):
        return _checked(test.left) + _checked(test.right)
    return (test.node,) if isinstance(test, nodes.Test) and test.name == "string" else ()
