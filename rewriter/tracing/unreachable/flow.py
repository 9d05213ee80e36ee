"""The place of a statement in a template, and the statements that ran before it.

The rules are jinja2's: an assignment in a loop or macro is unknown outside, and in the next round
of the loop; an assignment in an ``if`` is known after it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from jinja2 import nodes

from rewriter.source.walk import find_all, find_within
from rewriter.tracing.branches import is_note, noted


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """A place before a statement.

    Attributes:
        body: the list of statements that it is in.
        index: its index there.
        around: the point of the statement with this body, or ``None`` at the top.
        owner: that statement.

    """

    body: Sequence[nodes.Node]
    index: int
    around: Point | None = None
    owner: nodes.Node | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """An assignment of a name.

    Attributes:
        value: an expression, a block that is printed into the name, a macro of which it is an
            argument; ``None`` if the name is a variable from outside.
        point: where it is evaluated.
        is_item: whether the name is an item of the value.

    """

    value: nodes.Node | None
    point: Point | None = None
    is_item: bool = False


# ``None`` for anything that is not tracked.
Definitions: TypeAlias = "Sequence[Definition] | None"


class Flow:
    """For each branch of a template, where it is tested and what runs before.

    Attributes:
        tested: the point where a branch is tested, by its number.
        number: the branch that a list of statements is, by its ``id``.
        arms: the numbers of the branches that are arms of conditional expressions.
        macros: the macros by their names.
        calls: where each macro is called.
        fields: what the fields of namespaces are given, by their names.
        is_opaque: whether macros are called, or namespaces set, in ways that are not analysed.

    """

    def __init__(self, tree: nodes.Template) -> None:
        self.tested: dict[int, Point] = {}
        self.number: dict[int, int] = {}
        self.arms: set[int] = set()
        self.macros = {macro.name: macro for macro in find_all(tree, nodes.Macro)}
        self.calls: defaultdict[str, list[tuple[nodes.Call, Point]]] = defaultdict(list)
        self.fields: defaultdict[str, list[tuple[nodes.Expr, Point]]] = defaultdict(list)
        self.is_opaque = False
        self._called: set[int] = set()
        self._points: dict[int, Point] = {}
        self._stored: dict[int, frozenset[str]] = {}
        self._all(tree.body, None, None)
        for name in find_all(tree, nodes.Name):
            if name.ctx == "load" and name.name in self.macros and id(name) not in self._called:
                self.is_opaque = True

    def point(self, statement: nodes.Node) -> Point:
        """The place before a statement."""
        return self._points[id(statement)]

    def _all(
        self, body: Sequence[nodes.Node], around: Point | None, owner: nodes.Node | None
    ) -> None:
        for index, statement in enumerate(body):
            point = Point(body, index, around, owner)
            self._points[id(statement)] = point
            number = noted(statement)
            if number is None:
                self._one(statement, point)
            elif owner is None or any(not is_event(each) for each in body[:index]):
                # What stands before it in its own list is run before it.
                self.tested[number] = point
            elif around is not None:
                self.tested[number] = around
                self.number[id(body)] = number

    def _one(self, statement: Any, point: Point) -> None:
        if isinstance(statement, nodes.If):
            for clause in (statement, *statement.elif_):
                self._expression(clause.test, point)
                self._all(clause.body, point, statement)
            self._all(statement.else_, point, statement)
            return
        if isinstance(statement, nodes.Assign) and isinstance(statement.target, nodes.NSRef):
            filled: Any = statement.node
            self.fields[statement.target.attr].append((filled, point))
        for child in statement.iter_child_nodes():
            if isinstance(child, (nodes.Expr, nodes.Helper)):
                self._expression(child, point)
        if isinstance(getattr(statement, "body", None), list):
            self._all(statement.body, point, statement)
        if isinstance(statement, nodes.For):
            # In its `else`, nothing of the loop is known.
            self._all(statement.else_, point, nodes.Scope([]))

    def _expression(self, node: nodes.Node, point: Point) -> None:
        """Note the arms of conditional expressions, and the calls of macros."""
        found: Any
        for found in find_within(node, (nodes.Filter, nodes.Call)):
            if is_note(found):
                self.tested[found.node.value] = point
                self.arms.add(found.node.value)
            elif isinstance(found, nodes.Call) and isinstance(found.node, nodes.Name):
                self._call(found, found.node, point)

    def _call(self, call: nodes.Call, called: nodes.Name, point: Point) -> None:
        self._called.add(id(called))
        self.calls[called.name].append((call, point))
        is_starred = call.dyn_args is not None or call.dyn_kwargs is not None
        if called.name == "namespace":
            for pair in call.kwargs:
                self.fields[pair.key].append((pair.value, point))
            is_starred = is_starred or bool(call.args)
        if is_starred and (called.name in self.macros or called.name == "namespace"):
            self.is_opaque = True

    def definitions(self, name: str, point: Point | None) -> Definitions:
        """The possible assignments of a name where it is read, or ``None`` if unknown."""
        found: list[Definition] = []
        while point is not None:
            for statement in reversed(point.body[: point.index]):
                ends, defined = self._defined(statement, name)
                if defined is None:
                    return None
                found += defined
                if ends:
                    return found
            owner: Any = point.owner
            if isinstance(owner, nodes.Macro):
                is_argument = any(argument.name == name for argument in owner.args)
                return [*found, Definition(owner)] if is_argument else self._outside(found, name)
            if bound := self._bound(owner, name, point.around):
                return [*found, bound]
            targets = (*getattr(owner, "args", ()), *getattr(owner, "targets", ()))
            if any(name in self.stored(target) for target in targets):
                return None
            point = point.around
        return [*found, Definition(None)]

    def _bound(self, owner: Any, name: str, around: Point | None) -> Definition | None:
        """What a loop or a ``with`` gives a name, evaluated outside of it."""
        if isinstance(owner, nodes.For) and name in self.stored(owner.target):
            return Definition(owner.iter, around, is_item=True)
        pairs = (
            zip(owner.targets, owner.values, strict=True) if isinstance(owner, nodes.With) else ()
        )
        values = (v for t, v in pairs if isinstance(t, nodes.Name) and t.name == name)
        return next((Definition(value, around) for value in values), None)

    def _outside(self, found: list[Definition], name: str) -> Definitions:
        """A macro sees what is set where it is called, which is not tracked."""
        is_set = any(name in self.stored(statement) for statement in self._top)
        return None if is_set else [*found, Definition(None)]

    @property
    def _top(self) -> Iterator[nodes.Node]:
        for point in self._points.values():
            if point.around is None:
                yield point.body[point.index]

    def _defined(self, statement: Any, name: str) -> tuple[bool, Sequence[Definition] | None]:
        """Whether a statement certainly assigns a name, and the possible values."""
        point = self._points[id(statement)]
        target = getattr(statement, "target", None)
        if isinstance(statement, nodes.Assign) and isinstance(target, nodes.Name):
            is_it = target.name == name
            return is_it, [Definition(statement.node, point)] if is_it else []
        if isinstance(statement, nodes.AssignBlock) and isinstance(target, nodes.Name):
            is_it = target.name == name
            return is_it, [Definition(statement, point)] if is_it else []
        if isinstance(statement, nodes.If):
            return False, self._defined_in(statement, name)
        if isinstance(statement, (nodes.For, nodes.Macro)):
            return False, []
        return False, None if name in self.stored(statement) else []

    def _defined_in(self, statement: nodes.If, name: str) -> Sequence[Definition] | None:
        found: list[Definition] = []
        bodies = [statement.body, *(other.body for other in statement.elif_), statement.else_]
        for inner in (each for body in bodies for each in body):
            _, defined = self._defined(inner, name)
            if defined is None:
                return None
            found += defined
        return found

    def stored(self, statement: nodes.Node) -> frozenset[str]:
        """The names, and the fields of namespaces, that are given a value in a statement."""
        known = self._stored.get(id(statement))
        if known is None:
            found = {n.name for n in find_within(statement, nodes.Name) if n.ctx != "load"}
            known = self._stored[id(statement)] = frozenset(found) | fields_set(statement)
        return known

    def changed(self, statement: nodes.Node) -> frozenset[str]:
        """The names and fields that may have another value after a statement."""
        if isinstance(statement, (nodes.For, nodes.Macro)):
            return frozenset(name for name in self.stored(statement) if "." in name)
        return self.stored(statement)


def fields_set(node: nodes.Node) -> frozenset[str]:
    """The fields of namespaces that are set in a statement."""
    return frozenset(f"{each.name}.{each.attr}" for each in find_within(node, nodes.NSRef))


def names(expression: nodes.Node) -> frozenset[str]:
    """The names that an expression reads, and the fields of any that may be a namespace."""
    fields = {
        f"{node.node.name}.{node.attr}"
        for node in find_within(expression, nodes.Getattr)
        if isinstance(node.node, nodes.Name)
    }
    return frozenset(node.name for node in find_within(expression, nodes.Name)) | fields


def is_event(statement: Any) -> bool:
    """Whether a statement is only there to be recorded."""
    return isinstance(statement, nodes.ExprStmt) and isinstance(statement.node, nodes.Filter)
