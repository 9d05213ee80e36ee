"""The numbers and texts in a template, at which its behaviour may change.

Only a longer conversation shows a limit on messages; only a text with the mark shows that texts are
cut at a mark. So there are conversations for every number and text in a template's tests, slices
and calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite
from typing import Any, Final

from jinja2 import TemplateError, nodes

from rewriter.source.constant import constant
from rewriter.source.environment import parsed
from rewriter.source.walk import find_all
from rewriter.tracing.made_from import names_in
from rewriter.tracing.variables import variables_of

# Ordinary conversations are on both sides of smaller numbers; no conversation reaches larger ones.
_LEAST: Final = 2
_MOST: Final = 200_000
# A template with more has lists of codes or the like, which are ignored.
_MOST_NUMBERS: Final = 24
_MOST_TEXTS: Final = 48
_MOST_REPLACED: Final = 8
_LONGEST_TEXT: Final = 80
_COMPARED: Final = frozenset({"in", "notin", "eq", "ne"})
# Their arguments name keys or formats, and are not searched for in a text.
_NO_TEXTS: Final = frozenset(
    {
        *("get", "update", "pop", "items", "keys", "values", "append", "format", "encode", "join"),
        *("map", "attr", "default", "d", "tojson", "indent", "groupby"),
    }
)
_BY_ATTRIBUTE: Final = frozenset({"selectattr", "rejectattr"})
_NOT_GIVEN: Final = frozenset({"messages", "add_generation_prompt"})
_OF_PYTHON: Final = frozenset({"raise_exception", "strftime_now", "namespace", "dict", "range"})


@dataclass(frozen=True, slots=True)
class Constants:
    """A template's numbers, the smallest first, and its texts, in order.

    ``replaced`` are the texts that the template replaces by others.
    """

    numbers: tuple[int, ...] = ()
    texts: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()

    def beyond(self, other: Constants) -> Constants:
        """Those that ``other`` lacks."""
        return Constants(
            tuple(number for number in self.numbers if number not in other.numbers),
            tuple(text for text in self.texts if text not in other.texts),
            tuple(text for text in self.replaced if text not in other.replaced),
        )


@lru_cache(maxsize=16)
def constants_of(source: str) -> Constants:
    """The numbers and texts of a template; none if it does not parse."""
    try:
        tree = parsed(source)
    except TemplateError:
        return Constants()
    numbers = sorted({each for each in _numbers(tree) if _LEAST <= each <= _MOST})
    texts = dict.fromkeys(text for text in _texts(tree) if 0 < len(text) <= _LONGEST_TEXT)
    given = variables_of(tree) - _NOT_GIVEN - _OF_PYTHON | {"strftime_now"}
    found = dict.fromkeys([*_asked_for_given(tree, given), *_replaced(tree)])
    replaced = [text for text in found if 0 < len(text) <= _LONGEST_TEXT]
    return Constants(
        tuple(numbers)[:_MOST_NUMBERS],
        tuple(texts)[:_MOST_TEXTS],
        tuple(replaced)[:_MOST_REPLACED],
    )


def _numbers(tree: nodes.Template) -> Iterator[int]:
    """The numbers that are written, and those that are calculated from them."""
    for node in find_all(tree, nodes.Expr):
        match constant(node):
            case (int() | float() as value,) if isfinite(value):
                yield int(value)


def _texts(tree: nodes.Template) -> Iterator[str]:
    named = _named(tree)
    for node in find_all(tree, (nodes.Compare, nodes.Call, nodes.Filter, nodes.Test)):
        for asked in _asked(node):
            for each in _written(asked):
                if isinstance(each, nodes.Name):
                    yield from named.get(each.name, ())
                elif isinstance(each, nodes.Const) and isinstance(each.value, str):
                    yield each.value


def _asked(node: nodes.Node) -> Iterator[nodes.Expr]:
    """The expressions whose values may be searched for in a text, or used to split or strip it."""
    if isinstance(node, nodes.Compare):
        if any(operand.op in _COMPARED for operand in node.ops):
            yield node.expr
            yield from (operand.expr for operand in node.ops)
    elif isinstance(node, nodes.Call):
        called = node.node
        name = called.attr if isinstance(called, nodes.Getattr) else getattr(called, "name", "")
        if name not in _NO_TEXTS | _OF_PYTHON:
            yield from node.args
            yield from (keyword.value for keyword in node.kwargs)
    elif isinstance(node, nodes.Filter) and node.name in _BY_ATTRIBUTE:
        # The first two name an attribute and a test; what it is tested for follows.
        yield from node.args[2:]
    elif isinstance(node, (nodes.Filter, nodes.Test)) and node.name not in _NO_TEXTS:
        yield from node.args
        yield from (keyword.value for keyword in node.kwargs)


def _replaced(tree: nodes.Template) -> Iterator[str]:
    """The texts that are replaced: arguments of ``replace``, and of ``split`` before a ``join``."""
    called: Iterator[nodes.Filter | nodes.Call] = find_all(tree, (nodes.Filter, nodes.Call))
    for node in called:
        name = _called(node)
        if name == "replace" and node.args[1:2] not in ([], [nodes.Const("")]):
            yield from _texts_in(node.args[:1])
        elif name == "map" and node.args[:1] == [nodes.Const("replace")]:
            yield from _texts_in(node.args[1:2])
        elif name == "join":
            splits = (each for each in node.find_all(nodes.Call) if _called(each) == "split")
            yield from _texts_in(each.args[0] for each in splits if each.args)


def _asked_for_given(tree: nodes.Template, given: frozenset[str]) -> Iterator[str]:
    """The texts that a condition compares with, in order to print given text."""
    conditions: Iterator[nodes.If | nodes.CondExpr] = find_all(tree, (nodes.If, nodes.CondExpr))
    for node in conditions:
        if isinstance(node, nodes.If):
            arms = [output for each in node.body for output in _outputs(each)]
        else:
            arms = [arm for arm in (node.expr1, node.expr2) if arm is not None]
        if any(not names_in(arm).isdisjoint(given) for arm in arms):
            for test in (node.test, *node.test.find_all(nodes.Compare)):
                if isinstance(test, nodes.Compare) and test.ops[0].op in ("in", "notin"):
                    yield from _texts_in([test.expr])


def _outputs(node: nodes.Node) -> Iterator[nodes.Node]:
    """The expressions that a statement, or a statement within it, prints."""
    if isinstance(node, nodes.Output):
        yield node
    yield from node.find_all(nodes.Output)


def _called(node: nodes.Filter | nodes.Call) -> str:
    """The name of a filter or of a method."""
    called = node.node if isinstance(node, nodes.Call) else None
    return called.attr if isinstance(called, nodes.Getattr) else str(getattr(node, "name", ""))


def _texts_in(expressions: Iterable[nodes.Expr]) -> Iterator[str]:
    written = (
        each for one in expressions for each in _written(one) if isinstance(each, nodes.Const)
    )
    yield from (each.value for each in written if isinstance(each.value, str))


def _written(node: Any) -> Iterator[nodes.Expr]:
    """The constants and names that may be the value of an expression; constants as calculated."""
    if isinstance(node, (nodes.Const, nodes.Name)):
        yield node
    elif isinstance(node, (nodes.List, nodes.Tuple)):
        for item in node.items:
            yield from _written(item)
    elif isinstance(node, nodes.CondExpr):
        yield from _written(node.expr1)
        yield from _written(node.expr2)
    elif isinstance(node, nodes.Expr) and (value := constant(node)) is not None:
        yield nodes.Const(value[0])


def _named(tree: nodes.Template) -> dict[str, list[str]]:
    """The texts that names are set to."""
    found: dict[str, list[str]] = {}
    for node in find_all(tree, nodes.Assign):
        if isinstance(node.target, nodes.Name):
            texts = (each for each in _written(node.node) if isinstance(each, nodes.Const))
            found.setdefault(node.target.name, []).extend(
                each.value for each in texts if isinstance(each.value, str)
            )
    return found
