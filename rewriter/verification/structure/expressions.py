"""What an expression computes, as a term, and what of it may raise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from jinja2 import nodes

from rewriter.verification.structure.kinds import (
    is_boolean,
    is_joined_as_text,
    is_number,
    is_text,
)
from rewriter.verification.structure.path import Path, Unread
from rewriter.verification.structure.rows import Rows
from rewriter.verification.structure.terms import STREAMS, Term, is_const

# What an attribute is read before an item of: nothing else that a conversation holds has any.
_ATTRIBUTES: Final = frozenset(
    name for kind in (str, dict, list, tuple, int, float, bool) for name in dir(kind)
)
_METHODS: Final = frozenset(
    {"strip", "lstrip", "rstrip", "upper", "lower", "title", "capitalize", "replace", "join"}
    | {"removeprefix", "removesuffix", "expandtabs", "zfill", "ljust", "rjust", "center"}
    | {"swapcase", "casefold", "split", "rsplit", "splitlines", "partition", "rpartition"}
    | {"startswith", "endswith", "find", "rfind", "index", "rindex", "count", "isdigit"}
    | {"isalpha", "isalnum", "isspace", "isupper", "islower", "isnumeric", "isdecimal", "istitle"}
    | {"get", "items", "keys", "values", "copy", "format"}
)
# Filters that do the same each time.
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
_PURE_FUNCTIONS: Final = frozenset({"range", "dict"})

Called = Callable[[nodes.Call, Term, Path], Term]


class Expressions:
    """Reads the expressions of a template."""

    def __init__(self, rows: Rows, call_macro: Called) -> None:
        self.rows = rows
        self.terms = rows.terms
        self._call_macro = call_macro
        self.marks = False

    def learn(self, tree: nodes.Template) -> None:
        """Find whether a template marks text as safe."""
        self.marks = any(each.name in _MARKING for each in tree.find_all(nodes.Filter))

    def value(self, node: nodes.Node, path: Path) -> Term:
        """What an expression computes."""
        self.terms.spend()
        read = getattr(self, f"_read_{type(node).__name__.lower()}", None)
        if read is None:
            raise Unread(f"an expression of the kind {type(node).__name__}", node)
        term: Term = read(node, path)
        return term

    def needs(self, kind: str, term: Term, path: Path) -> None:
        """Say that the template raises unless a value is what it has to be."""
        self.terms.spend()
        if term.kind == "choice":
            test, then, otherwise = term.args
            branches = [path.branch(test, answer) for answer in (True, False)]
            self.needs(kind, then, branches[0])
            self.needs(kind, otherwise, branches[1])
            self.merge_errors(test, branches[0], branches[1], path)
            return
        if kind == "text" and (is_const(term) or term.kind == "undefined"):
            met = is_text(term)
        elif kind == "defined" and term.kind == "undefined":
            met = False
        else:
            need = self.terms.make("need", kind, term)
            known = path.facts.decide(need)
            if known is not None and known[0]:
                return
            path.errors.append(self.rows.put(need, self.terms.nothing))
            path.facts = path.facts.adding(need, True)
            return
        if not met:
            self.fail(path)

    def fail(self, path: Path) -> None:
        """Say that the template raises."""
        path.errors.append(self.terms.error)
        path.end = self.terms.error

    def merge_errors(self, test: Term, then: Path, otherwise: Path, path: Path) -> None:
        """Say what raises in one branch or another, and where either does."""
        rows = [self.rows.all(branch.errors) for branch in (then, otherwise)]
        path.errors.append(self.rows.choice(test, *rows))
        if then.end is self.terms.error and otherwise.end is self.terms.error:
            path.end = self.terms.error

    def applied(self, kind: str, *args: Any, path: Path) -> Term:
        """A term, with the state that it is computed in where that may matter."""
        if any(isinstance(arg, Term) and arg.mutable for arg in args):
            args = (*args, path.state)
        return self.terms.make(kind, *args)

    def _read_const(self, node: nodes.Const, path: Path) -> Term:
        del path
        if not isinstance(node.value, (str, int, float, bool, type(None))):
            raise Unread("a constant of an unknown kind", node)
        return self.terms.const(node.value)

    def _read_name(self, node: nodes.Name, path: Path) -> Term:
        value = path.names.get(node.name)
        if value is None:
            return self.terms.make("given", node.name)
        if value.stream:
            value = self.terms.make("walked", value, path.state)
            path.state = self.terms.make("changed", path.state, value)
        return value

    def _read_getattr(self, node: nodes.Getattr, path: Path) -> Term:
        base = self.value(node.node, path)
        self.needs("defined", base, path)
        if node.attr in _ATTRIBUTES:
            return self.applied("attribute", base, node.attr, path=path)
        return self.applied("item", base, self.terms.const(node.attr), path=path)

    def _read_getitem(self, node: nodes.Getitem, path: Path) -> Term:
        base = self.value(node.node, path)
        if isinstance(node.arg, nodes.Slice):
            return self._read_slice(base, node.arg, path)
        index = self.value(node.arg, path)
        self.needs("defined", base, path)
        if not is_const(index) and not is_number(index) and not is_text(index):
            self.needs("ok", self.applied("item", base, index, path=path), path)
        return self.applied("item", base, index, path=path)

    def _read_slice(self, base: Term, node: nodes.Slice, path: Path) -> Term:
        none = self.terms.const(None)
        bounds = [
            none if bound is None else self.value(bound, path)
            for bound in (node.start, node.stop, node.step)
        ]
        if base.mutable:
            return self._raising(self.applied("slice", base, *bounds, path=path), path)
        term = self.rows.sliced(base, *bounds)
        plain = all(bound is none or is_number(bound) for bound in bounds[:2])
        if not (is_text(base) and plain and bounds[2] is none):
            self._raising(self.terms.make("slice", base, *bounds), path)
        return term

    def _raising(self, term: Term, path: Path) -> Term:
        self.needs("ok", term, path)
        return term

    def _read_concat(self, node: nodes.Concat, path: Path) -> Term:
        values = [self.value(each, path) for each in node.nodes]
        return self.rows.as_text(self.rows.all(self.shown(value, path) for value in values))

    def shown(self, term: Term, path: Path) -> Term:
        """The row that is printed of a value; of a namespace it is what that then holds."""
        if term.mutable and not is_text(term):
            term = self.terms.make("shown", term, path.state)
        return self.rows.printed(term)

    def _read_add(self, node: nodes.Add, path: Path) -> Term:
        operands: list[nodes.Node] = []
        left: nodes.Node = node
        while isinstance(left, nodes.Add):
            operands.append(left.right)
            left = left.left
        values = [self.value(each, path) for each in (left, *reversed(operands))]
        if any(map(is_joined_as_text, values)) and not any(value.marked for value in values):
            for value in values:
                self.needs("text", value, path)
            return self.rows.as_text(self.rows.all(map(self.rows.printed, values)))
        total = values[0]
        for value in values[1:]:
            total = self.applied("add", total, value, path=path)
            if not is_number(total):
                self.needs("ok", total, path)
        return total

    def _binary(self, node: nodes.BinExpr, path: Path) -> Term:
        left, right = self.value(node.left, path), self.value(node.right, path)
        term = self.applied("op", type(node).__name__, left, right, path=path)
        return term if is_number(term) else self._raising(term, path)

    _read_sub = _read_mul = _read_div = _read_floordiv = _read_mod = _read_pow = _binary

    def _unary(self, node: nodes.UnaryExpr, path: Path) -> Term:
        value = self.value(node.node, path)
        if is_const(value, int) and not is_boolean(value):
            number = value.args[0]
            return self.terms.const(-number if isinstance(node, nodes.Neg) else number)
        term = self.applied("op", type(node).__name__, value, path=path)
        return term if is_number(term) else self._raising(term, path)

    _read_neg = _read_pos = _unary

    def _read_not(self, node: nodes.Not, path: Path) -> Term:
        return self.rows.negated(self.value(node.node, path))

    def _read_and(self, node: nodes.And, path: Path) -> Term:
        return self._joined(node, True, path)

    def _read_or(self, node: nodes.Or, path: Path) -> Term:
        return self._joined(node, False, path)

    def _joined(self, node: nodes.And | nodes.Or, asks: bool, path: Path) -> Term:
        """``left and right``, where the right is asked if the left is true, or ``or``."""
        left = self.value(node.left, path)
        return self._either(left, path, lambda: left, node.right, asks)

    def _either(
        self,
        test: Term,
        path: Path,
        kept: Callable[[], Term],
        node: nodes.Node,
        asks: bool,
    ) -> Term:
        known = path.facts.decide(test)
        if known is not None:
            return self.value(node, path) if known[0] is asks else kept()
        asked, other = path.branch(test, asks), path.branch(test, not asks)
        right = self.value(node, asked)
        self._rejoin(test, (asked, other) if asks else (other, asked), path)
        if asked.end is not None:
            path.facts = path.facts.adding(test, not asks)
            return kept()
        return self.rows.chosen(test, *((right, kept()) if asks else (kept(), right)))

    def _rejoin(self, test: Term, branches: tuple[Path, Path], path: Path) -> None:
        self.merge_errors(test, *branches, path)
        then, otherwise = branches
        path.state = self.rows.chosen(test, then.state, otherwise.state)

    def _read_condexpr(self, node: nodes.CondExpr, path: Path) -> Term:
        test = self.value(node.test, path)
        known = path.facts.decide(test)
        if known is not None:
            chosen = node.expr1 if known[0] else node.expr2
            return self.terms.undefined if chosen is None else self.value(chosen, path)
        branches = path.branch(test, True), path.branch(test, False)
        values = [
            self.terms.undefined if each is None else self.value(each, branch)
            for each, branch in zip((node.expr1, node.expr2), branches, strict=True)
        ]
        self._rejoin(test, branches, path)
        for number, branch in enumerate(branches):
            if branch.end is not None:
                path.facts = path.facts.adding(test, number == 1)
                return values[1 - number]
        return self.rows.chosen(test, *values)

    def _read_compare(self, node: nodes.Compare, path: Path) -> Term:
        left = self.value(node.expr, path)
        if len(node.ops) > 1:
            rights = [self.value(each.expr, path) for each in node.ops]
            ops = ",".join(each.op for each in node.ops)
            return self._raising(self.applied("cmp", ops, left, *rights, path=path), path)
        operation = node.ops[0]
        right = self.value(operation.expr, path)
        return self._compared(operation.op, left, right, path)

    def _compared(self, op: str, left: Term, right: Term, path: Path) -> Term:
        match op:
            case "eq":
                return self._equal(left, right, path)
            case "ne":
                return self.rows.negated(self._equal(left, right, path))
            case "in" | "notin":
                term = self.applied("in", left, right, path=path)
                literal = right.kind in {"list", "tuple"} and all(map(is_const, right.args))
                if not literal and not (is_text(left) and is_text(right)):
                    self.needs("ok", term, path)
                return term if op == "in" else self.rows.negated(term)
        return self._raising(self.applied("cmp", op, left, right, path=path), path)

    def _equal(self, left: Term, right: Term, path: Path) -> Term:
        if is_const(left) and is_const(right):
            return self.terms.const(left.args[0] == right.args[0])
        if is_const(left) or (not is_const(right) and left.number > right.number):
            left, right = right, left
        return self.applied("eq", left, right, path=path)

    def _read_test(self, node: nodes.Test, path: Path) -> Term:
        if node.kwargs or node.dyn_args is not None or node.dyn_kwargs is not None:
            raise Unread("a test with named arguments", node)
        value = self.value(node.node, path)
        args = [self.value(each, path) for each in node.args]
        if node.name in _EQUAL and len(args) == 1:
            return self._equal(value, args[0], path)
        if node.name == "in" and len(args) == 1:
            return self._compared("in", value, args[0], path)
        if node.name not in _TESTS:
            raise Unread(f"the test {node.name}", node)
        if node.name == "undefined":
            defined = self.applied("test", "defined", value, path=path)
            return self.rows.negated(defined) if not args else self._raising(defined, path)
        term = self.applied("test", node.name, value, *args, path=path)
        if node.name not in _SAFE_TESTS or args or value.stream:
            self.needs("ok", term, path)
        return term

    def _read_filter(self, node: nodes.Filter, path: Path) -> Term:
        if node.name not in _FILTERS and (node.name not in _MARKING or node.args):
            raise Unread(f"the filter {node.name}", node)
        if node.node is None:
            raise Unread("a filter of nothing", node)
        value = self.value(node.node, path)
        args = self._arguments(node, path)
        if node.name == "map" and args and not _names_filter(args[0]):
            raise Unread("a filter that is mapped", node)
        if node.name == "string" and not args and not value.stream and not value.marked:
            return self.rows.as_text(self.shown(value, path))
        term = self.applied("filter", node.name, value, *args, path=path)
        trims = node.name == "trim" and not args
        if node.name not in _SAFE_FILTERS and not trims:
            self.needs("ok", term, path)
        if term.stream and value.stream:
            path.state = self.terms.make("changed", path.state, term)
        return term

    def _arguments(self, node: nodes.Call | nodes.Filter, path: Path) -> Sequence[Any]:
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            raise Unread("arguments given as a list", node)
        found: list[Any] = [self.value(each, path) for each in node.args]
        for each in sorted(node.kwargs, key=lambda keyword: str(keyword.key)):
            found += [each.key, self.value(each.value, path)]
        return found

    def _read_call(self, node: nodes.Call, path: Path) -> Term:
        if isinstance(node.node, nodes.Getattr):
            return self._method(node, node.node, path)
        if isinstance(node.node, nodes.Name):
            return self._function(node, node.node.name, path)
        raise Unread("a call of what is computed", node)

    def _method(self, node: nodes.Call, method: nodes.Getattr, path: Path) -> Term:
        base = self.value(method.node, path)
        self.needs("defined", base, path)
        args = self._arguments(node, path)
        term = self.terms.make("call", method.attr, base, *args)
        pure = method.attr in _METHODS and not term.mutable and base.kind != "loop"
        if pure and _never_raises(term):
            return term
        return self._raising(term if pure else self._once(term, path), path)

    def _once(self, term: Term, path: Path) -> Term:
        """A value that is another one each time that it is computed."""
        term = self.terms.make("once", term, path.state)
        path.state = self.terms.make("changed", path.state, term)
        return term

    def _function(self, node: nodes.Call, name: str, path: Path) -> Term:
        value = path.names.get(name)
        if value is not None and value.kind == "macro":
            return self._call_macro(node, value, path)
        args = self._arguments(node, path)
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
            return self._raising(term, path)
        if name in {"loop", "caller", "self", "super", "varargs", "kwargs"}:
            raise Unread(f"a call of {name}", node)
        term = self.terms.make("function", name, *args)
        if name in _PURE_FUNCTIONS and not term.mutable:
            return self._raising(term, path)
        return self._raising(self._once(term, path), path)

    def _items(self, node: nodes.List | nodes.Tuple, path: Path) -> Term:
        kind = type(node).__name__.lower()
        return self.terms.make(kind, *(self.value(each, path) for each in node.items))

    _read_list = _read_tuple = _items

    def _read_dict(self, node: nodes.Dict, path: Path) -> Term:
        pairs = [self.value(each, path) for pair in node.items for each in (pair.key, pair.value)]
        return self._raising(self.terms.make("dict", *pairs), path)


def _never_raises(call: Term) -> bool:
    """Whether a call of a method of text cannot raise."""
    method, base, *args = call.args
    if not is_text(base) or not all(isinstance(a, Term) and is_const(a, str) for a in args):
        return False
    if method in {"startswith", "endswith"}:
        return len(args) == 1
    if method == "split":
        return len(args) == 0 or (len(args) == 1 and bool(args[0].args[0]))
    return method in {"strip", "lstrip", "rstrip"} and len(args) <= 1


def refuse_held(value: Any, node: nodes.Node) -> None:
    """See that a namespace holds nothing that would be another thing when it is read again."""
    if isinstance(value, Term) and (value.marked or value.stream):
        raise Unread("a namespace that holds a stream, or what is marked as safe", node)


def _names_filter(arg: Any) -> bool:
    """Whether the first argument of ``map`` is the name of a known filter, or an attribute's."""
    if isinstance(arg, Term):
        return is_const(arg, str) and arg.args[0] in _FILTERS - STREAMS
    return bool(arg in {"attribute", "default"})
