"""What the generation prompt asks to choose its text, read off the template's source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

from jinja2 import nodes

from rewriter.source.template import Template
from rewriter.tracing.instrument import operands

_PROMPT: Final = "add_generation_prompt"
# More texts than a prompt has to choose from.
_MOST: Final = 64


@dataclass(frozen=True, slots=True)
class PromptText:
    """A text that the generation prompt may print, and the tests that have it print that.

    Each of ``tests`` is an expression as it is written in the template.
    """

    text: str = ""
    tests: tuple[str, ...] = ()

    def __add__(self, other: PromptText) -> PromptText:
        return PromptText(self.text + other.text, (*self.tests, *other.tests))

    @property
    def condition(self) -> str:
        """All tests, as one expression."""
        return " and ".join(self.tests) or "true"


def prompt_texts(template: Template) -> tuple[PromptText, ...]:
    """What the generation prompt may print, where it is the template's own text alone.

    Nothing where the prompt passes on anything else, sets what it asks, or stands in several
    places.
    """
    prompts = [each for each in template.tree.body if isinstance(each, nodes.If) and _asks(each)]
    if len(prompts) != 1 or prompts[0].elif_ or prompts[0].else_:
        return ()
    return tuple(_Reading(template).of_body(prompts[0].body) or ())


def _asks(conditional: nodes.If) -> bool:
    return isinstance(conditional.test, nodes.Name) and conditional.test.name == _PROMPT


class _Reading:
    """Reads the statements and expressions of a prompt; ``None`` is what it cannot tell."""

    def __init__(self, template: Template) -> None:
        self._template = template

    def of_body(self, body: Iterable[nodes.Node]) -> Sequence[PromptText] | None:
        return _joined(self._of_statement(each) for each in body)

    def _of_statement(self, statement: nodes.Node) -> Sequence[PromptText] | None:
        if isinstance(statement, nodes.Output):
            return _joined(map(self._of_expression, statement.nodes))
        if not isinstance(statement, nodes.If):
            return None
        arms = [(each.test, each.body) for each in (statement, *statement.elif_)]
        return self._of_arms([(test, self.of_body(body)) for test, body in arms], statement.else_)

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
        arms: Iterable[tuple[nodes.Expr, Sequence[PromptText] | None]],
        otherwise: Sequence[nodes.Node],
    ) -> Sequence[PromptText] | None:
        found: list[PromptText] = []
        failed = PromptText()
        for test, texts in (*arms, (None, self.of_body(otherwise))):
            if texts is None:
                return None
            written = self._written(test) if test else None
            holds = PromptText(tests=(written,) if written else ())
            found += [failed + holds + each for each in texts]
            failed += PromptText(tests=(f"not {written}",) if written else ())
        return found

    def _written(self, test: nodes.Expr) -> str:
        source = self._template.source(test)
        is_plain = isinstance(test, (nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Call))
        return source if is_plain else f"({source})"


def _joined(parts: Iterable[Sequence[PromptText] | None]) -> Sequence[PromptText] | None:
    found: Sequence[PromptText] = [PromptText()]
    for part in parts:
        if part is None or len(part) * len(found) > _MOST:
            return None
        found = list(_products(found, part))
    return found


def _products(one: Sequence[PromptText], other: Sequence[PromptText]) -> Iterator[PromptText]:
    return (before + behind for before, behind in product(one, other))
