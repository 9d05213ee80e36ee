"""What kinds of value the names and fields of a template may have, whatever the conversation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import FunctionType
from typing import Any, Final

from jinja2 import nodes
from jinja2.utils import Cycler, Joiner

from rewriter.tracing.calls import pairs_of
from rewriter.tracing.unreachable.flow import Definition, Flow, Point
from rewriter.tracing.unreachable.kinds import (
    ALL,
    DATA,
    LISTS,
    MAPPINGS,
    NONE,
    OTHER,
    TEXTS,
    UNDEFINED,
    Kind,
    Kinds,
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


class Names:
    """Finds the kinds of value that the names and the fields of one template may have.

    Args:
        flow: the template.
        refined: what is known of an expression at a point, by the tests around that.
        kinds: the kinds of value that an expression may have at a point.

    """

    def __init__(
        self,
        flow: Flow,
        refined: Callable[[nodes.Expr, Point], Kinds],
        kinds: Callable[[Any, Point | None], Kinds],
    ) -> None:
        self._flow = flow
        self._refined = refined
        self._kinds = kinds
        self._arguments: dict[tuple[str, str], Kinds] = {}
        # What macros are given, and what the fields of namespaces hold, is taken to be data. If
        # then nothing else is found to be put there, it is.
        self._passed: Kinds = DATA

    def settle(self) -> None:
        """Find out whether macros and namespaces only get data; until then, it is assumed."""
        if not self._is_data_passed():
            self._passed = ALL
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
        return all(Kind.OTHER not in self._kinds(value, point) for value, point in values)

    def name(self, node: nodes.Name, point: Point | None) -> Kinds:
        """The kinds of a name's value where it is read."""
        if node.name == "loop":
            return OTHER
        definitions = self._flow.definitions(node.name, point)
        if definitions is None:
            return ALL
        return frozenset().union(*(self._defined(node.name, each) for each in definitions))

    def field(self, name: object) -> Kinds:
        """What is found under a name: data in data, in a namespace what is put there, a method."""
        return self._passed if name in self._flow.fields else ALL if name in _METHODS else DATA

    def _defined(self, name: str, definition: Definition) -> Kinds:
        if definition.value is None:
            return OTHER if name in self._flow.macros else _GIVEN.get(name, _FROM_OUTSIDE)
        if isinstance(definition.value, nodes.Macro):
            return self._argument(definition.value, name)
        if definition.is_item:
            return self._item(definition.value, definition.point)
        if isinstance(definition.value, nodes.AssignBlock):
            return TEXTS
        if isinstance(definition.value, nodes.Name) and definition.point is not None:
            return self._refined(definition.value, definition.point)
        return self._kinds(definition.value, definition.point)

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
                    found |= self._refined(value, point) if point else self._kinds(value, point)
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
            passed = [*call.args[position : position + 1], *named]
            if passed:
                yield passed[0], point
            else:
                yield (macro.defaults[default] if default >= 0 else None), None

    def _item(self, iterable: Any, point: Point | None) -> Kinds:
        """The kinds of a loop's items; an item is never undefined."""
        if is_split(iterable):
            return TEXTS
        if self._has_mappings(iterable, point):
            return MAPPINGS
        walked = pairs_of(iterable) or iterable
        return (DATA if Kind.OTHER not in self._kinds(walked, point) else ALL) - UNDEFINED

    def _has_mappings(self, iterable: Any, point: Point | None) -> bool:
        while isinstance(iterable, nodes.Getitem) and isinstance(iterable.arg, nodes.Slice):
            iterable = iterable.node
        if not isinstance(iterable, nodes.Name):
            return False
        definitions = self._flow.definitions(iterable.name, point)
        return definitions is not None and all(
            (iterable.name in _OF_MAPPINGS)
            if each.value is None
            else not each.is_item
            and each.value is not iterable
            and self._has_mappings(each.value, each.point)
            for each in definitions
        )


def is_split(node: nodes.Node) -> bool:
    """Whether an expression is a text cut at something, which gives one piece at least."""
    if not (isinstance(node, nodes.Call) and isinstance(node.node, nodes.Getattr)):
        return False
    at = node.args[0] if node.args else None
    is_text = isinstance(at, nodes.Const) and isinstance(at.value, str)
    return node.node.attr in {"split", "rsplit"} and is_text
