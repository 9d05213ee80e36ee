"""What a conversation must have so that the tests around a branch pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from jinja2 import nodes

from rewriter.conversations.steering import demands
from rewriter.conversations.steering.compared import constant, constants
from rewriter.conversations.steering.demands import Demand
from rewriter.conversations.steering.places import MESSAGES, Path
from rewriter.conversations.steering.reads import Reads
from rewriter.conversations.steering.scopes import Binding
from rewriter.conversations.steering.wishes import Way, Wish, together
from rewriter.tracing.branches import Condition, is_note
from rewriter.tracing.calls import pairs_of

_MOST_NAMES: Final = 3
_MIRRORED: Final = {"lt": "gt", "lteq": "gteq", "gt": "lt", "gteq": "lteq"}
# What a name may be resolved to.
_TESTS: Final = (nodes.And, nodes.Or, nodes.Not, nodes.Compare, nodes.Test, nodes.Getattr)
_STATED: Final = "stated"
_LENGTHS: Final = frozenset({"length", "count"})
# Attributes of `loop` that grow with the list.
_PLACES: Final = frozenset({"index", "index0", "revindex", "revindex0", "length"})


class Goals:
    """Finds ways to meet the conditions of one template."""

    def __init__(
        self,
        reads: Reads,
        values: dict[Path, list[Any]],
        guards: Sequence[Sequence[Condition]],
    ) -> None:
        self._reads = reads
        self._guards = guards
        # The constants that the template compares each path with.
        self._values = values

    def ways(self, guard: Sequence[Condition]) -> list[Way]:
        """Ways to meet all of the conditions."""
        return together([list(self._ways(c.test, c.holds, ())) for c in guard])

    def _ways(self, test: Any, wanted: bool, names: tuple[str, ...]) -> Iterator[Way]:
        if isinstance(test, nodes.Not):
            yield from self._ways(test.node, not wanted, names)
        elif isinstance(test, (nodes.And, nodes.Or)):
            yield from self._joined(test, wanted, names)
        elif isinstance(test, nodes.Const):
            yield from [()] if bool(test.value) == wanted else []
        elif isinstance(test, nodes.Compare) and len(test.ops) == 1:
            operand = test.ops[0]
            yield from self._compared(test.expr, operand.op, operand.expr, wanted, names)
        elif isinstance(test, nodes.Test):
            demand = demands.kind(test.name, wanted)
            yield from self._wished(test.node, demand)
        elif isinstance(test, nodes.Call) and isinstance(test.node, nodes.Getattr):
            yield from self._called(test, wanted, names)
        elif isinstance(test, nodes.Name):
            yield from self._named(test, wanted, names)
        else:
            yield from self._true(test, wanted, names)

    def _joined(self, test: Any, wanted: bool, names: tuple[str, ...]) -> Iterator[Way]:
        sides = [side for side in (test.left, test.right) if not is_note(side)]
        if isinstance(test, nodes.And) == wanted:
            yield from together([list(self._ways(side, wanted, names)) for side in sides])
        else:
            for side in sides:
                yield from self._ways(side, wanted, names)

    def _named(self, name: nodes.Name, wanted: bool, names: tuple[str, ...]) -> Iterator[Way]:
        """A name may stand for the result of an earlier test."""
        if len(names) < _MOST_NAMES and name.name not in names:
            for binding in self._reads.scopes.bindings(name):
                if not binding.steps and isinstance(binding.value, _TESTS):
                    yield from self._ways(binding.value, wanted, (*names, name.name))
        found = list(self._true(name, wanted, names))
        bindings = self._reads.scopes.bindings(name)
        yield from found or self._set_to_constants(
            bindings, name, lambda v: bool(v) == wanted, names
        )

    def _set_to_constants(
        self,
        bindings: Iterable[Binding],
        name: nodes.Name,
        meets: Callable[[Any], bool],
        names: tuple[str, ...],
    ) -> Iterator[Way]:
        """A name that is set to constants: reach a branch that sets one that meets the test."""
        if len(names) >= _MOST_NAMES:
            return
        names = (*names, _STATED)
        away: list[list[Way]] = []
        for binding in bindings:
            if not isinstance(binding.value, nodes.Const) or binding.branch is None:
                continue
            guard = self._guards[binding.branch]
            if meets(binding.value.value):
                yield from together([list(self._ways(c.test, c.holds, names)) for c in guard])
            else:
                refused = [Condition(c.test, holds=not c.holds) for c in guard]
                away.append([w for c in refused for w in self._ways(c.test, c.holds, names)])
        yield from together(away)
        loop = self._reads.scopes.loop(name)
        # A value that is carried over between rounds of a loop shows only in a later round.
        for number in (1, 2) if loop else ():
            yield from self._wished(loop.iter, demands.long(number)) if loop else ()

    def _true(self, test: Any, wanted: bool, names: tuple[str, ...]) -> Iterator[Way]:
        pairs = pairs_of(test)
        if isinstance(test, nodes.Getitem) and isinstance(test.arg, nodes.Slice):
            start = test.arg.start
            number = start.value if isinstance(start, nodes.Const) else 0
            if isinstance(number, int) and number >= 0:
                yield from self._wished(test.node, demands.measures("gt", number, wanted))
                return
        if isinstance(test, nodes.Filter) and test.name in _LENGTHS:
            yield from self._wished(test.node, demands.truth(wanted))
            return
        if isinstance(test, nodes.Getattr) and (loop := self._loop_of(test)) is not None:
            yield from self._loop_field(test.attr, loop, wanted)
            return
        found = list(self._wished(test if pairs is None else pairs, demands.truth(wanted)))
        yield from found
        if not found and isinstance(test, nodes.Getattr):
            yield from self._filled(test, lambda v: bool(v) == wanted, names)

    def _filled(
        self, field: nodes.Getattr, meets: Callable[[Any], bool], names: tuple[str, ...]
    ) -> Iterator[Way]:
        """A namespace's field: reach a branch that sets it to a constant."""
        if isinstance(field.node, nodes.Name):
            bindings = self._reads.scopes.fields(field.node.name, field.attr)
            yield from self._set_to_constants(bindings, field.node, meets, names)

    def _wished(self, expression: Any, demand: Demand | None) -> Iterator[Way]:
        paths = self._reads.paths(expression) if demand else ()
        if demand and paths:
            yield (Wish(paths, demand),)

    def _loop_of(self, test: nodes.Getattr) -> nodes.For | None:
        if not isinstance(test.node, nodes.Name) or test.node.name != "loop":
            return None
        return self._reads.scopes.loop(test.node)

    def _loop_field(self, attr: str, loop: nodes.For, wanted: bool) -> Iterator[Way]:
        """``loop.first`` and the like need a list of some length."""
        if attr in {"last", "first"}:
            relation, number = ("gt", 2) if not wanted else ("lteq", 1)
            yield from self._wished(loop.iter, demands.measures(relation, number, wanted=True))
        elif attr in {"previtem", "nextitem", *_PLACES}:
            yield from self._wished(loop.iter, demands.long(1))

    def _called(self, test: Any, wanted: bool, names: tuple[str, ...]) -> Iterator[Way]:
        """Method calls: ``startswith``, ``endswith``, ``get``."""
        arg = test.args[0] if test.args else None
        made = {"startswith": demands.begins, "endswith": demands.ends}.get(test.node.attr)
        fixed = self._constant(arg) if arg is not None else None
        if made and isinstance(fixed, str):
            yield from self._wished(test.node.node, made(fixed, wanted))
        elif made and arg is not None:
            for path in self._reads.paths(arg):
                for value in self._values.get(path, ["a"])[:1]:
                    yield from self._wished(test.node.node, made(str(value), wanted))
        else:
            yield from self._true(test, wanted, names)

    def _compared(
        self, left: Any, op: str, right: Any, wanted: bool, names: tuple[str, ...]
    ) -> Iterator[Way]:
        if op in {"in", "notin"}:
            yield from self._contained(left, right, (op == "in") == wanted)
            return
        if isinstance(left, nodes.Const):
            left, right, op = right, left, _MIRRORED.get(op, op)
        fixed = self._constant(right)
        if fixed is None and not _is_none(right):
            yield from self._alike(left, op, right, wanted)
        elif (measured := self._measured(left)) is not None and isinstance(fixed, int):
            yield from self._sized(measured, op, fixed, wanted)
        else:
            others = self._others(left)
            demand = demands.compared(op, fixed, wanted, others)
            found = list(self._wished(left, demand))
            yield from found
            if not found and isinstance(fixed, int):
                yield from self._sized(None, op, fixed, wanted)
            elif (
                not found and isinstance(left, nodes.Getattr) and isinstance(left.node, nodes.Name)
            ):
                bindings = self._reads.scopes.fields(left.node.name, left.attr)
                yield from self._set_to_constants(bindings, left.node, demand.holds, names)

    def _alike(self, left: Any, op: str, right: Any, wanted: bool) -> Iterator[Way]:
        """A comparison of two values in the conversation."""
        if op not in {"eq", "ne"}:
            yield (Wish(((MESSAGES,),), demands.long(6)),)
            return
        paths, others = self._reads.paths(left), self._reads.paths(right)
        if not paths or not others:
            return
        if (op == "eq") == wanted:
            yield (Wish(paths, demands.truth(wanted=True), others),)
            yield (Wish(others, demands.truth(wanted=True), paths),)
        else:
            yield (Wish(paths, demands.among(["a"], True, ())),)
            yield (Wish(paths, demands.among(["b"], True, ())),)

    def _measured(self, expression: Any) -> Any:
        """The list or text whose length, or whose index, an expression is."""
        found = [
            node
            for node in _below(expression)
            if (isinstance(node, nodes.Filter) and node.name in _LENGTHS)
            or (isinstance(node, nodes.Getattr) and node.attr in _PLACES and self._loop_of(node))
        ]
        if not found:
            return None
        node = found[0]
        if isinstance(node, nodes.Filter):
            return node.node
        loop = self._loop_of(node)
        return loop.iter if loop else None

    def _sized(self, measured: Any, op: str, number: int, wanted: bool) -> Iterator[Way]:
        """A number that is a length or a count; if it is unknown of what, of turns."""
        paths = self._reads.paths(measured) if measured is not None else ()
        if paths:
            yield (Wish(paths, demands.measures(op, number, wanted)),)
        paths = paths or ((MESSAGES,),)
        for more in (number + 1, 2 * number + 3):
            if more > 0:
                yield (Wish(paths, demands.long(more)),)

    def _contained(self, part: Any, whole: Any, wanted: bool) -> Iterator[Way]:
        """``part in whole``, where either may be a constant."""
        listed = constants(whole)
        if listed is not None:
            yield from self._wished(part, demands.among(listed, wanted, self._others(part)))
            return
        fixed = self._constant(part)
        if fixed is not None:
            yield from self._wished(whole, demands.contains(fixed, wanted))
            return
        for path in self._reads.paths(part):
            for value in self._values.get(path, ["a"])[:1]:
                for way in self._wished(whole, demands.contains(value, wanted)):
                    yield (*way, Wish((path,), demands.among([value], True, ())))

    def _constant(self, node: nodes.Node) -> Any:
        """The constant that a node is, or that a name stands for."""
        if isinstance(node, nodes.Name):
            values = [binding.value for binding in self._reads.scopes.bindings(node)]
            node = values[0] if len(values) == 1 else node
        return constant(node)

    def _others(self, expression: Any) -> list[Any]:
        paths = self._reads.paths(expression)
        return [value for path in paths for value in self._values.get(path, ())]


def _is_none(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Const) and node.value is None


def _below(node: nodes.Node) -> Iterator[nodes.Node]:
    yield node
    for child in node.iter_child_nodes():
        yield from _below(child)
