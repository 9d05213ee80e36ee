"""The ways in which a test can have a given result, and what is known about values then."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final, TypeAlias

from jinja2 import nodes

from rewriter.source.constant import constant
from rewriter.tracing.branches import Condition, is_note
from rewriter.tracing.comparisons import COMPARED
from rewriter.tracing.unreachable import kinds as of_kind
from rewriter.tracing.unreachable.expressions import Expressions
from rewriter.tracing.unreachable.flow import Point
from rewriter.tracing.unreachable.keys import is_get
from rewriter.tracing.unreachable.keys import key as key_of
from rewriter.tracing.unreachable.kinds import Kind, Kinds, kinds_of

_SAME_ITEMS: Final = frozenset({"list", "reverse", "items", "dictsort", "sort"})
_LENGTHS: Final = frozenset({"length", "count"})
_CONTAINERS: Final = of_kind.TEXTS | of_kind.LISTS | of_kind.MAPPINGS
_TESTS: Final[Mapping[str, tuple[Kinds, Kinds]]] = {
    # The kinds for which the test may hold, and those for which it may not.
    name: (holds, fails)
    for name, holds, fails in (
        ("string", of_kind.TEXTS, of_kind.ALL - of_kind.TEXTS),
        ("mapping", of_kind.MAPPINGS, of_kind.ALL - of_kind.MAPPINGS),
        ("none", of_kind.NONE, of_kind.ALL - of_kind.NONE),
        ("defined", of_kind.ALL - of_kind.UNDEFINED, of_kind.UNDEFINED),
        ("undefined", of_kind.UNDEFINED, of_kind.ALL - of_kind.UNDEFINED),
        ("boolean", of_kind.BOOLEANS, of_kind.ALL - of_kind.BOOLEANS),
        ("true", frozenset({Kind.TRUE}), of_kind.ALL - {Kind.TRUE}),
        ("false", frozenset({Kind.FALSE}), of_kind.ALL - {Kind.FALSE}),
        *(
            (
                test,
                _CONTAINERS | of_kind.UNDEFINED | of_kind.OTHER,
                of_kind.ALL - _CONTAINERS,
            )
            for test in ("sequence", "iterable")
        ),
    )
}


@dataclass(frozen=True, slots=True)
class _Known:
    """The assumptions about one value: its kind, and what it is equal or unequal to."""

    kinds: Kinds
    equal: tuple[Any, ...] = ()
    unequal: tuple[Any, ...] = ()

    @property
    def is_possible(self) -> bool:
        return bool(self.kinds) and not (
            len(set(self.equal)) > 1 or set(self.equal) & set(self.unequal)
        )


@dataclass(frozen=True, slots=True)
class OfKinds:
    """An expression, and the kinds that its value must be of."""

    test: nodes.Expr
    kinds: Kinds


# What is known about each value, and the result of each test, by their keys.
State: TypeAlias = Mapping[Hashable, Any]


class Assuming:
    """Makes assumptions about the results of one template's tests.

    Args:
        expressions: tells what kinds of value an expression may have.

    """

    def __init__(self, expressions: Expressions) -> None:
        self._expressions = expressions

    def ways(
        self, condition: Condition | OfKinds, point: Point, state: State
    ) -> Iterator[tuple[Sequence[Condition], State]]:
        """The ways in which a condition can hold: what else must, and what is known then."""
        test: Any = condition.test
        if isinstance(condition, OfKinds):
            yield from (((), after) for after in self._known(test, condition.kinds, point, state))
            return
        wanted = condition.holds
        fixed = constant(test)
        if fixed is not None:
            if bool(fixed[0]) == wanted:
                yield (), state
        elif isinstance(test, nodes.Not):
            yield (Condition(test.node, not wanted),), state
        elif isinstance(test, nodes.Or) and is_note(test.left):
            yield (Condition(test.right, wanted),), state
        elif isinstance(test, (nodes.And, nodes.Or)):
            left, right = Condition(test.left, wanted), Condition(test.right, wanted)
            if isinstance(test, nodes.And) == wanted:
                yield (left, right), state
            else:
                yield (left,), state
                yield (Condition(test.left, not wanted), right), state
        elif isinstance(test, nodes.Compare) and len(test.ops) == 1:
            yield from (((), after) for after in self._compared(test, wanted, point, state))
        elif isinstance(test, nodes.Test):
            yield from (((), after) for after in self._tested(test, wanted, point, state))
        else:
            kinds = of_kind.TRUTHY if wanted else of_kind.FALSY
            yield from (((), after) for after in self._known(test, kinds, point, state))

    def _tested(
        self, test: nodes.Test, wanted: bool, point: Point, state: State
    ) -> Iterator[State]:
        if test.name not in _TESTS:
            yield from self._remembered(test, wanted, state)
            return
        holds, fails = _TESTS[test.name]
        yield from self._known(test.node, holds if wanted else fails, point, state)

    def _compared(
        self, test: nodes.Compare, wanted: bool, point: Point, state: State
    ) -> Iterator[State]:
        left: Any = test.expr
        right: Any = test.ops[0].expr
        op = test.ops[0].op
        if op in {"in", "notin"}:
            yield from self._contained(left, right, (op == "in") == wanted, point, state)
            return
        if constant(left) is not None:
            left, right = right, left
            op = {"lt": "gt", "gt": "lt", "lteq": "gteq", "gteq": "lteq"}.get(op, op)
        fixed = constant(right)
        if isinstance(left, nodes.Filter) and left.name in _LENGTHS and fixed is not None:
            kinds = _of_length(op, fixed[0], wanted)
            for after in self._known(left.node, kinds, point, state):
                yield from self._remembered(test, wanted, after)
        elif op in {"eq", "ne"} and fixed is not None:
            yield from self._equal(left, fixed[0], (op == "eq") == wanted, point, state)
        else:
            yield from self._remembered(test, wanted, state)

    def _contained(
        self, part: Any, whole: Any, wanted: bool, point: Point, state: State
    ) -> Iterator[State]:
        items = constant(whole)
        if items is not None and isinstance(items[0], (list, tuple)):
            if wanted:
                for value in items[0]:
                    yield from self._equal(part, value, True, point, state)
                return
            states = [state]
            for value in items[0]:
                each = [self._equal(part, value, False, point, known) for known in states]
                states = list(chain.from_iterable(each))
            yield from states
            return
        test = nodes.Compare(part, [nodes.Operand("in", whole)])
        fixed = constant(part)
        for after in self._remembered(test, wanted, state):
            if wanted and fixed is not None and fixed[0] != "":
                yield from self._known(whole, of_kind.FULL | of_kind.OTHER, point, after)
            else:
                yield after

    def _equal(
        self, expression: Any, value: Any, wanted: bool, point: Point, state: State
    ) -> Iterator[State]:
        if isinstance(value, (list, tuple, dict)):
            yield state
            return
        kinds = _alike(value) if wanted else of_kind.ALL
        for after in self._known(expression, kinds, point, state):
            key = key_of(expression)
            known = after.get(key)
            if not isinstance(known, _Known):
                yield after
                continue
            if wanted:
                changed = _Known(known.kinds, (*known.equal, value), known.unequal)
            else:
                alone = kinds_of(value) if _is_alone(value) else frozenset()
                changed = _Known(known.kinds - alone, known.equal, (*known.unequal, value))
            if changed.is_possible:
                yield {**after, key: changed}

    def _known(self, expression: Any, kinds: Kinds, point: Point, state: State) -> Iterator[State]:
        """The state with an expression's value known to be of some kinds, if that may be."""
        subject = expression
        while (same := _of_same_items(subject)) is not None:
            # A list made of another has items where the other has.
            subject = same
            kinds = _spread(kinds)
        if _is_default(subject):
            yield from self._known(subject.node, kinds - of_kind.UNDEFINED, point, state)
            if self._expressions.kinds(subject.args[0], point) & kinds:
                yield from self._known(subject.node, of_kind.UNDEFINED, point, state)
            return
        asked = isinstance(subject, nodes.Call) and is_get(subject)
        if asked:
            # `get` gives none for what an item would be undefined.
            nothing = of_kind.NONE | of_kind.UNDEFINED
            kinds = kinds | nothing if Kind.NONE in kinds else kinds - nothing
        key = key_of(subject)
        if key is None:
            if self._expressions.kinds(subject, point) & kinds:
                yield state
            return
        known = state.get(key)
        if not isinstance(known, _Known):
            own = of_kind.DATA if asked else self._expressions.kinds(subject, point)
            known = _Known(own)
        changed = _Known(known.kinds & kinds, known.equal, known.unequal)
        if changed.is_possible:
            yield {**state, key: changed}

    @staticmethod
    def _remembered(test: nodes.Node, wanted: bool, state: State) -> Iterator[State]:
        """A test about which nothing is known has the same result each time."""
        key = key_of(test)
        if key is None:
            yield state
        elif state.get(key, wanted) == wanted:
            yield {**state, key: wanted}


