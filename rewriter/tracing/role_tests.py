"""Tests in a template that depend on the speaker.

The turn decides a test on the role, so there is nothing to force: in the assistant's turn it has
one answer. Other questions in the same test may have either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any, Final

from jinja2 import nodes

from rewriter.source.walk import find_all, find_below, find_within

PROMPT: Final = "add_generation_prompt"
_ROLE: Final = "role"
_USUAL: Final = ("user", "assistant", "system", "tool")
_MOST_ROLES: Final = 6
_OWN_INDEX: Final = nodes.Getattr(nodes.Name("loop", "load"), "index0", "load")
_ALIKE: Final = (["eq"], ["ne"])
_NAMESPACE: Final = nodes.Name("namespace", "load")
_NEIGHBOURS: Final = frozenset({"previtem", "nextitem"})


@dataclass(frozen=True, slots=True)
class RoleTests:
    """Knows which names of one template hold a role, or a value made from one.

    A namespace's attribute counts as a name, written ``namespace.attribute``, unless it is set from
    other messages: a template that searches them so may find any role. ``values`` has the values of
    each name: its texts, and ``None`` for the role of a message. It has no entry for a name with
    other values. ``others`` are the names that are set from earlier or later messages, and
    ``added_to`` those of lists that the template adds messages of its own to.
    """

    names: frozenset[str]
    values: Mapping[str, frozenset[str | None]]
    others: frozenset[str]
    added_to: frozenset[str]

    @classmethod
    def of(cls, tree: nodes.Template) -> RoleTests:
        """The role tests of a template, followed through assignments and ``with``."""
        values: dict[str, list[nodes.Node]] = {}
        for name, value in _bound(tree):
            values.setdefault(name, []).append(value)
        others = _of_others(values)
        found: frozenset[str] = frozenset()
        while True:
            more = frozenset(
                name
                for name, given in values.items()
                if not ("." in name and name in others)
                and all(_is_made_of_roles(value, found) for value in given)
                and any(_mentions_role(value, found) for value in given)
            )
            if more == found:
                told = {name: _values_of(given) for name, given in values.items()}
                return cls(found, told, others, _added_to(values))
            found = more

    def is_fixed(self, question: nodes.Node) -> bool:
        """Whether the speaker decides a question, or the generation prompt.

        Of a list that the template adds its own messages to, it decides who speaks at some place.
        """
        asked = {node.name for node in find_within(question, nodes.Name)}
        if asked <= self.added_to:
            return False
        return PROMPT in asked or _mentions_role(question, self.names)

    def asks_of_others(self, question: nodes.Node) -> bool:
        """Whether the speakers of other turns decide a question."""
        return self.is_fixed(question) and _looks_around(question, self.others)

    def answer(self, test: Any, message: str, role: str) -> bool | None:
        """The result of a test in the turn of ``role``; ``None`` if it depends on more.

        ``message`` is the loop variable that holds the message.
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
            return self._compared(test, message, role)
        return None

    def _compared(self, test: nodes.Compare, message: str, role: str) -> bool | None:
        """The result of a comparison of the role, or of a name that holds one."""
        left: Any = test.expr
        operand = test.ops[0]
        right: Any = operand.expr
        if isinstance(left, nodes.Const):
            left, right = right, left
        roles = self._roles(left, message, role)
        wanted = _constants(right)
        is_list = isinstance(right, (nodes.List, nodes.Tuple))
        if not roles or wanted is None or is_list is not (operand.op in ("in", "notin")):
            return None
        found = {each in wanted for each in roles}
        return None if len(found) > 1 else found.pop() is (operand.op in ("eq", "in"))

    def _roles(self, node: Any, message: str, role: str) -> frozenset[str]:
        """The possible values of an expression that holds a role, in a turn; empty if unknown."""
        if isinstance(node, nodes.Filter) and node.name == "lower" and not node.args:
            return frozenset(map(str.lower, self._roles(node.node, message, role)))
        if _is_role_of(node, message):
            return frozenset({role})
        values = self.values.get(node.name, ()) if isinstance(node, nodes.Name) else ()
        return frozenset(role if value is None else value for value in values)

    def facts(
        self, test: Any, holds: bool, message: str, role: str
    ) -> Iterator[tuple[nodes.Expr, bool]]:
        """What the result of a test shows about a message and its place, in the turn of ``role``.

        Only from questions about nothing else, so that nothing can change between two of them.
        """
        if isinstance(test, nodes.Not):
            yield from self.facts(test.node, not holds, message, role)
        elif isinstance(test, (nodes.And, nodes.Or)):
            sides = [test.left, test.right]
            if holds == isinstance(test, nodes.Or):
                # One of the two decides; it is this one if the other does not.
                sides = [s for s in sides if self.answer(s, message, role) is not (not holds)]
            if holds == isinstance(test, nodes.And) or len(sides) == 1:
                for side in sides:
                    yield from self.facts(side, holds, message, role)
        elif answers := _compared_answers(test):
            # If one of two answers is known, so is the other, by whether they are equal.
            for one, other in permutations(answers):
                told = self.answer(one, message, role)
                if told is not None:
                    same = holds is (test.ops[0].op == "eq")
                    yield from self.facts(other, told is same, message, role)
        elif _is_steady(test, message):
            yield test, holds


