"""Tests with answers given from outside, to look at the branches after them.

A branch that no conversation reaches is printed by forcing the answers of its tests. Then it is
labelled and judged like any other. Each question in a test is answered, not the test as a whole:
questions about the speaker keep their own answers, so that an assistant's turn never takes another
role's branch. Forced softly, so do all questions that are not about text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from jinja2 import nodes

from rewriter.tracing.asked_of_words import AskedOfWords
from rewriter.tracing.calls import filtered
from rewriter.tracing.role_tests import RoleTests
from rewriter.tracing.sources import Sources

# Names with a space cannot be written in a template.
IS_FORCED: Final = "is forced"
ANSWERED: Final = "answered"
ITEMS: Final = "forced items"
TESTED: Final = "tested"


class Forcing:
    """Makes the questions of a template's decisions answerable, in a copy of its tree."""

    def __init__(self, sources: Sources) -> None:
        self._roles = RoleTests.of(sources.template.tree)
        self._words = AskedOfWords(sources.template.tree)
        self._numbers: Mapping[str, Mapping[int, int]] = {
            kind: {
                id(decision.node): number
                for number, decision in enumerate(sources.decisions)
                if decision.kind == kind
            }
            for kind in ("test", "loop", "operand")
        }

    def decides(self, node: nodes.Node) -> bool:
        """Whether a node is the test of a decision."""
        return id(node) in self._numbers["test"]

    def test(self, node: nodes.Node, copy: nodes.Expr) -> nodes.Expr:
        """The copy of a test with answerable questions, which records its result."""
        number = self._numbers["test"][id(node)]
        return filtered(self._questions(copy, number, holds=True), TESTED, number)

    def operand(self, node: nodes.Node, copy: nodes.Expr) -> nodes.Expr:
        """The copy of an ``or``, ``and`` or ``default``; forced, it is its right operand."""
        number = self._numbers["operand"].get(id(node))
        if number is None:
            return copy
        last: Any = copy
        if isinstance(copy, nodes.Filter):
            right: nodes.Expr = last.args[0]
        else:
            right = last.expr2 if isinstance(copy, nodes.CondExpr) else last.right
        return nodes.CondExpr(_is_forced(number, softly=True), right, copy, lineno=copy.lineno)

    def items(self, node: nodes.For, copy: nodes.Expr) -> nodes.Expr:
        """The iterable of a loop; forced, it has an item, or none."""
        number = self._numbers["loop"].get(id(node))
        return copy if number is None else filtered(copy, ITEMS, number)

    def _questions(self, test: Any, number: int, *, holds: bool) -> nodes.Expr:
        if isinstance(test, nodes.Not):
            test.node = self._questions(test.node, number, holds=not holds)
        elif isinstance(test, (nodes.And, nodes.Or)):
            if not (self._tells_speaker(test.left, test.right)):
                test.left = self._questions(test.left, number, holds=holds)
                test.right = self._questions(test.right, number, holds=holds)
        elif not isinstance(test, nodes.Const) and not self._roles.is_fixed(test):
            answer = filtered(nodes.Const(number, lineno=test.lineno), ANSWERED, holds)
            is_asked_of_words = self._words.holds(test)
            forced = _is_forced(number, softly=is_asked_of_words)
            return nodes.CondExpr(forced, answer, test, lineno=test.lineno)
        expression: nodes.Expr = test
        return expression

    def _tells_speaker(self, *sides: nodes.Node) -> bool:
        """Whether it is asked who speaks in some turn, and whether this is that turn."""
        asks = any(self._roles.asks_of_others(side) for side in sides)
        return asks and any(_asks_for_place(side) for side in sides)


def _asks_for_place(question: nodes.Node) -> bool:
    """Whether a question is for the place in the loop, and for nothing else."""
    named = (
        *question.find_all(nodes.Name),
        *([question] if isinstance(question, nodes.Name) else ()),
    )
    return {each.name for each in named} == {"loop"}


def _is_forced(number: int, *, softly: bool) -> nodes.Expr:
    return filtered(nodes.Const(number, lineno=1), IS_FORCED, softly)
