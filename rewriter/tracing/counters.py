"""Attributes of namespaces that only hold numbers, and text that cannot be joined to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TypeAlias

from jinja2 import nodes

from rewriter.source.walk import find_all

# The namespace's name, and the attribute's.
Counter: TypeAlias = tuple[str, str]


def counters(tree: nodes.Template) -> frozenset[Counter]:
    """The attributes that a template gives numbers, computed from numbers and each other."""
    values: defaultdict[Counter, list[nodes.Node]] = defaultdict(list)
    namespaces: set[str] = set()
    others = {name.name for loop in find_all(tree, nodes.For) for name in _targets(loop.target)}
    for assigned in find_all(tree, nodes.Assign):
        target = assigned.target
        if isinstance(target, nodes.NSRef):
            values[target.name, target.attr].append(assigned.node)
        elif isinstance(target, nodes.Name) and (call := _namespace(assigned.node)):
            namespaces.add(target.name)
            for given in call.kwargs:
                values[target.name, given.key].append(given.value)
        else:
            others.update(name.name for name in _targets(target))
    found = {counter for counter in values if counter[0] in namespaces - others}
    while lost := {
        each for each in found if not all(_is_number(value, found) for value in values[each])
    }:
        found -= lost
    return frozenset(found)


def joins_number(node: nodes.Add, known: frozenset[Counter]) -> bool:
    """Whether text is added to a number, which always raises."""
    operands = [*_operands(node)]
    is_text = any(isinstance(o, nodes.Const) and isinstance(o.value, str) for o in operands)
    return is_text and any(_is_number(operand, known) for operand in operands)


def _operands(node: nodes.Expr) -> Iterator[nodes.Expr]:
    if isinstance(node, nodes.Add):
        yield from _operands(node.left)
        yield from _operands(node.right)
    else:
        yield node


def _is_number(node: nodes.Node, known: frozenset[Counter] | set[Counter]) -> bool:
    match node:
        case nodes.Const(value=bool()):
            return False
        case nodes.Const(value=int()):
            return True
        case nodes.Add(left=left, right=right) | nodes.Sub(left=left, right=right):
            return _is_number(left, known) and _is_number(right, known)
        case nodes.Getattr(node=nodes.Name(name=name), attr=attribute):
            return (name, attribute) in known
    return False


def _targets(target: nodes.Node) -> Iterator[nodes.Name]:
    return (each for each in (target, *target.find_all(nodes.Name)) if isinstance(each, nodes.Name))


def _namespace(node: nodes.Node) -> nodes.Call | None:
    is_call = isinstance(node, nodes.Call) and getattr(node.node, "name", None) == "namespace"
    return node if isinstance(node, nodes.Call) and is_call else None
