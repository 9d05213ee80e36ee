"""Where the names in a template may get their values, on any path."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from jinja2 import nodes

from rewriter.conversations.steering.places import Each, Path
from rewriter.source.walk import find_all
from rewriter.tracing.branches import noted
from rewriter.tracing.calls import pairs_of

_SELF: Final = "loop"


@dataclass(frozen=True, slots=True, eq=False)
class Binding:
    """A possible value of a name: an expression, and steps from its value.

    Bindings compare by identity, since equal expressions in different places read different values.

    Attributes:
        value: the expression, or the macro or block whose output it is.
        steps: the steps from the expression's value to the name's.
        branch: the number of the branch in which the name is set.

    """

    value: nodes.Node
    steps: Path = ()
    branch: int | None = None


@dataclass(slots=True)
class _Scope:
    """The names that are set in a body, and the scope around it."""

    around: _Scope | None = None
    bindings: defaultdict[str, list[Binding]] = field(default_factory=lambda: defaultdict(list))
    # Names that have a value before the scope runs.
    given: set[str] = field(default_factory=set)


class Scopes:
    """The bindings of every name in a template, and the loop that ``loop`` refers to.

    Args:
        tree: the template, as `Noting` changed it.

    """

    def __init__(self, tree: nodes.Template) -> None:
        self.expressions: list[nodes.Expr] = []
        self.macros = {macro.name: macro for macro in find_all(tree, nodes.Macro)}
        self._of_macros = {name: _Scope() for name in self.macros}
        self._scopes: dict[int, _Scope] = {}
        self._loops: dict[int, nodes.For] = {}
        self._fields: defaultdict[tuple[str, str], list[Binding]] = defaultdict(list)
        # The number of the current branch.
        self._branch: int | None = None
        self._all(tree.body, _Scope(), None)

    def bindings(self, name: nodes.Name) -> Iterator[Binding]:
        """The bindings that a name may have where it is read, the nearest first."""
        scope = self._scopes.get(id(name))
        while scope is not None:
            yield from scope.bindings.get(name.name, ())
            if name.name in scope.given:
                return
            scope = scope.around

    def fields(self, namespace: str, name: str) -> Iterable[Binding]:
        """The bindings that a field of a namespace may have."""
        return self._fields.get((namespace, name), ())

    def loop(self, name: nodes.Name) -> nodes.For | None:
        """The innermost loop around a read of a name, which ``loop`` refers to."""
        return self._loops.get(id(name))

    def _all(self, children: Iterable[nodes.Node], scope: _Scope, loop: nodes.For | None) -> None:
        around = self._branch
        for node in children:
            number = noted(node)
            if number is None:
                self._one(node, scope, loop)
            else:
                self._branch = number
        self._branch = around

    def _one(self, node: Any, scope: _Scope, loop: nodes.For | None) -> None:
        if isinstance(node, nodes.For):
            self._loop(node, scope, loop)
            return
        if isinstance(node, nodes.Macro):
            self._macro(node, scope)
            return
        if isinstance(node, nodes.Assign):
            self._assignment(node, scope)
        elif isinstance(node, nodes.AssignBlock) and isinstance(node.target, nodes.Name):
            scope.bindings[node.target.name] += map(Binding, _printed(node))
        elif isinstance(node, nodes.Name):
            self._scopes[id(node)] = scope
            if loop is not None:
                self._loops[id(node)] = loop
        elif isinstance(node, nodes.Call):
            self._call(node)
        if isinstance(node, nodes.Expr):
            self.expressions.append(node)
        self._all(node.iter_child_nodes(), scope, loop)

    def _assignment(self, node: nodes.Assign, scope: _Scope) -> None:
        target: Any = node.target
        if isinstance(target, nodes.NSRef):
            self._fields[target.name, target.attr].append(self._binding(node.node))
            return
        if isinstance(target, nodes.Name):
            scope.bindings[target.name].append(self._binding(node.node))
            made: Any = node.node
            if isinstance(made, nodes.Call) and _name(made.node) == "namespace":
                for pair in made.kwargs:
                    self._fields[target.name, pair.key].append(self._binding(pair.value))

    def _binding(self, value: nodes.Node) -> Binding:
        return Binding(value, branch=self._branch)

    def _loop(self, node: Any, scope: _Scope, loop: nodes.For | None) -> None:
        inner = _Scope(scope)
        self._all([node.iter], scope, loop)
        targets: list[nodes.Expr] = [node.target] if isinstance(node.target, nodes.Name) else []
        steps: tuple[Each, ...] = (Each.ITEM,)
        value = node.iter
        if isinstance(node.target, nodes.Tuple) and (pairs := pairs_of(node.iter)) is not None:
            targets, value = node.target.items, pairs
            steps = (Each.NAME, Each.VALUE)
        for target, step in zip(targets, steps, strict=False):
            if isinstance(target, nodes.Name):
                inner.bindings[target.name].append(Binding(value, (step,)))
                inner.given.add(target.name)
        self._all([node.test] if node.test else [], inner, node)
        self._all(node.body, inner, node)
        self._all(node.else_, _Scope(scope), loop)

    def _macro(self, node: nodes.Macro, scope: _Scope) -> None:
        inner = self._of_macros[node.name]
        inner.around = scope
        inner.given.update(argument.name for argument in node.args)
        for argument, default in zip(node.args[::-1], node.defaults[::-1], strict=False):
            inner.bindings[argument.name].append(Binding(default))
        self._all(node.defaults, scope, None)
        self._all(node.body, inner, None)

    def _call(self, node: nodes.Call) -> None:
        """Bind the arguments of a call to the macro's parameters."""
        macro = self.macros.get(_name(node.node) or "")
        if macro is None:
            return
        bindings = self._of_macros[macro.name].bindings
        for argument, value in zip(macro.args, node.args, strict=False):
            bindings[argument.name].append(self._binding(value))
        for pair in node.kwargs:
            bindings[pair.key].append(self._binding(pair.value))


def _printed(node: nodes.Node) -> Iterator[nodes.Expr]:
    for output in node.find_all(nodes.Output):
        yield from output.nodes


def _name(node: nodes.Node) -> str | None:
    return node.name if isinstance(node, nodes.Name) else None
