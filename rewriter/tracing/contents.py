"""What an expression is put together from, or chooses from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from jinja2 import nodes

from rewriter.source.walk import find_all
from rewriter.tracing.role_tests import RoleTests

_COLLECTIONS: Final = (nodes.Dict, nodes.List, nodes.Tuple)


def contents_of(node: Any) -> Sequence[Any] | None:
    """What an expression joins, lists or looks up in; ``None`` if it does nothing of the kind."""
    if isinstance(node, (nodes.Add, nodes.Mod, nodes.Mul)):
        return [node.left, node.right]
    if isinstance(node, nodes.Concat):
        return list(node.nodes)
    if isinstance(node, nodes.Dict):
        return [pair.value for pair in node.items]
    if isinstance(node, (nodes.List, nodes.Tuple)):
        return list(node.items)
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Slice):
        return [node.node]
    if isinstance(node, nodes.Getitem) and isinstance(node.node, _COLLECTIONS):
        return [node.node]
    return None


def looked_up_in(tree: nodes.Template) -> Iterator[nodes.Node]:
    """The lists and mappings that a key chooses from that is not written out.

    A role chooses alike in each turn of the same speaker.
    """
    roles = RoleTests.of(tree)
    named: dict[str, list[nodes.Node]] = {}
    for assigned in find_all(tree, nodes.Assign):
        if isinstance(assigned.target, nodes.Name) and isinstance(assigned.node, _COLLECTIONS):
            named.setdefault(assigned.target.name, []).append(assigned.node)
    for chosen, key in _lookups(tree):
        if not isinstance(key, (nodes.Const, nodes.Slice)) and not roles.is_fixed(key):
            if isinstance(chosen, _COLLECTIONS):
                yield chosen
            elif isinstance(chosen, nodes.Name):
                yield from named.get(chosen.name, ())


def _lookups(tree: nodes.Template) -> Iterator[tuple[nodes.Node, nodes.Node]]:
    for item in find_all(tree, nodes.Getitem):
        yield item.node, item.arg
    for call in find_all(tree, nodes.Call):
        match call:
            case nodes.Call(node=nodes.Getattr(node=chosen, attr="get"), args=[key, *_]):
                yield chosen, key
