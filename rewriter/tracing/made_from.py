"""What the values of names and expressions are made from, judging by the source alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from jinja2 import nodes

from rewriter.source.walk import find_all


def made_from(tree: nodes.Template) -> Mapping[str, set[str]]:
    """The names that each name's values are made from, macros' arguments and loops' items too."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for target, value in bindings(tree):
        for name in targets(target):
            found[name] |= names_in(value)
    return found


def bindings(tree: nodes.Template) -> Iterator[tuple[nodes.Node, nodes.Node]]:
    """The targets that statements assign, with their values, including macros' arguments."""
    for loop in find_all(tree, nodes.For):
        yield loop.target, loop.iter
    for assigned in find_all(tree, nodes.Assign):
        yield assigned.target, assigned.node
    for captured in find_all(tree, nodes.AssignBlock):
        yield captured.target, captured
    parameters = {macro.name: macro.args for macro in find_all(tree, nodes.Macro)}
    for call in find_all(tree, nodes.Call):
        if isinstance(call.node, nodes.Name):
            yield from ((target, call) for target in parameters.get(call.node.name, ()))


def targets(node: nodes.Node) -> Iterator[str]:
    """The names that an assignment's or a loop's target gives a value, or the namespaces."""
    for each in (node, *node.find_all((nodes.Name, nodes.NSRef))):
        if isinstance(each, (nodes.Name, nodes.NSRef)):
            yield each.name


def names_in(node: nodes.Node) -> set[str]:
    """The names in an expression or a statement."""
    own = {node.name} if isinstance(node, nodes.Name) else set()
    return own | {each.name for each in node.find_all(nodes.Name)}


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
