"""Read jinja2's filters and tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from jinja2 import nodes

from rewriter.source.operands import joined_items
from rewriter.verification.structure.kinds import is_number
from rewriter.verification.structure.operators import Operators
from rewriter.verification.structure.path import Path, Unread
from rewriter.verification.structure.terms import STREAMS, Term, is_const

# Filters that are pure functions.
_FILTERS: Final = frozenset(
    {"abs", "attr", "batch", "capitalize", "center", "count", "d", "default", "dictsort"}
    | {"filesizeformat", "first", "float", "format", "groupby", "indent", "int", "items", "join"}
    | {"last", "length", "list", "lower", "map", "max", "min", "pprint", "reject", "rejectattr"}
    | {"replace", "reverse", "round", "select", "selectattr", "slice", "sort", "string", "sum"}
    | {"title", "tojson", "trim", "truncate", "unique", "upper", "urlencode", "wordcount"}
    | {"wordwrap"}
)
_MARKING: Final = frozenset({"safe", "escape", "e", "forceescape"})
_SAFE_FILTERS: Final = frozenset({"default", "d", "string"})
_SAFE_TESTS: Final = frozenset(
    {"defined", "undefined", "none", "string", "number", "integer", "float", "boolean", "mapping"}
    | {"iterable", "sequence", "true", "false"}
)
_TESTS: Final = _SAFE_TESTS | frozenset(
    {"divisibleby", "even", "odd", "lower", "upper", "gt", "lt", "ge", "le", "ne"}
    | {"greaterthan", "lessthan", ">", "<", ">=", "<=", "!=", "sameas"}
)
_EQUAL: Final = frozenset({"eq", "equalto", "=="})


class Filters(Operators):
    """Reads filters and tests, and their arguments."""

    def _read_test(self, node: nodes.Test, path: Path) -> Term:
        if node.kwargs or node.dyn_args is not None or node.dyn_kwargs is not None:
            raise Unread("a test with named arguments", node)
        value = self.value(node.node, path)
        args = [self.value(each, path) for each in node.args]
        if node.name in _EQUAL and len(args) == 1:
            return self.equal(value, args[0], path)
        if node.name == "in" and len(args) == 1:
            return self.compared("in", value, args[0], path)
        if node.name not in _TESTS:
            raise Unread(f"the test {node.name}", node)
        if node.name == "undefined":
            defined = self.applied("test", "defined", value, path=path)
            return self.rows.negated(defined) if not args else self.raising(defined, path)
        term = self.applied("test", node.name, value, *args, path=path)
        if node.name not in _SAFE_TESTS or args or value.stream:
            self.needs("ok", term, path)
        return term

    def _read_filter(self, node: nodes.Filter, path: Path) -> Term:
        if node.name not in _FILTERS and (node.name not in _MARKING or node.args):
            raise Unread(f"the filter {node.name}", node)
        if node.node is None:
            raise Unread("a filter of nothing", node)
        if items := joined_items(node):
            shown = [self.shown(self.value(each, path), path) for each in items]
            return self.rows.as_text(self.rows.all(shown))
        value = self.value(node.node, path)
        args = self.arguments(node, path)
        if node.name == "map" and args and not _names_filter(args[0]):
            raise Unread("a filter that is mapped", node)
        if node.name == "string" and not args and not value.stream and not value.marked:
            return self.rows.as_text(self.shown(value, path))
        term = self.applied("filter", node.name, value, *args, path=path)
        is_safe = node.name in _SAFE_FILTERS or (node.name == "trim" and not args)
        if not is_safe and not is_number(term):
            self.needs("ok", term, path)
        if term.stream and value.stream:
            path.state = self.terms.make("changed", path.state, term)
        return term

    def arguments(self, node: nodes.Call | nodes.Filter, path: Path) -> Sequence[Any]:
        """The values of a call's positional and named arguments."""
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            raise Unread("arguments given as a list", node)
        found: list[Any] = [self.value(each, path) for each in node.args]
        keywords: list[Any] = list(node.kwargs)
        for each in sorted(keywords, key=lambda keyword: str(keyword.key)):
            found += [each.key, self.value(each.value, path)]
        return found


def _names_filter(arg: Any) -> bool:
    """Whether the first argument of ``map`` is the name of a known filter, or an attribute's."""
    if isinstance(arg, Term):
        return is_const(arg, str) and arg.args[0] in _FILTERS - STREAMS
    return bool(arg in {"attribute", "default"})
