"""Read operators: joins of text, choices, comparisons, and reads of attributes and items."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from jinja2 import nodes

from rewriter.verification.structure.evaluation import Evaluation
from rewriter.verification.structure.kinds import (
    is_boolean,
    is_joined_as_text,
    is_number,
    is_text,
)
from rewriter.verification.structure.path import Path, Unread
from rewriter.verification.structure.terms import Term, is_const

# Names that `.` reads as attributes before items: those of all types in a conversation.
_ATTRIBUTES: Final = frozenset(
    name for kind in (str, dict, list, tuple, int, float, bool) for name in dir(kind)
)


class Operators(Evaluation):
    """Reads names, literals and operators."""

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
            return self.raising(self.applied("slice", base, *bounds, path=path), path)
        term = self.rows.sliced(base, *bounds)
        plain = all(bound is none or is_number(bound) for bound in bounds[:2])
        if not (is_text(base) and plain and bounds[2] is none):
            self.raising(self.terms.make("slice", base, *bounds), path)
        return term

    def _read_concat(self, node: nodes.Concat, path: Path) -> Term:
        values = [self.value(each, path) for each in node.nodes]
        return self.rows.as_text(self.rows.all(self.shown(value, path) for value in values))

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
        return term if is_number(term) else self.raising(term, path)

    _read_sub = _read_mul = _read_div = _read_floordiv = _read_mod = _read_pow = _binary

    def _unary(self, node: nodes.UnaryExpr, path: Path) -> Term:
        value = self.value(node.node, path)
        if is_const(value, int) and not is_boolean(value):
            number = value.args[0]
            return self.terms.const(-number if isinstance(node, nodes.Neg) else number)
        term = self.applied("op", type(node).__name__, value, path=path)
        return term if is_number(term) else self.raising(term, path)

    _read_neg = _read_pos = _unary

    def _read_not(self, node: nodes.Not, path: Path) -> Term:
        return self.rows.negated(self.value(node.node, path))

    def _read_and(self, node: nodes.And, path: Path) -> Term:
        return self._joined(node, True, path)

    def _read_or(self, node: nodes.Or, path: Path) -> Term:
        return self._joined(node, False, path)

    def _joined(self, node: nodes.And | nodes.Or, asks: bool, path: Path) -> Term:
        """``left and right``, which reads the right only if the left is true, or ``or``."""
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
            return self.raising(self.applied("cmp", ops, left, *rights, path=path), path)
        operation = node.ops[0]
        right = self.value(operation.expr, path)
        return self.compared(operation.op, left, right, path)

    def compared(self, op: str, left: Term, right: Term, path: Path) -> Term:
        """The value of a comparison."""
        match op:
            case "eq":
                return self.equal(left, right, path)
            case "ne":
                return self.rows.negated(self.equal(left, right, path))
            case "in" | "notin":
                term = self.applied("in", left, right, path=path)
                literal = right.kind in {"list", "tuple"} and all(map(is_const, right.args))
                if not literal and not (is_text(left) and is_text(right)):
                    self.needs("ok", term, path)
                return term if op == "in" else self.rows.negated(term)
        return self.raising(self.applied("cmp", op, left, right, path=path), path)

    def equal(self, left: Term, right: Term, path: Path) -> Term:
        """The comparison of two values for equality, in either order."""
        if is_const(left) and is_const(right):
            return self.terms.const(left.args[0] == right.args[0])
        if is_const(left) or (not is_const(right) and left.number > right.number):
            left, right = right, left
        return self.applied("eq", left, right, path=path)

    def _items(self, node: nodes.List | nodes.Tuple, path: Path) -> Term:
        kind = type(node).__name__.lower()
        return self.terms.make(kind, *(self.value(each, path) for each in node.items))

    _read_list = _read_tuple = _items

    def _read_dict(self, node: nodes.Dict, path: Path) -> Term:
        pairs = [self.value(each, path) for pair in node.items for each in (pair.key, pair.value)]
        return self.raising(self.terms.make("dict", *pairs), path)
