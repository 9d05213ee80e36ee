"""The keys that are read from messages themselves, rather than from their values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from jinja2 import nodes

from rewriter.source.walk import find_all
from rewriter.tracing.arms import reads
from rewriter.tracing.fields import is_said
from rewriter.tracing.made_from import bindings, key_of, targets

# ``groupby`` returns the items themselves under this key.
_GROUPED: Final = "list"
_USUAL: Final = frozenset({"system", "developer", "user", "assistant", "tool"})


@dataclass(frozen=True, slots=True)
class HeldWhole:
    """The names that may hold the messages, or one of them, rather than a value of one.

    Attributes:
        names: these names, the namespaces that may hold it among them.
        namespaces: all namespaces of the template.

    """

    names: Set[str]
    namespaces: Set[str]

    def key_read_by(self, node: nodes.Node) -> str | None:
        """The key of a message that an expression reads."""
        base = getattr(node, "node", None)
        # The method of a call of `get`.
        base = getattr(base, "node", None) if isinstance(node, nodes.Call) else base
        is_variable = isinstance(base, nodes.Name) and base.name in self.namespaces
        return key_of(node) if base and not is_variable and self.holds(base) else None

    def keys_in(self, node: nodes.Node) -> Iterator[tuple[str, nodes.Node]]:
        """The keys of messages that a node reads, each with the expression that reads it."""
        for each in (node, *node.find_all(nodes.Expr)):
            if key := self.key_read_by(each):
                yield key, each

    def holds(self, node: nodes.Node) -> bool:
        """Whether an expression is the messages, or one of them, rather than a value of one."""
        if isinstance(node, nodes.Name):
            return node.name in self.names
        if (key := key_of(node)) is not None:
            base = getattr(node, "node", None)
            if key == _GROUPED and base is not None:
                return self.holds(base)
            return isinstance(base, nodes.Name) and base.name in self.names & self.namespaces
        if isinstance(node, (nodes.Test, nodes.Compare, nodes.Not)):
            return False
        if isinstance(node, nodes.Dict) and "role" in _keys(node):
            # A message that the template builds.
            return True
        if isinstance(node, nodes.CondExpr):
            return any(self.holds(arm) for arm in (node.expr1, node.expr2) if arm)
        if isinstance(node, (nodes.Getitem, nodes.Filter)):
            return node.node is not None and self.holds(node.node)
        return any(map(self.holds, node.iter_child_nodes()))


# Cached, since several callers need it in a row.
@lru_cache(maxsize=2)
def messages_held(tree: nodes.Template) -> HeldWhole:
    """The names that may hold the messages of a conversation, or one of them."""
    bound = [(set(targets(target)), value) for target, value in bindings(tree)]
    found = HeldWhole({"messages"}, set(_namespaces(tree)))
    for _ in bound:
        new = {each for names, value in bound if found.holds(value) for each in names}
        if new <= found.names:
            break
        found = HeldWhole(found.names | new, found.namespaces)
    return found


def _namespaces(tree: nodes.Template) -> Iterator[str]:
    yield from (each.name for each in find_all(tree, nodes.NSRef))
    for each in find_all(tree, nodes.Assign):
        match each:
            case nodes.Assign(target=nodes.Name(name=name), node=nodes.Call(node=called)):
                if isinstance(called, nodes.Name) and called.name == "namespace":
                    yield name


def keeps_roles(tree: nodes.Template) -> bool:
    """Whether the messages that a template builds keep the roles of the original ones."""
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
    """Which of some keys each site reads from a message, if it reads nothing of the model's."""
    held = messages_held(tree)
    read = {at: keys.intersection(key for key, _ in held.keys_in(sites[at])) for at in sites}
    return {
        at: frozenset(found)
        for at, found in read.items()
        if found and not any(map(is_said, reads(sites[at]) - found))
    }
