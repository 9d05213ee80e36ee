"""What a template's tests tell apart by who speaks.

A test for a role comes out by whose turn it is, so there is nothing to force: in the assistant's
turn it has one answer. What else it asks in the same test may come out either way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from jinja2 import nodes

PROMPT: Final = "add_generation_prompt"
_ROLE: Final = "role"


@dataclass(frozen=True, slots=True)
class RoleTests:
    """Knows which names of one template hold a role, or what was made of one."""

    names: frozenset[str]

    @classmethod
    def of(cls, tree: nodes.Template) -> RoleTests:
        """Those of a template, followed through its assignments."""
        values: dict[str, list[nodes.Node]] = {}
        for node in tree.find_all(nodes.Assign):
            if isinstance(node.target, nodes.Name):
                values.setdefault(node.target.name, []).append(node.node)
        found: frozenset[str] = frozenset()
        while True:
            more = frozenset(
                name
                for name, given in values.items()
                if all(_is_made_of_roles(value, found) for value in given)
                and any(_mentions_role(value, found) for value in given)
            )
            if more == found:
                return cls(found)
            found = more

    def is_fixed(self, question: nodes.Node) -> bool:
        """Whether a question is answered by who speaks, or by whether a prompt is asked for."""
        asks = any(node.name == PROMPT for node in _with_itself(question, nodes.Name))
        return asks or _mentions_role(question, self.names)

    def answer(self, test: Any, message: str, role: str) -> bool | None:
        """How a test comes out in the turn of ``role``, whatever else; ``None`` if that depends.

        ``message`` is the name of the loop's variable that holds the message.
        """
        if isinstance(test, nodes.Not):
            inner = self.answer(test.node, message, role)
            return None if inner is None else not inner
        if isinstance(test, (nodes.And, nodes.Or)):
            decides = isinstance(test, nodes.Or)
            sides = [self.answer(side, message, role) for side in (test.left, test.right)]
            if decides in sides:
                return decides
            return None if None in sides else not decides
        if isinstance(test, nodes.Compare) and len(test.ops) == 1:
            return _compared(test, message, role)
        return None

    def facts(
        self, test: Any, holds: bool, message: str, role: str
    ) -> Iterator[tuple[nodes.Expr, bool]]:
        """What a test that comes out so says of a message, in the turn of ``role``.

        Of questions that ask nothing else, so that nothing can have changed between two of them.
        """
        if isinstance(test, nodes.Not):
            yield from self.facts(test.node, not holds, message, role)
        elif isinstance(test, (nodes.And, nodes.Or)):
            sides = [test.left, test.right]
            if holds == isinstance(test, nodes.Or):
                # One of the two decides; it is told which where the other is not it.
                sides = [s for s in sides if self.answer(s, message, role) is not (not holds)]
            if holds == isinstance(test, nodes.And) or len(sides) == 1:
                for side in sides:
                    yield from self.facts(side, holds, message, role)
        elif {name.name for name in _with_itself(test, nodes.Name)} == {message}:
            yield test, holds


def _compared(test: nodes.Compare, message: str, role: str) -> bool | None:
    left, operand = test.expr, test.ops[0]
    right: Any = operand.expr
    if not _is_role_of(left, message):
        left, right = right, left
        if operand.op not in ("eq", "ne") or not _is_role_of(left, message):
            return None
    values = _constants(right)
    if values is None or operand.op not in ("eq", "ne", "in", "notin"):
        return None
    if operand.op in ("eq", "ne") and isinstance(right, (nodes.List, nodes.Tuple)):
        return None
    if operand.op in ("in", "notin") and isinstance(right, nodes.Const):
        return None
    return (role in values) == (operand.op in ("eq", "in"))


def _is_role_of(node: Any, message: str) -> bool:
    if isinstance(node, nodes.Getattr):
        own = node.attr == _ROLE
    else:
        own = isinstance(node, nodes.Getitem) and node.arg == nodes.Const(_ROLE)
    return own and isinstance(node.node, nodes.Name) and node.node.name == message


def _constants(node: Any) -> Sequence[Any] | None:
    items: Sequence[Any] = node.items if isinstance(node, (nodes.List, nodes.Tuple)) else [node]
    if not all(isinstance(item, nodes.Const) for item in items):
        return None
    return [item.value for item in items]


def _with_itself(node: nodes.Node, kind: type[Any]) -> Iterator[Any]:
    if isinstance(node, kind):
        yield node
    yield from node.find_all(kind)


def _mentions_role(node: nodes.Node, names: frozenset[str]) -> bool:
    return (
        any(each.attr == _ROLE for each in _with_itself(node, nodes.Getattr))
        or any(each.value == _ROLE for each in _with_itself(node, nodes.Const))
        or any(each.name in names for each in _with_itself(node, nodes.Name))
    )


def _is_made_of_roles(node: Any, names: frozenset[str]) -> bool:
    """Whether a value depends on roles alone, as far as its names tell."""
    if isinstance(node, nodes.Name):
        return node.name in names
    if isinstance(node, (nodes.Getattr, nodes.Getitem)):
        return _mentions_role(node, frozenset())
    return all(_is_made_of_roles(child, names) for child in node.iter_child_nodes())
