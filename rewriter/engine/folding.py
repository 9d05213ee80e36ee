"""Simplify expressions in which some questions have answers, as edits of their text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from jinja2 import nodes

from rewriter.source.lexer import Span
from rewriter.source.template import Template
from rewriter.tracing.questions import is_slice
from rewriter.turns.earlier_answers import Answers

# `[start, end)` of the original, with its replacement.
Change: TypeAlias = tuple[int, int, str]
Changes: TypeAlias = tuple[Change, ...]

_NEEDS_NO_PARENTHESES: Final = (
    nodes.Name,
    nodes.Const,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Call,
    nodes.Filter,
)


@dataclass(frozen=True)
class Folding:
    """Folds the expressions of one template; ``answers`` are by the ``id`` of a question's node."""

    template: Template
    answers: Mapping[int, bool]

    @classmethod
    def of(cls, template: Template, answers: Answers) -> Folding:
        """Folds with these answers."""
        return cls(template, {id(question): answer for question, answer in answers})

    def test(self, test: nodes.Expr) -> bool | Changes:
        """The result of a whole test, or its edits; parentheses around it are removed as well."""
        found = self._truth(test)
        if isinstance(found, bool) or not found:
            return found
        rest = self._rest(test)
        return found if rest is test else self._reduced(self._outer(test), rest, bare=True)

    def value(self, expression: nodes.Node) -> Changes:
        """The edits of an expression that is printed, assigned or iterated over."""
        if isinstance(expression, nodes.CondExpr):
            return self._arms(expression)
        if is_slice(expression) and id(expression) in self.answers:
            assert isinstance(expression, nodes.Getitem)
            taken, outer = self._outer(expression.node), self._outer(expression)
            return (*self.value(expression.node), (taken.end, outer.end, ""))
        return tuple(
            change for child in expression.iter_child_nodes() for change in self.value(child)
        )

    def assigned(self, expression: nodes.Expr) -> Changes:
        """The edits of a value that may be a boolean."""
        found = self._truth(expression)
        if not isinstance(found, bool):
            return found
        return ((*self._outer(expression), "true" if found else "false"),)

    def _truth(self, test: nodes.Expr) -> bool | Changes:
        if id(test) in self.answers and not is_slice(test):
            return self.answers[id(test)]
        if isinstance(test, nodes.Not):
            inner = self._truth(test.node)
            return not inner if isinstance(inner, bool) else inner
        if isinstance(test, (nodes.And, nodes.Or)):
            left, right = self._truth(test.left), self._truth(test.right)
            decisive = isinstance(test, nodes.Or)
            if left is decisive or right is decisive:
                return decisive
            if isinstance(left, bool):
                return right if isinstance(right, bool) else self._without(test, test.right)
            if isinstance(right, bool):
                return self._without(test, test.left)
            return (*left, *right)
        return self.value(test)

    def _rest(self, test: nodes.Expr) -> nodes.Expr:
        """An ``and`` or ``or`` without the operands that no longer matter."""
        while isinstance(test, (nodes.And, nodes.Or)):
            if isinstance(self._truth(test.left), bool):
                test = test.right
            elif isinstance(self._truth(test.right), bool):
                test = test.left
            else:
                break
        return test

    def _without(self, test: nodes.And | nodes.Or, kept: nodes.Expr) -> Changes:
        rest = self._rest(kept)
        simple = isinstance(rest, _NEEDS_NO_PARENTHESES)
        whole = self._outer(test) if simple else self._span(test)
        return self._reduced(whole, rest, bare=simple)

    def _reduced(self, whole: Span, rest: nodes.Expr, *, bare: bool) -> Changes:
        """``whole`` cut down to ``rest``, ``bare`` of its parentheses or not."""
        left = self._span(rest) if bare else self._outer(rest)
        inner = self._truth(rest)
        assert not isinstance(inner, bool)
        return tuple(self._cut(whole, left, inner))

    def _cut(self, whole: Span, kept: Span, inner: Changes) -> Iterator[Change]:
        if whole.start < kept.start:
            yield whole.start, kept.start, ""
        yield from inner
        if kept.end < whole.end:
            yield kept.end, whole.end, ""

    def _arms(self, conditional: nodes.CondExpr) -> Changes:
        test = self.test(conditional.test)
        whole = self._span(conditional)
        if isinstance(test, bool):
            kept = conditional.expr1 if test else conditional.expr2
            if kept is None:
                return ((*whole, "''"),)
            return tuple(self._cut(whole, self._outer(kept), self.value(kept)))
        arms = [self.value(arm) for arm in (conditional.expr1, conditional.expr2) if arm]
        return tuple(sorted((*test, *(change for arm in arms for change in arm))))

    def _span(self, node: nodes.Node) -> Span:
        span = self.template.span(node)
        assert span is not None, "what is asked is written somewhere"
        return span

    def _outer(self, node: nodes.Node) -> Span:
        outer = self.template.outer(node)
        assert outer is not None, "what is asked is written somewhere"
        return outer
