"""Find the nodes of a tree by their types."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, TypeAlias, TypeVar, cast

from jinja2 import nodes

_Found = TypeVar("_Found", bound=nodes.Node)
_ByType: TypeAlias = dict[type[nodes.Node], list[tuple[int, nodes.Node]]]

# Enough for all trees in use at a time: a template, its variant, and candidates of both.
TREES: Final = 16


def find_all(
    tree: nodes.Template, kinds: type[_Found] | tuple[type[_Found], ...]
) -> Iterator[_Found]:
    """The nodes of some types, as from ``Node.find_all``, but a tree is walked only once.

    One rewrite asks this of a whole tree hundreds of times, and walking it is slow.
    """
    by_type = _by_type(tree)
    found = [each for kind in by_type if issubclass(kind, kinds) for each in by_type[kind]]
    found.sort(key=lambda each: each[0])
    return iter([cast("_Found", node) for _, node in found])


def find_below(
    node: nodes.Node, kinds: type[_Found] | tuple[type[_Found], ...]
) -> Iterator[_Found]:
    """The nodes of some types below a node, as ``Node.find_all`` gives them, but sooner."""
    found: list[nodes.Node] = []
    _collect(node, found)
    return iter([each for each in found if isinstance(each, kinds)])


def find_within(
    node: nodes.Node, kinds: type[_Found] | tuple[type[_Found], ...]
) -> Iterator[_Found]:
    """The node itself, if it is of one of the types, and those below it."""
    if isinstance(node, kinds):
        yield node
    yield from find_below(node, kinds)


@lru_cache(maxsize=TREES)
def _by_type(tree: nodes.Template) -> _ByType:
    """The nodes of each type, with their positions in the walk."""
    found: _ByType = {}
    for place, node in enumerate(find_below(tree, nodes.Node)):
        found.setdefault(type(node), []).append((place, node))
    return found


def _collect(node: nodes.Node, collected: list[nodes.Node]) -> None:
    """Add all nodes below ``node``, each before what is below it."""
    for name in node.fields:
        value = getattr(node, name, None)
        if isinstance(value, nodes.Node):
            collected.append(value)
            _collect(value, collected)
        elif isinstance(value, list):
            for item in value:
                if isinstance(item, nodes.Node):
                    collected.append(item)
                    _collect(item, collected)