def _compared_answers(test: Any) -> tuple[nodes.Expr, ...]:
    """The two tests whose answers a test compares, if it does."""
    if not isinstance(test, nodes.Compare) or [each.op for each in test.ops] not in _ALIKE:
        return ()
    sides = (test.expr, test.ops[0].expr)
    return sides if all(isinstance(each, (nodes.Compare, nodes.Not)) for each in sides) else ()


def _is_steady(test: nodes.Expr, message: str) -> bool:
    """Whether it only tests a message and its place, and the tested values never change."""
    names = {each.name for each in find_within(test, nodes.Name)}
    is_placed = names <= {message, "loop"} and not any(find_below(test, nodes.Call))
    return names == {message} or (bool(names) and is_placed)


def roles_asked(tree: nodes.Template) -> tuple[str, ...]:
    """The usual roles, and the texts that a template compares roles with.

    For a test on a substring of a role, also a longer role that contains it.
    """
    names = RoleTests.of(tree).names
    found = dict.fromkeys(_USUAL)
    for compared in find_all(tree, nodes.Compare):
        sides = [compared.expr, *(operand.expr for operand in compared.ops)]
        if any(_mentions_role(side, names) for side in sides):
            texts = (text for side in sides for text in _constants(side) or ())
            found |= {text: None for text in texts if isinstance(text, str)}
        for operand in compared.ops:
            is_part = operand.op in ("in", "notin") and _mentions_role(operand.expr, names)
            if is_part and isinstance(asked := compared.expr, nodes.Const):
                found[f"{asked.value} too"] = None
    return tuple(found)[:_MOST_ROLES]


def _of_others(values: Mapping[str, Sequence[nodes.Node]]) -> frozenset[str]:
    """The names that are set from earlier or later messages."""
    found: frozenset[str] = frozenset()
    while True:
        more = frozenset(
            name for name, given in values.items() if any(_looks_around(v, found) for v in given)
        )
        if more == found:
            return found
        found = more


def _added_to(values: Mapping[str, Sequence[nodes.Node]]) -> frozenset[str]:
    """The names of lists with messages that are written in the template."""
    return frozenset(
        name
        for name, given in values.items()
        if any(
            isinstance(value, nodes.Add) and any(find_within(value, nodes.Dict)) for value in given
        )
    )


def _looks_around(node: nodes.Node, names: frozenset[str]) -> bool:
    return (
        any(each.attr in _NEIGHBOURS for each in find_within(node, nodes.Getattr))
        or any(_is_of_messages(each) for each in find_within(node, nodes.Getitem))
        or not names.isdisjoint(_named(node))
    )


