"""Which names of a template may be printed, followed through its assignments.

The order of statements is ignored: a name that is printed anywhere may have any of its values
there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from jinja2 import nodes

from rewriter.source.walk import find_all
from rewriter.tracing.held_whole import keeps_roles, messages_held

_UNPRINTED = (nodes.Compare, nodes.Test, nodes.Not)


def name_of(node: Any) -> str | None:
    """The name of a value: a plain name, or ``.name`` for the attribute of a namespace."""
    if isinstance(node, nodes.Name):
        return str(node.name)
    if isinstance(node, nodes.NSRef):
        return f".{node.attr}"
    if isinstance(node, nodes.Getattr):
        return f".{node.attr}"
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        return f".{node.arg.value}"
    return None


class PrintedNames:
    """The names of one tree that may be printed."""

    def __init__(self, tree: nodes.Template) -> None:
        self._macros = {macro.name: macro for macro in find_all(tree, nodes.Macro)}
        self._values: defaultdict[str, list[nodes.Node]] = defaultdict(list)
        self._assigned: set[str] = set()
        for name, value in self._definitions(tree):
            self._values[name].append(value)
        self._of_messages = self._derived({"messages"})
        self._held = messages_held(tree)
        self._keeps_roles = keeps_roles(tree)
        self._printed: set[str] = set()
        open_: list[nodes.Node] = [
            child
            for output in find_all(tree, nodes.Output)
            for child in output.nodes
            if not isinstance(child, nodes.TemplateData)
        ]
        while open_:
            for name in set(_reads(open_.pop())) - self._printed:
                self._printed.add(name)
                open_ += self._values.get(name, ())

    def prints(self, target: nodes.Node) -> bool:
        """Whether the value of a target may be printed."""
        if isinstance(target, nodes.Tuple):
            return any(self.prints(item) for item in target.items)
        return name_of(target) in self._printed

    def is_assigned(self, name: str | None) -> bool:
        """Whether a template assigns a name itself, other than by a loop."""
        return name in self._assigned

    @staticmethod
    def read_by(value: nodes.Node) -> Iterator[str]:
        """The names whose values an expression may pass on."""
        return _reads(value)

    def holds_messages(self, value: nodes.Node) -> bool:
        """Whether an expression reads the messages, or a name made from them.

        Text of a single message does not count.
        """
        if self._held.key_read_by(value):
            return False
        is_made = any(name in self._of_messages for name in _reads(value))
        return is_made or (self._keeps_roles and self._held.holds(value))

    def _derived(self, names: set[str]) -> set[str]:
        while True:
            more = {
                name
                for name, values in self._values.items()
                if name in self._assigned and any(not names.isdisjoint(_reads(v)) for v in values)
            }
            if more <= names:
                return names
            names = names | more

    def printed_arguments(self, call: nodes.Call) -> Iterator[nodes.Expr]:
        """The arguments of a call that the macro may print; all, if it is not a macro."""
        name = call.node.name if isinstance(call.node, nodes.Name) else ""
        if name in ("namespace", "dict"):
            yield from (given.value for given in call.kwargs if f".{given.key}" in self._printed)
        elif (macro := self._macros.get(name)) is not None:
            yield from (value for given, value in _bound(macro, call) if given in self._printed)
        else:
            yield from call.args

    def _definitions(self, tree: nodes.Template) -> Iterator[tuple[str, nodes.Node]]:
        for block in find_all(tree, nodes.AssignBlock):
            self._assigned.update(_targets(block.target))
        for assignment in find_all(tree, nodes.Assign):
            for name in _targets(assignment.target):
                self._assigned.add(name)
                yield name, assignment.node
            yield from self._of_namespace(assignment.node)
        for loop in find_all(tree, nodes.For):
            yield from ((name, loop.iter) for name in _targets(loop.target))
        for scope in find_all(tree, nodes.With):
            for target, value in zip(scope.targets, scope.values, strict=True):
                yield from ((name, value) for name in _targets(target))
        for macro in self._macros.values():
            defaults: Any = zip(reversed(macro.args), reversed(macro.defaults), strict=False)
            yield from ((argument.name, value) for argument, value in defaults)
        for call in find_all(tree, nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name in self._macros:
                yield from _bound(self._macros[call.node.name], call)

    def _of_namespace(self, value: nodes.Node) -> Iterator[tuple[str, nodes.Node]]:
        if not isinstance(value, nodes.Call) or not isinstance(value.node, nodes.Name):
            return
        if value.node.name in ("namespace", "dict"):
            for given in value.kwargs:
                self._assigned.add(f".{given.key}")
                yield f".{given.key}", given.value


def _bound(macro: nodes.Macro, call: nodes.Call) -> Iterator[tuple[str, nodes.Expr]]:
    """The parameters of a macro, with what a call gives them."""
    names = [argument.name for argument in macro.args]
    yield from zip(names, call.args, strict=False)
    yield from ((given.key, given.value) for given in call.kwargs)


def _targets(target: nodes.Node) -> Iterator[str]:
    if isinstance(target, nodes.Tuple):
        for item in target.items:
            yield from _targets(item)
    elif (name := name_of(target)) is not None:
        yield name


def _reads(node: nodes.Node) -> Iterator[str]:
    """The names whose values an expression may pass on."""
    if isinstance(node, _UNPRINTED):
        return
    if isinstance(node, nodes.CondExpr):
        for arm in (node.expr1, node.expr2):
            if arm is not None:
                yield from _reads(arm)
        return
    if (name := name_of(node)) is not None:
        yield name
    for child in node.iter_child_nodes():
        yield from _reads(child)
