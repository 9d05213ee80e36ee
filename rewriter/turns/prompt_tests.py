"""The tests by which the generation prompt chooses its text, read from the source."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

from jinja2 import nodes

from rewriter.source.operands import operands
from rewriter.source.template import Template

_PROMPT: Final = "add_generation_prompt"
# More texts than any prompt chooses from.
_MOST: Final = 64
_NAME: Final = re.compile(r"[\w.]+")
_BEFORE: Final = "loop.previtem"


@dataclass(frozen=True, slots=True)
class PromptText:
    """A text that the generation prompt may print.

    ``answers`` are the tests that lead to it, with their answers. They are as written, except that
    the last message is replaced by the previous one of a loop over the messages.
    """

    text: str = ""
    answers: tuple[tuple[str, bool], ...] = ()

    def __add__(self, other: PromptText) -> PromptText:
        return PromptText(self.text + other.text, (*self.answers, *other.answers))

    @property
    def condition(self) -> str:
        """The tests with their answers, as one expression."""
        answers = self.answers
        if any(_BEFORE in test for test, _ in answers):
            answers = (("loop.first", False), *answers)
        if len(answers) == 1 and answers[0][1]:
            return answers[0][0]
        written = (f"{'' if holds else 'not '}{_operand(test)}" for test, holds in answers)
        return " and ".join(written) or "true"


def _operand(expression: str) -> str:
    return expression if _NAME.fullmatch(expression) else f"({expression})"


def prompt_texts(template: Template) -> tuple[PromptText, ...]:
    """The texts that the generation prompt may print, if all are the template's own.

    Nothing if the prompt prints anything else, sets a variable that it tests, or is in several
    places.
    """
    prompts = [each for each in template.tree.body if isinstance(each, nodes.If) and _asks(each)]
    if len(prompts) != 1 or prompts[0].elif_ or prompts[0].else_:
        return ()
    return tuple(_Reading(template).of_body(prompts[0].body) or ())


def _asks(conditional: nodes.If) -> bool:
    return isinstance(conditional.test, nodes.Name) and conditional.test.name == _PROMPT


class _Reading:
    """Reads the statements and expressions of a prompt; ``None`` for what it cannot read."""

    def __init__(self, template: Template) -> None:
        self._template = template

    def of_body(self, body: Iterable[nodes.Node]) -> Sequence[PromptText] | None:
        return _joined(self._of_statement(each) for each in body)

    def _of_statement(self, statement: nodes.Node) -> Sequence[PromptText] | None:
        if isinstance(statement, nodes.Output):
            return _joined(map(self._of_expression, statement.nodes))
        if not isinstance(statement, nodes.If):
            return None
        clauses: list[nodes.If] = [statement, *statement.elif_]
        arms = [(clause.test, self.of_body(clause.body)) for clause in clauses]
        return self._of_arms(arms, statement.else_)

    def _of_expression(self, node: nodes.Node) -> Sequence[PromptText] | None:
        if isinstance(node, nodes.TemplateData):
            return [PromptText(node.data)]
        if isinstance(node, nodes.Const) and isinstance(node.value, str):
            return [PromptText(node.value)]
        if isinstance(node, nodes.CondExpr):
            otherwise = [nodes.Output([node.expr2])] if node.expr2 else []
            return self._of_arms([(node.test, self._of_expression(node.expr1))], otherwise)
        row = operands(node) if isinstance(node, nodes.Expr) else ()
        return _joined(map(self._of_expression, row)) if len(row) > 1 else None

    def _of_arms(
        self,
        arms: Iterable[tuple[nodes.Node, Sequence[PromptText] | None]],
        otherwise: Sequence[nodes.Node],
    ) -> Sequence[PromptText] | None:
        found: list[PromptText] = []
        failed = PromptText()
        for test, texts in (*arms, (None, self.of_body(otherwise))):
            if texts is None:
                return None
            written = self._written(test) if test else ""
            asked = failed + PromptText(answers=((written, True),)) if test else failed
            found += [asked + each for each in texts]
            failed += PromptText(answers=((written, False),))
        return found

    def _written(self, test: nodes.Node) -> str:
        """A test as written, about the previous message instead of the last."""
        source, start = self._template.source(test), self._start(test)
        last = [each for each in (test, *test.find_all(nodes.Expr)) if _is_last_message(each)]
        for each in sorted(last, key=self._start, reverse=True):
            at = self._start(each) - start
            source = source[:at] + _BEFORE + source[at + len(self._template.source(each)) :]
        return source

    def _start(self, node: nodes.Node) -> int:
        span = self._template.span(node)
        return span.start if span else 0


def _is_last_message(node: nodes.Node) -> bool:
    if isinstance(node, nodes.Filter):
        is_last, of = node.name == "last", node.node
    elif isinstance(node, nodes.Getitem):
        is_last, of = node.arg in (nodes.Neg(nodes.Const(1)), nodes.Const(-1)), node.node
    else:
        return False
    return is_last and isinstance(of, nodes.Name) and of.name == "messages"


def _joined(parts: Iterable[Sequence[PromptText] | None]) -> Sequence[PromptText] | None:
    found: Sequence[PromptText] = [PromptText()]
    for part in parts:
        if part is None or len(part) * len(found) > _MOST:
            return None
        found = list(_products(found, part))
    return found


def _products(one: Sequence[PromptText], other: Sequence[PromptText]) -> Iterator[PromptText]:
    return (before + after for before, after in product(one, other))
