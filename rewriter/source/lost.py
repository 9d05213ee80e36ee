"""Reads of a name after the value that it got in an inner scope is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Final, TypeAlias

from jinja2 import nodes

# Each name whose new value is lost, with the statement that assigned it.
Lost: TypeAlias = Mapping[str, nodes.Node]

_BODIES: Final = ("body", "else_")


def reads_of_lost(
    tree: nodes.Template,
    lost: Mapping[int, Lost],
    counts: Callable[[nodes.Node], bool] = lambda _: True,
) -> Iterator[tuple[str, nodes.Node, nodes.Node]]:
    """Each lost name with its assignment and the first read of it that counts.

    ``lost`` has, by a statement's ``id``, the assignments that are lost after it.
    """
    walk = _Walk(lost, counts)
    walk.through(tree.body, {})
    for (name, _), (statement, read) in walk.read.items():
        yield name, statement, read


def assigned_within(block: nodes.Node) -> dict[str, nodes.Node]:
    """The names that a block assigns in its own scope, each with its last assignment."""
    return {name: each for each in _run_in(block) for name in _names(each)}


class _Walk:
    """Follows the statements in the order that they run.

    ``read`` has, by name and statement, each lost assignment and the first read of its name.
    """

    def __init__(self, lost: Mapping[int, Lost], counts: Callable[[nodes.Node], bool]) -> None:
        self._lost = lost
        self._counts = counts
        self._macros: dict[str, frozenset[str]] = {}
        self.read: dict[tuple[str, int], tuple[nodes.Node, nodes.Node]] = {}

    def through(self, body: Iterable[nodes.Node], lost: Lost) -> Lost:
        """What is lost after ``body``, given what was lost before it."""
        for statement in body:
            lost = self._after(statement, lost)
        return lost

    def _after(self, statement: nodes.Node, lost: Lost) -> Lost:
        if isinstance(statement, nodes.If):
            return {**self._after_if(statement, lost), **self._lost.get(id(statement), {})}
        if isinstance(statement, nodes.Macro):
            self._macros[statement.name] = _free(statement)
        self._reads_of(statement, lost)
        kept = {name: setter for name, setter in lost.items() if name not in _names(statement)}
        return {**kept, **self._lost.get(id(statement), {})}

    def _after_if(self, statement: nodes.If, lost: Lost) -> Lost:
        """What is lost after any of the branches."""
        tests = (statement.test, *(branch.test for branch in statement.elif_))
        self._read(tests, lost)
        bodies = (statement.body, *(branch.body for branch in statement.elif_), statement.else_)
        return {
            name: setter for body in bodies for name, setter in self.through(body, lost).items()
        }

    def _reads_of(self, statement: nodes.Node, lost: Lost) -> None:
        """Find what a statement reads. Its body is a scope of its own."""
        own = _bound(statement)
        shown = {name: setter for name, setter in lost.items() if name not in own}
        for field, value in statement.iter_fields():
            if field in _BODIES:
                self.through(value, shown)
            else:
                values = value if isinstance(value, list) else [value]
                read = [node for node in values if isinstance(node, nodes.Node)]
                self._read(read, shown if field == "test" else lost)

    def _read(self, expressions: Iterable[nodes.Node], lost: Lost) -> None:
        for node in filter(self._counts, _loads(expressions)) if lost else ():
            for name in {node.name, *self._macros.get(node.name, ())} & lost.keys():
                self.read.setdefault((name, id(lost[name])), (lost[name], node))


def _loads(expressions: Iterable[nodes.Node]) -> Iterator[nodes.Name | nodes.NSRef]:
    for expression in expressions:
        for node in (expression, *expression.find_all((nodes.Name, nodes.NSRef))):
            if isinstance(node, nodes.NSRef) or (
                isinstance(node, nodes.Name) and node.ctx == "load"
            ):
                yield node


def _free(macro: nodes.Macro) -> frozenset[str]:
    """The names that a macro, when called, reads from the scope around it."""
    return frozenset(node.name for node in _loads(macro.body)) - _bound(macro)


def _bound(statement: nodes.Node) -> frozenset[str]:
    """The names that a statement binds only for its body."""
    if isinstance(statement, nodes.For):
        return frozenset(_stored([statement.target]))
    if isinstance(statement, nodes.With):
        return frozenset(_stored(statement.targets))
    if isinstance(statement, (nodes.Macro, nodes.CallBlock)):
        return frozenset(_stored(statement.args))
    return frozenset()


def _run_in(statement: nodes.Node) -> Iterator[nodes.Node]:
    """The statements in a body, and those in the branches of its conditionals."""
    bodies = (getattr(statement, field, ()) for field in (*_BODIES, "elif_"))
    for inner in chain.from_iterable(bodies):
        yield inner
        if isinstance(inner, nodes.If):
            yield from _run_in(inner)


def _names(statement: nodes.Node) -> tuple[str, ...]:
    """The names that a statement assigns in the surrounding scope."""
    if isinstance(statement, nodes.Macro):
        return (statement.name,)
    if isinstance(statement, (nodes.Assign, nodes.AssignBlock)):
        return tuple(_stored([statement.target]))
    return ()


def _stored(targets: Iterable[nodes.Node]) -> Iterator[str]:
    for target in targets:
        for node in (target, *target.find_all(nodes.Name)):
            if isinstance(node, nodes.Name) and node.ctx != "load":
                yield node.name
