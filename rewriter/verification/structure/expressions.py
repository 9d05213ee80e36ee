"""Read expressions as terms, and record what may raise in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from jinja2 import nodes

from rewriter.verification.structure.filters import Filters
from rewriter.verification.structure.kinds import is_text
from rewriter.verification.structure.path import Path, Unread
from rewriter.verification.structure.rows import Rows
from rewriter.verification.structure.terms import Term, is_const

_METHODS: Final = frozenset(
    {"strip", "lstrip", "rstrip", "upper", "lower", "title", "capitalize", "replace", "join"}
    | {"removeprefix", "removesuffix", "expandtabs", "zfill", "ljust", "rjust", "center"}
    | {"swapcase", "casefold", "split", "rsplit", "splitlines", "partition", "rpartition"}
    | {"startswith", "endswith", "find", "rfind", "index", "rindex", "count", "isdigit"}
    | {"isalpha", "isalnum", "isspace", "isupper", "islower", "isnumeric", "isdecimal", "istitle"}
    | {"get", "items", "keys", "values", "copy", "format"}
)
_PURE_FUNCTIONS: Final = frozenset({"range", "dict"})

Called = Callable[[nodes.Call, Term, Path], Term]


class Expressions(Filters):
    """Reads the expressions of a template."""

    def __init__(self, rows: Rows, call_macro: Called) -> None:
        super().__init__(rows)
        self._call_macro = call_macro

    def value(self, node: nodes.Node, path: Path) -> Term:
        """The value of an expression, as a term."""
        self.terms.spend()
        read = getattr(self, f"_read_{type(node).__name__.lower()}", None)
        if read is None:
            raise Unread(f"an expression of the kind {type(node).__name__}", node)
        term: Term = read(node, path)
        return term

    def _read_call(self, node: nodes.Call, path: Path) -> Term:
        if isinstance(node.node, nodes.Getattr):
            return self._method(node, node.node, path)
        if isinstance(node.node, nodes.Name):
            return self._function(node, node.node.name, path)
        raise Unread("a call of what is computed", node)

    def _method(self, node: nodes.Call, method: nodes.Getattr, path: Path) -> Term:
        base = self.value(method.node, path)
        self.needs("defined", base, path)
        args = self.arguments(node, path)
        term = self.terms.make("call", method.attr, base, *args)
        pure = method.attr in _METHODS and not term.mutable and base.kind != "loop"
        if pure and _never_raises(term):
            return term
        return self.raising(term if pure else self._once(term, path), path)

    def _once(self, term: Term, path: Path) -> Term:
        """A value that differs each time it is computed."""
        term = self.terms.make("once", term, path.state)
        path.state = self.terms.make("changed", path.state, term)
        return term

    def _function(self, node: nodes.Call, name: str, path: Path) -> Term:
        value = path.names.get(name)
        if value is not None and value.kind == "macro":
            return self._call_macro(node, value, path)
        args = self.arguments(node, path)
        if value is not None:
            raise Unread("a call of what a name holds", node)
        if name == "raise_exception":
            self.fail(path)
            return self.terms.undefined
        if name == "namespace":
            for arg in args:
                refuse_held(arg, node)
            term = self.terms.make("namespace", path.state, *args)
            path.state = self.terms.make("changed", path.state, term)
            return self.raising(term, path)
        if name in {"loop", "caller", "self", "super", "varargs", "kwargs"}:
            raise Unread(f"a call of {name}", node)
        term = self.terms.make("function", name, *args)
        if name in _PURE_FUNCTIONS and not term.mutable:
            return self.raising(term, path)
        return self.raising(self._once(term, path), path)


def _never_raises(call: Term) -> bool:
    """Whether a call of a method of text cannot raise."""
    method, base, *args = call.args
    if not is_text(base):
        return False
    if method in {"startswith", "endswith"}:
        return len(args) == 1 and isinstance(args[0], Term) and is_text(args[0])
    if not all(isinstance(a, Term) and is_const(a, str) for a in args):
        return False
    if method == "split":
        return len(args) == 0 or (len(args) == 1 and bool(args[0].args[0]))
    return method in {"strip", "lstrip", "rstrip"} and len(args) <= 1


def refuse_held(value: Any, node: nodes.Node) -> None:
    """Refuse values in a namespace that would differ when they are read again."""
    if isinstance(value, Term) and (value.marked or value.stream):
        raise Unread("a namespace that holds a stream, or what is marked as safe", node)
