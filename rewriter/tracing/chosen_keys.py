"""The keys of messages that a template reads dynamically: ``m[m.kind]``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeGuard

from jinja2 import nodes

from rewriter.source.walk import find_all
from rewriter.tracing.made_from import key_of, names_in, origins, targets

_OF_ITEMS: Final = frozenset(
    {"map", "groupby", "sort", "sum", "unique", "selectattr", "rejectattr"}
)


def looked_up(tree: nodes.Template, made_from: Mapping[str, set[str]]) -> Iterator[str]:
    """The keys that a template reads through a name, or by a filter on each item."""
    names = {
        item.arg.name
        for item in find_all(tree, nodes.Getitem)
        if isinstance(item.arg, nodes.Name) and "messages" in origins(item, made_from)
    }
    for target, value in (
        *((loop.target, loop.iter) for loop in find_all(tree, nodes.For)),
        *((assigned.target, assigned.node) for assigned in find_all(tree, nodes.Assign)),
    ):
        if isinstance(target, nodes.Name) and target.name in names:
            texts = (each.value for each in (value, *value.find_all(nodes.Const)) if _is_text(each))
            yield from (text for text in texts if text.isidentifier())
    for filtered in find_all(tree, nodes.Filter):
        for given in filtered.kwargs:
            if given.key == "attribute" and _is_text(given.value):
                # A path: the key of an item, then one of what that has.
                yield from given.value.value.split(".")


def choosing(tree: nodes.Template, made_from: Mapping[str, set[str]]) -> Iterator[str]:
    """The keys and names whose values select the key: ``kind`` in the example."""
    own = {each.name for each in find_all(tree, nodes.NSRef)} | {"loop"}
    for value in _choosing_values(tree, made_from):
        calls = (e for e in (value, *value.find_all(nodes.Call)) if isinstance(e, nodes.Call))
        methods = {id(call.node) for call in calls}
        for node in (value, *value.find_all(nodes.Expr)):
            key, base = key_of(node), getattr(node, "node", None)
            is_own = isinstance(base, nodes.Name) and base.name in own
            if key is not None and not is_own and id(node) not in methods:
                yield key
            elif isinstance(node, nodes.Name):
                yield node.name


def _choosing_values(
    tree: nodes.Template, made_from: Mapping[str, set[str]]
) -> Sequence[nodes.Node]:
    """The expressions that select a key of a message, and the values of their names."""
    found: list[nodes.Node] = [
        choosing
        for read in find_all(tree, (nodes.Getitem, nodes.Call, nodes.Filter))
        for choosing in _choosing(read)
        if "messages" in origins(read, made_from)
    ]
    assigned = [(set(targets(each.target)), each.node) for each in find_all(tree, nodes.Assign)]
    for value in found:
        read = names_in(value)
        found += [node for names, node in assigned if names & read and node not in found]
    return found


def _choosing(node: nodes.Node) -> Iterator[nodes.Expr]:
    """The expression that selects a key or item, if it is not a constant."""
    match node:
        case nodes.Call(node=nodes.Getattr(attr="get"), args=[key, *_]):
            given = [key]
        case nodes.Getitem(arg=key):
            given = [key]
        case nodes.Filter(name="attr", args=[key, *_]):
            given = [key]
        case nodes.Filter(name=name, args=args, kwargs=kwargs) if name in _OF_ITEMS:
            given = [*args[:1], *(each.value for each in kwargs if each.key == "attribute")]
        case _:
            return
    yield from (key for key in given if not isinstance(key, (nodes.Const, nodes.Slice)))


def _is_text(node: nodes.Node) -> TypeGuard[nodes.Const]:
    return isinstance(node, nodes.Const) and isinstance(node.value, str)
