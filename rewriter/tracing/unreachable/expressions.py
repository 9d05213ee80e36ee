"""What kinds of value an expression may have, whatever the conversation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from jinja2 import nodes

from rewriter.tracing.branches import is_note
from rewriter.tracing.unreachable.flow import Flow, Point
from rewriter.tracing.unreachable.kinds import (
    ALL,
    BOOLEANS,
    DATA,
    FALSY,
    FULL,
    LISTS,
    NUMBERS,
    OTHER,
    TEXTS,
    TRUTHY,
    UNDEFINED,
    Kind,
    Kinds,
    kinds_of,
)
from rewriter.tracing.unreachable.names import Names, is_split

_TO_TEXT: Final = frozenset(
    {
        "trim",
        "lower",
        "upper",
        "string",
        "replace",
        "join",
        "title",
        "capitalize",
        "indent",
        "escape",
    }
)
_METHODS_TO_TEXT: Final = frozenset({"strip", "lstrip", "rstrip", "lower", "upper", "replace"})
_DEEPEST: Final = 12
_EMPTIED: Final = {
    Kind.TEXT: Kind.NO_TEXT,
    Kind.ITEMS: Kind.NO_ITEMS,
}


class Expressions:
    """Finds the kinds of value that the expressions of one template may have.

    Args:
        flow: the template.
        refined: what is known of an expression at a point, by the tests around that.

    """

    def __init__(self, flow: Flow, refined: Callable[[nodes.Expr, Point], Kinds]) -> None:
        self._flow = flow
        self._names = Names(flow, refined, self.kinds)
        self._readers: Mapping[type, Callable[[Any, Point | None], Kinds]] = {
            nodes.Const: self._constant,
            nodes.List: self._list,
            nodes.Tuple: self._list,
            nodes.Dict: self._dict,
            nodes.Concat: self._joined,
            nodes.Add: self._added,
            nodes.Not: self._truth,
            nodes.Compare: self._truth,
            nodes.Test: self._truth,
            nodes.Or: self._either,
            nodes.And: self._both,
            nodes.CondExpr: self._conditional,
            nodes.Name: self._names.name,
            nodes.Getattr: self._attribute,
            nodes.Getitem: self._element,
            nodes.Filter: self._filtered,
            nodes.Call: self._called,
        }
        self._depth = 0
        self._known: dict[tuple[int, int], Kinds] = {}

    def settle(self) -> None:
        """Find out whether macros and namespaces only get data."""
        self._names.settle()
        self._known.clear()

    def kinds(self, node: Any, point: Point | None) -> Kinds:
        """The kinds that the value of an expression may have where it is evaluated."""
        key = id(node), id(point)
        if key not in self._known:
            if self._depth > _DEEPEST:
                return ALL
            self._depth += 1
            read = self._readers.get(type(node))
            self._known[key] = read(node, point) if read else ALL
            self._depth -= 1
        return self._known[key]

    def _constant(self, node: nodes.Const, _: Point | None) -> Kinds:
        return kinds_of(node.value)

    def _list(self, node: Any, _: Point | None) -> Kinds:
        return frozenset({Kind.ITEMS if node.items else Kind.NO_ITEMS})

    def _dict(self, node: nodes.Dict, _: Point | None) -> Kinds:
        return frozenset({Kind.FIELDS if node.items else Kind.NO_FIELDS})

    def _joined(self, node: nodes.Concat, point: Point | None) -> Kinds:
        parts = (self.kinds(part, point) for part in node.nodes)
        return frozenset({Kind.TEXT}) if any(part <= {Kind.TEXT} for part in parts) else TEXTS

    def _added(self, node: nodes.Add, point: Point | None) -> Kinds:
        """Text is added to text alone, and a list to a list, or jinja2 raises."""
        sides = self.kinds(node.left, point), self.kinds(node.right, point)
        for family in (TEXTS, LISTS):
            if any(side <= family for side in sides):
                full = family & FULL
                return full if any(side <= full for side in sides) else family
        return DATA - UNDEFINED

    def _truth(self, _: Any, __: Point | None) -> Kinds:
        return BOOLEANS

    def _either(self, node: nodes.Or, point: Point | None) -> Kinds:
        if is_note(node.left):
            return self.kinds(node.right, point)
        return (self.kinds(node.left, point) & TRUTHY) | self.kinds(node.right, point)

    def _both(self, node: nodes.And, point: Point | None) -> Kinds:
        return (self.kinds(node.left, point) & FALSY) | self.kinds(node.right, point)

    def _conditional(self, node: nodes.CondExpr, point: Point | None) -> Kinds:
        other = UNDEFINED if node.expr2 is None else self.kinds(node.expr2, point)
        return self.kinds(node.expr1, point) | other

    def _attribute(self, node: nodes.Getattr, _: Point | None) -> Kinds:
        if isinstance(node.node, nodes.Name) and node.node.name == "loop":
            return {"first": BOOLEANS, "last": BOOLEANS, "index": frozenset({Kind.NUMBER})}.get(
                node.attr, ALL
            )
        return self._names.field(node.attr)

    def _element(self, node: nodes.Getitem, point: Point | None) -> Kinds:
        if not isinstance(node.arg, nodes.Slice):
            if is_split(node.node):
                return TEXTS | UNDEFINED
            return self._names.field(node.arg.value) if isinstance(node.arg, nodes.Const) else ALL
        of = self.kinds(node.node, point)
        emptied = {full: empty for full, empty in _EMPTIED.items() if full in of}
        return of | frozenset(emptied.values())

    def _filtered(self, node: nodes.Filter, point: Point | None) -> Kinds:
        if node.name == "tojson":
            return frozenset({Kind.TEXT})
        if node.name in _TO_TEXT:
            return TEXTS
        if node.name in {"length", "count"}:
            return NUMBERS
        if node.name == "list":
            return LISTS
        if node.name in {"default", "d"} and node.node is not None and len(node.args) == 1:
            of = self.kinds(node.node, point)
            return (of - UNDEFINED) | (
                self.kinds(node.args[0], point) if Kind.UNDEFINED in of else frozenset()
            )
        return ALL - UNDEFINED if node.name not in {"first", "last", "random", "attr"} else ALL

    def _called(self, node: nodes.Call, point: Point | None) -> Kinds:
        called: Any = node.node
        if isinstance(called, nodes.Name):
            if called.name in self._flow.macros:
                return TEXTS
            return OTHER if called.name in {"namespace", "range"} else ALL
        if is_split(node):
            return frozenset({Kind.ITEMS})
        if isinstance(called, nodes.Getattr):
            if called.attr in _METHODS_TO_TEXT:
                return TEXTS
            if called.attr in {"startswith", "endswith"}:
                return BOOLEANS
            if called.attr == "get":
                defaults = (self.kinds(default, point) for default in node.args[1:])
                return (DATA - UNDEFINED).union(*defaults)
        return ALL
