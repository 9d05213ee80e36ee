"""The texts that a template compares what a key holds with, or looks up by it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set

from jinja2 import nodes

from rewriter.source.walk import find_all
from rewriter.tracing.made_from import key_of, targets


def compared_texts(tree: nodes.Template, keys: Set[str]) -> Mapping[str, tuple[str, ...]]:
    """The texts that are told apart of each of some keys; none where no text is."""
    assigned = [(set(targets(each.target)), each.node) for each in find_all(tree, nodes.Assign)]
    literals = {name: value for names, value in assigned for name in names if _is_literal(value)}
    found: dict[str, tuple[str, ...]] = {}
    for key in sorted(keys):
        holders = {name for names, value in assigned if key_of(value) == key for name in names}
        beside = _beside(tree, key, holders)
        texts = dict.fromkeys(text for each in beside for text in _texts(each, literals))
        if texts:
            found[key] = tuple(texts)
    return found


def _beside(tree: nodes.Template, key: str, holders: Set[str]) -> Iterator[nodes.Node]:
    """What the key's value is compared with, and what it looks up."""

    def is_value(node: nodes.Node) -> bool:
        return key_of(node) == key or (isinstance(node, nodes.Name) and node.name in holders)

    for compared in find_all(tree, nodes.Compare):
        sides = [compared.expr, *(operand.expr for operand in compared.ops)]
        if any(map(is_value, sides)):
            yield from (side for side in sides if not is_value(side))
    for item in find_all(tree, nodes.Getitem):
        if is_value(item.arg):
            yield item.node


def _texts(node: nodes.Node, literals: Mapping[str, nodes.Node]) -> Iterator[str]:
    """The texts of a constant, of a list, or the keys of a mapping, also under a name."""
    literal = literals.get(node.name, node) if isinstance(node, nodes.Name) else node
    if isinstance(literal, nodes.Dict):
        found = [pair.key for pair in literal.items]
    elif isinstance(literal, (nodes.List, nodes.Tuple)):
        found = literal.items
    else:
        found = [literal] if isinstance(literal, nodes.Const) else []
    for each in found:
        if isinstance(each, nodes.Const) and isinstance(each.value, str):
            yield each.value


def _is_literal(node: nodes.Node) -> bool:
    return isinstance(node, (nodes.Dict, nodes.List, nodes.Tuple))