def _is_of_messages(node: nodes.Getitem) -> bool:
    """Whether it looks up a message other than the loop's, which has the loop's own index."""
    is_own = isinstance(node.arg, nodes.Name) or node.arg == _OWN_INDEX
    return isinstance(node.node, nodes.Name) and node.node.name == "messages" and not is_own


def _bound(tree: nodes.Template) -> Iterator[tuple[str, nodes.Node]]:
    """Each name that a statement assigns, with the value."""
    found: Iterator[Any] = find_all(tree, (nodes.Assign, nodes.With))
    for node in found:
        is_with = isinstance(node, nodes.With)
        pairs = (
            zip(node.targets, node.values, strict=True) if is_with else [(node.target, node.node)]
        )
        for target, value in pairs:
            yield from _unpacked(target, value)


def _unpacked(target: Any, value: Any) -> Iterator[tuple[str, nodes.Node]]:
    """The names of a target with the value of each; if values are not written out, the whole."""
    if isinstance(target, nodes.Name):
        yield target.name, value
        if isinstance(value, nodes.Call) and value.node == _NAMESPACE:
            for given in value.kwargs:
                yield f"{target.name}.{given.key}", given.value
    elif isinstance(target, nodes.NSRef):
        yield f"{target.name}.{target.attr}", value
    elif isinstance(target, nodes.Tuple):
        is_alike = isinstance(value, nodes.Tuple) and len(value.items) == len(target.items)
        for number, each in enumerate(target.items):
            yield from _unpacked(each, value.items[number] if is_alike else value)


def _values_of(expressions: Sequence[nodes.Node]) -> frozenset[str | None]:
    """The texts among a name's values, and ``None`` for a role; empty for anything else."""
    found: set[str | None] = set()
    for value in expressions:
        if isinstance(value, nodes.Const) and isinstance(value.value, str):
            found.add(value.value)
        elif isinstance(value, (nodes.Getattr, nodes.Getitem)) and _is_role_of(value, None):
            found.add(None)
        else:
            return frozenset()
    return frozenset(found)


def _is_role_of(node: Any, message: str | None) -> bool:
    """Whether it is the role of the message in a variable, or in any variable."""
    if isinstance(node, nodes.Getattr):
        own = node.attr == _ROLE
    else:
        own = isinstance(node, nodes.Getitem) and node.arg == nodes.Const(_ROLE)
    return own and isinstance(node.node, nodes.Name) and message in (None, node.node.name)


def _constants(node: Any) -> Sequence[Any] | None:
    items: Sequence[Any] = node.items if isinstance(node, (nodes.List, nodes.Tuple)) else [node]
    if not all(isinstance(item, nodes.Const) for item in items):
        return None
    return [item.value for item in items]


def _mentions_role(node: nodes.Node, names: frozenset[str]) -> bool:
    return (
        any(each.attr == _ROLE for each in find_within(node, nodes.Getattr))
        or any(each.value == _ROLE for each in find_within(node, nodes.Const))
        or not names.isdisjoint(_named(node))
    )


def _named(node: nodes.Node) -> Iterator[str]:
    """The names in an expression, and the attributes of namespaces."""
    for name in find_within(node, nodes.Name):
        yield name.name
    for read in find_within(node, nodes.Getattr):
        if isinstance(read.node, nodes.Name):
            yield f"{read.node.name}.{read.attr}"


def _is_made_of_roles(node: Any, names: frozenset[str]) -> bool:
    """Whether a value depends only on roles, judging by its names."""
    if isinstance(node, nodes.Name):
        return node.name in names
    if isinstance(node, (nodes.Getattr, nodes.Getitem)):
        return _mentions_role(node, frozenset()) or not names.isdisjoint(_named(node))
    return all(_is_made_of_roles(child, names) for child in node.iter_child_nodes())
