"""What kinds of value an expression may have, whatever the conversation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import FunctionType
from typing import Any, Final

from jinja2 import nodes
from jinja2.utils import Cycler, Joiner

from rewriter.tracing.branches import is_note
from rewriter.tracing.calls import pairs_of
from rewriter.tracing.unreachable.flow import Flow, Given, Point
from rewriter.tracing.unreachable.kinds import (
    ALL,
    BOOLEANS,
    DATA,
    FALSY,
    FULL,
    LISTS,
    MAPPINGS,
    NONE,
    NUMBERS,
    OTHER,
    TEXTS,
    TRUTHY,
    UNDEFINED,
    Kind,
    Kinds,
    kinds_of,
)

# Every render has these: transformers' `render_jinja_template` passes them, and raises if an item
# of one is not a mapping.
_GIVEN: Final[Mapping[str, Kinds]] = {
    "messages": LISTS,
    "tools": LISTS | NONE,
    "documents": LISTS | NONE,
    "add_generation_prompt": ALL - UNDEFINED,
    "strftime_now": OTHER,
    "raise_exception": OTHER,
    "namespace": OTHER,
    "range": OTHER,
    "dict": OTHER,
}
# Callers may pass more variables, as plain data.
_FROM_OUTSIDE: Final = ALL - OTHER
# What jinja2 finds in a value that has no such item, other than data.
_METHODS: Final = frozenset(
    name
    for cls in (dict, list, tuple, str, int, float, Cycler, Joiner, FunctionType)
    for name in dir(cls)
) | {"previtem", "nextitem", "cycle", "changed", "caller"}
_OF_MAPPINGS: Final = frozenset({"messages", "tools", "documents"})
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
        self._refined = refined
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
            nodes.Name: self._name,
            nodes.Getattr: self._attribute,
            nodes.Getitem: self._element,
            nodes.Filter: self._filtered,
            nodes.Call: self._called,
        }
        self._depth = 0
        self._arguments: dict[tuple[str, str], Kinds] = {}
        self._known: dict[tuple[int, int], Kinds] = {}
        # What macros are given, and what the fields of namespaces hold, is taken to be data. If
        # then nothing else is found to be put there, it is.
        self._passed: Kinds = DATA

    def settle(self) -> None:
        """Find out whether macros and namespaces only get data."""
        if not self._is_data_passed():
            self._passed = ALL
        self._known.clear()
        self._arguments.clear()

    def _is_data_passed(self) -> bool:
        if self._flow.is_opaque:
            return False
        values: list[tuple[nodes.Expr, Point | None]] = []
        for pairs in self._flow.fields.values():
            values += pairs
        for name, macro in self._flow.macros.items():
            values += [(default, None) for default in macro.defaults]
            for call, point in self._flow.calls[name]:
                values += [(value, point) for value in call.args]
                values += [(pair.value, point) for pair in call.kwargs]
        return all(Kind.OTHER not in self.kinds(value, point) for value, point in values)

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

    def _name(self, node: nodes.Name, point: Point | None) -> Kinds:
        if node.name == "loop":
            return OTHER
        given = self._flow.definitions(node.name, point)
        if given is None:
            return ALL
        return frozenset().union(*(self._given(node.name, each) for each in given))

    def _given(self, name: str, given: Given) -> Kinds:
        if given.value is None:
            return OTHER if name in self._flow.macros else _GIVEN.get(name, _FROM_OUTSIDE)
        if isinstance(given.value, nodes.Macro):
            return self._argument(given.value, name)
        if given.is_item:
            return self._item(given.value, given.point)
        if isinstance(given.value, nodes.AssignBlock):
            return TEXTS
        if isinstance(given.value, nodes.Name) and given.point is not None:
            return self._refined(given.value, given.point)
        return self.kinds(given.value, given.point)

    def _argument(self, macro: nodes.Macro, name: str) -> Kinds:
        """The kinds of a macro's argument, in all calls."""
        key = macro.name, name
        if self._flow.is_opaque:
            return ALL
        if key not in self._arguments:
            # A macro that calls itself may pass anything, for all that is known by now.
            self._arguments[key] = self._passed
            found: Kinds = frozenset()
            for value, point in self._values(macro, name):
                if value is None:
                    found |= UNDEFINED
                else:
                    found |= self._refined(value, point) if point else self.kinds(value, point)
            self._arguments[key] = found & self._passed
        return self._arguments[key]

    def _values(
        self, macro: nodes.Macro, name: str
    ) -> Iterator[tuple[nodes.Expr | None, Point | None]]:
        """What each call passes for an argument; ``None`` for nothing at all."""
        position = next(i for i, argument in enumerate(macro.args) if argument.name == name)
        default = position - len(macro.args) + len(macro.defaults)
        for call, point in self._flow.calls[macro.name]:
            named = [pair.value for pair in call.kwargs if pair.key == name]
            given = [*call.args[position : position + 1], *named]
            if given:
                yield given[0], point
            else:
                yield (macro.defaults[default] if default >= 0 else None), None

    def _item(self, iterable: Any, point: Point | None) -> Kinds:
        """The kinds of a loop's items; an item is never undefined."""
        if is_cut(iterable):
            return TEXTS
        if self._has_mappings(iterable, point):
            return MAPPINGS
        walked = pairs_of(iterable) or iterable
        return (DATA if Kind.OTHER not in self.kinds(walked, point) else ALL) - UNDEFINED

    def _has_mappings(self, iterable: Any, point: Point | None) -> bool:
        while isinstance(iterable, nodes.Getitem) and isinstance(iterable.arg, nodes.Slice):
            iterable = iterable.node
        if not isinstance(iterable, nodes.Name):
            return False
        given = self._flow.definitions(iterable.name, point)
        return given is not None and all(
            (iterable.name in _OF_MAPPINGS)
            if each.value is None
            else not each.is_item
            and each.value is not iterable
            and self._has_mappings(each.value, each.point)
            for each in given
        )

    def _attribute(self, node: nodes.Getattr, _: Point | None) -> Kinds:
        if isinstance(node.node, nodes.Name) and node.node.name == "loop":
            return {"first": BOOLEANS, "last": BOOLEANS, "index": frozenset({Kind.NUMBER})}.get(
                node.attr, ALL
            )
        return self._field(node.attr)

    def _field(self, name: object) -> Kinds:
        """What is found under a name: data in data, in a namespace what is put there, a method."""
        return self._passed if name in self._flow.fields else ALL if name in _METHODS else DATA

    def _element(self, node: nodes.Getitem, point: Point | None) -> Kinds:
        if not isinstance(node.arg, nodes.Slice):
            if is_cut(node.node):
                return TEXTS | UNDEFINED
            return self._field(node.arg.value) if isinstance(node.arg, nodes.Const) else ALL
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
        if is_cut(node):
            return frozenset({Kind.ITEMS})
        if isinstance(called, nodes.Getattr):
            if called.attr in _METHODS_TO_TEXT:
                return TEXTS
            if called.attr in {"startswith", "endswith"}:
                return BOOLEANS
            if called.attr == "get":
                given = (self.kinds(default, point) for default in node.args[1:])
                return (DATA - UNDEFINED).union(*given)
        return ALL


def is_cut(node: nodes.Node) -> bool:
    """Whether an expression is a text cut at something, which gives one piece at least."""
    if not (isinstance(node, nodes.Call) and isinstance(node.node, nodes.Getattr)):
        return False
    at = node.args[0] if node.args else None
    is_text = isinstance(at, nodes.Const) and isinstance(at.value, str)
    return node.node.attr in {"split", "rsplit"} and is_text