def _of_same_items(node: Any) -> nodes.Expr | None:
    """The expression with the same number of items, if there is one."""
    if isinstance(node, nodes.Filter) and node.name in _SAME_ITEMS and not node.args:
        inner: nodes.Expr | None = node.node
        return inner
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Getattr):
        return node.node.node if node.node.attr == "items" else None
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Slice):
        slice_ = node.arg
        return node.node if slice_.start is None and slice_.stop is None else None
    return None


def _is_default(node: Any) -> bool:
    is_it = isinstance(node, nodes.Filter) and node.name in {"default", "d"}
    return is_it and len(node.args) == 1 and not node.kwargs


def _spread(kinds: Kinds) -> Kinds:
    """The kinds of a value with as many items as a value of one of these kinds."""
    found = kinds & (of_kind.NONE | of_kind.OTHER | of_kind.NUMBERS | of_kind.BOOLEANS)
    if kinds & of_kind.FULL:
        found |= of_kind.FULL | of_kind.OTHER
    if kinds & (of_kind.EMPTY | of_kind.UNDEFINED):
        found |= of_kind.EMPTY | of_kind.UNDEFINED | of_kind.OTHER
    return found


def _of_length(op: str, number: Any, wanted: bool) -> Kinds:
    """The kinds of values whose length compares in this way."""
    compare = COMPARED[op]
    try:
        empty = compare(0, number) == wanted
        # Beyond these a comparison comes out as at the nearest of them.
        near = (1, int(number), int(number) + 1, 10**9)
        full = any(compare(n, number) == wanted for n in near if n > 0)
    except (TypeError, ValueError, OverflowError):
        return of_kind.ALL
    found = of_kind.OTHER
    if empty:
        found |= of_kind.EMPTY | of_kind.UNDEFINED
    if full:
        found |= of_kind.FULL
    return found


def _alike(value: Any) -> Kinds:
    """The kinds of values that may equal a constant; for jinja2, 1 equals true."""
    if value in (0, 1) and not isinstance(value, str):
        return kinds_of(bool(value)) | kinds_of(int(value))
    return kinds_of(value)


def _is_alone(value: Any) -> bool:
    return value is None or value is True or value is False or value == ""
