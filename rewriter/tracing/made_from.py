"""What the values of names and expressions are made from, judging by the source alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from jinja2 import nodes

from rewriter.source.walk import TREES, find_all, find_within


# Several parts of an analysis ask this of the same tree.
@lru_cache(maxsize=TREES)
def made_from(tree: nodes.Template) -> Mapping[str, set[str]]:
    """The names that each name's values are made from, macros' arguments and loops' items too."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for target, value in bindings(tree):
        for name in targets(target):
            found[name] |= names_in(value)
    return dict(found)


def values_by_name(tree: nodes.Template) -> Mapping[str, Sequence[nodes.Node]]:
    """All values that statements assign to each name, macros' arguments and loops' items too."""
    found: defaultdict[str, list[nodes.Node]] = defaultdict(list)
    for target, value in bindings(tree):
        for name in targets(target):
            found[name].append(value)
    return found


def bindings(tree: nodes.Template) -> Iterator[tuple[nodes.Node, nodes.Node]]:
    """The targets that statements assign, with their values, including macros' arguments."""
    for loop in find_all(tree, nodes.For):
        yield loop.target, loop.iter
    for assigned in find_all(tree, nodes.Assign):
        yield assigned.target, assigned.node
    for captured in find_all(tree, nodes.AssignBlock):
        yield captured.target, captured
    for scope in find_all(tree, nodes.With):
        yield from zip(scope.targets, scope.values, strict=True)
    parameters = {macro.name: macro.args for macro in find_all(tree, nodes.Macro)}
    for call in find_all(tree, nodes.Call):
        if isinstance(call.node, nodes.Name):
            yield from ((target, call) for target in parameters.get(call.node.name, ()))


def targets(node: nodes.Node) -> Iterator[str]:
    """The names that an assignment's or a loop's target gives a value, or the namespaces."""
    named: tuple[Any, ...] = (nodes.Name, nodes.NSRef)
    yield from (each.name for each in find_within(node, named))


def names_in(node: nodes.Node) -> set[str]:
    """The names in an expression or a statement."""
    return {each.name for each in find_within(node, nodes.Name)}


def origins(node: nodes.Node, made_from: Mapping[str, set[str]]) -> set[str]:
    """The names that an expression's value is made from, and theirs in turn."""
    found: set[str] = set()
    new = names_in(node)
    while new:
        found |= new
        new = {name for each in new for name in made_from.get(each, ())} - found
    return found


def key_of(node: nodes.Node) -> str | None:
    """The constant key that an expression reads."""
    match node:
        case nodes.Call(node=nodes.Getattr(attr="get"), args=[nodes.Const(value=str(key)), *_]):
            return key
        case nodes.Getitem(arg=nodes.Const(value=str(key))):
            return key
        case nodes.Getattr(attr=key):
            return str(key)
    return None
