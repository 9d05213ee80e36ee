"""The texts that a template compares a key's value with, or looks up by it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from typing import TypeGuard

from jinja2 import nodes

from rewriter.source.walk import find_all
from rewriter.tracing.made_from import key_of, targets


def compared_texts(tree: nodes.Template, keys: Set[str]) -> Mapping[str, tuple[str, ...]]:
    """The texts that values of each key are compared with; none if there are no comparisons."""
    literals = _literals(tree)
    found: dict[str, tuple[str, ...]] = {}
    for key in sorted(keys):
        beside = (*_compared_with(tree, key), *_looked_up_by(tree, key))
        texts = dict.fromkeys(text for each in beside for text in _texts(each, literals))
        if texts:
            found[key] = tuple(texts)
    return found


def looked_up_by(tree: nodes.Template, keys: Set[str]) -> Iterator[nodes.Expr]:
    """The constant lists and mappings that are indexed by values of some keys."""
    literals = _literals(tree)
    for key in sorted(keys):
        for each in _looked_up_by(tree, key):
            found = literals.get(each.name, each) if isinstance(each, nodes.Name) else each
            if _is_literal(found):
                yield found


def _literals(tree: nodes.Template) -> Mapping[str, nodes.Expr]:
    """The constant lists and mappings, by the names that they are assigned to."""
    return {
        name: each.node
        for each in find_all(tree, nodes.Assign)
        for name in targets(each.target)
        if _is_literal(each.node)
    }


def _value_of(tree: nodes.Template, key: str) -> Callable[[nodes.Node], bool]:
    """Whether an expression is the key's value, directly or through a name."""
    assigned = ((each.target, each.node) for each in find_all(tree, nodes.Assign))
    holders = {n for target, value in assigned if key_of(value) == key for n in targets(target)}
    return lambda node: (
        key_of(node) == key or (isinstance(node, nodes.Name) and node.name in holders)
    )


def _compared_with(tree: nodes.Template, key: str) -> Iterator[nodes.Expr]:
    is_value = _value_of(tree, key)
    for compared in find_all(tree, nodes.Compare):
        sides = [compared.expr, *(operand.expr for operand in compared.ops)]
        if any(map(is_value, sides)):
            yield from (side for side in sides if not is_value(side))


def _looked_up_by(tree: nodes.Template, key: str) -> Iterator[nodes.Expr]:
    is_value = _value_of(tree, key)
    for item in find_all(tree, nodes.Getitem):
        if is_value(item.arg):
            yield item.node


def _texts(node: nodes.Node, literals: Mapping[str, nodes.Expr]) -> Iterator[str]:
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


def _is_literal(node: nodes.Node) -> TypeGuard[nodes.Expr]:
    return isinstance(node, (nodes.Dict, nodes.List, nodes.Tuple))
