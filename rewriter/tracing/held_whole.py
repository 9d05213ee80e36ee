"""The keys that are read of messages themselves, and not of what their keys hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Final

from jinja2 import nodes

from rewriter.source.walk import find_all
from rewriter.tracing.arms import reads
from rewriter.tracing.fields import is_said
from rewriter.tracing.made_from import bindings, key_of, targets

# What ``groupby`` gives has the items themselves under it.
_GROUPED: Final = "list"
_USUAL: Final = frozenset({"system", "developer", "user", "assistant", "tool"})


@dataclass(frozen=True, slots=True)
class HeldWhole:
    """The names that may have what one has, or an item of it, rather than what a key holds.

    Attributes:
        names: these names, the namespaces that may hold it among them.
        namespaces: all namespaces of the template.

    """

    names: Set[str]
    namespaces: Set[str]

    @classmethod
    def of(cls, tree: nodes.Template, name: str) -> HeldWhole:
        """The names that may have what ``name`` has."""
        bound = [(set(targets(target)), value) for target, value in bindings(tree)]
        found = cls({name}, set(_namespaces(tree)))
        for _ in bound:
            new = {each for names, value in bound if found._is_in(value) for each in names}
            if new <= found.names:
                break
            found = cls(found.names | new, found.namespaces)
        return found

    def holds(self, value: nodes.Node) -> bool:
        """Whether an expression gives that, or an item of it, and not what a key of it holds."""
        return self._is_in(value)

    def is_key_of_one(self, value: nodes.Node) -> bool:
        """Whether an expression gives what a key of it holds, or of an item of it."""
        return any(read is value for _, read in self.keys_in(value))

    def keys_in(self, node: nodes.Node) -> Iterator[tuple[str, nodes.Node]]:
        """The keys that are read of it within a node, each with the expression that reads it."""
        for each in (node, *node.find_all(nodes.Expr)):
            key = key_of(each)
            base = getattr(each, "node", None)
            # The method of a call of `get`.
            base = getattr(base, "node", None) if isinstance(each, nodes.Call) else base
            is_variable = isinstance(base, nodes.Name) and base.name in self.namespaces
            if key and base and not is_variable and self._is_in(base):
                yield key, each

    def _is_in(self, node: nodes.Node) -> bool:
        """Whether what an expression gives may be, or have, what one of the names has whole."""
        if isinstance(node, nodes.Name):
            return node.name in self.names
        if (key := key_of(node)) is not None:
            base = getattr(node, "node", None)
            if key == _GROUPED and base is not None:
                return self._is_in(base)
            return isinstance(base, nodes.Name) and base.name in self.names & self.namespaces
        if isinstance(node, (nodes.Test, nodes.Compare, nodes.Not)):
            return False
        if isinstance(node, nodes.Dict) and "role" in _keys(node):
            # A message that the template puts together.
            return True
        if isinstance(node, nodes.CondExpr):
            return any(self._is_in(arm) for arm in (node.expr1, node.expr2) if arm)
        if isinstance(node, (nodes.Getitem, nodes.Filter)):
            return node.node is not None and self._is_in(node.node)
        return any(map(self._is_in, node.iter_child_nodes()))


def _namespaces(tree: nodes.Template) -> Iterator[str]:
    yield from (each.name for each in find_all(tree, nodes.NSRef))
    for each in find_all(tree, nodes.Assign):
        match each:
            case nodes.Assign(target=nodes.Name(name=name), node=nodes.Call(node=called)):
                if isinstance(called, nodes.Name) and called.name == "namespace":
                    yield name


def keeps_roles(tree: nodes.Template) -> bool:
    """Whether the messages that a template puts together have the roles of those they are of."""
    dicts = (each for each in find_all(tree, nodes.Dict) if "role" in _keys(each))
    roles = (pair.value for each in dicts for pair in each.items if _key(pair) == "role")
    return all(
        key_of(role) == "role" or (isinstance(role, nodes.Const) and role.value in _USUAL)
        for role in roles
    )


def _keys(node: nodes.Dict) -> set[object]:
    return set(map(_key, node.items))


def _key(pair: nodes.Pair) -> object:
    return pair.key.value if isinstance(pair.key, nodes.Const) else None


def read_of_messages(
    tree: nodes.Template, sites: Mapping[int, nodes.Expr], keys: frozenset[str]
) -> Mapping[int, frozenset[str]]:
    """Which of some keys each site reads of a message, where it reads nothing of the model's."""
    held = HeldWhole.of(tree, "messages")
    read = {at: keys.intersection(key for key, _ in held.keys_in(sites[at])) for at in sites}
    return {
        at: frozenset(found)
        for at, found in read.items()
        if found and not any(map(is_said, reads(sites[at]) - found))
    }
