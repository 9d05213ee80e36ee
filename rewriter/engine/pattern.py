"""Patterns: Jinja with metavariables, matched on jinja2's tree.

``$NAME`` stands for any expression; the same name twice stands for the same expression. Quote
styles, redundant parentheses and the two ways to reach a member (``m.role``, ``m['role']``)
are equal.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from jinja2 import TemplateSyntaxError, nodes

from rewriter.errors import BadInput
from rewriter.source.environment import parsing_environment
from rewriter.source.template import Template

_METAVARIABLE = re.compile(r"\$([A-Z][A-Z_]*)")
_PREFIX = "metavariable_"
_IF = re.compile(r"\{%-?\s*if\s+(.*?)\s*-?%\}", re.DOTALL)
_SIMPLE = (nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem, nodes.Call, nodes.Filter)

Bindings = Mapping[str, nodes.Expr]


@dataclass(frozen=True)
class Pattern:
    """An expression with metavariables; ``is_test`` if it is the test of an ``if`` or ``elif``."""

    source: str
    expression: nodes.Expr
    is_test: bool

    @classmethod
    def parse(cls, source: str) -> Pattern:
        """Read ``{% if … %}`` as a pattern for tests, anything else as one for expressions.

        Raises:
            BadInput: if it is not an expression of Jinja.

        """
        test = _IF.fullmatch(source.strip())
        return cls(source, _expression(test.group(1) if test else source), test is not None)

    def match(self, node: nodes.Node) -> Bindings | None:
        """What the metavariables stand for if ``node`` is an instance, else ``None``."""
        bound: dict[str, nodes.Expr] = {}
        return bound if _matches(self.expression, node, bound) else None

    def denies(self, node: nodes.Node) -> bool:
        """Whether ``node`` is an instance of the expression that this pattern negates."""
        negated = self.expression
        return isinstance(negated, nodes.Not) and _matches(negated.node, node, {})


def written(pattern: str, bindings: Bindings, template: Template) -> str:
    """``pattern`` with each metavariable replaced by what it stands for, as it is written."""
    test = _IF.fullmatch(pattern.strip())

    def value(metavariable: re.Match[str]) -> str:
        node = bindings[metavariable.group(1)]
        source = template.source(node)
        return source if isinstance(node, _SIMPLE) else f"({source})"

    return _METAVARIABLE.sub(value, test.group(1) if test else pattern)


def _expression(source: str) -> nodes.Expr:
    plain = _METAVARIABLE.sub(rf"{_PREFIX}\1", source)
    try:
        tree = parsing_environment().parse("{{ " + plain + " }}")
    except TemplateSyntaxError as error:
        raise BadInput(f"not a pattern: {error.message}", name=source) from None
    output = tree.body[0]
    if len(tree.body) != 1 or not isinstance(output, nodes.Output) or len(output.nodes) != 1:
        raise BadInput("a pattern is one expression", name=source)
    return output.nodes[0]


def _matches(pattern: object, node: object, bound: dict[str, nodes.Expr]) -> bool:
    if isinstance(pattern, nodes.Name) and pattern.name.startswith(_PREFIX):
        return isinstance(node, nodes.Expr) and _bind(pattern.name, node, bound)
    if isinstance(pattern, (nodes.Getattr, nodes.Getitem)):
        return _same_member(pattern, node, bound)
    if isinstance(pattern, nodes.Node):
        return type(pattern) is type(node) and all(
            _matches(mine, getattr(node, field), bound) for field, mine in pattern.iter_fields()
        )
    if isinstance(pattern, list) and isinstance(node, list):
        return len(pattern) == len(node) and all(
            _matches(mine, its, bound) for mine, its in zip(pattern, node, strict=True)
        )
    return type(pattern) is type(node) and pattern == node


def _bind(name: str, node: nodes.Expr, bound: dict[str, nodes.Expr]) -> bool:
    name = name.removeprefix(_PREFIX)
    return same(bound.setdefault(name, node), node)


def same(one: nodes.Node, other: nodes.Node) -> bool:
    """Whether two expressions are the same but for how they are written."""
    return _matches(one, other, {})


def _same_member(
    pattern: nodes.Getattr | nodes.Getitem, node: object, bound: dict[str, nodes.Expr]
) -> bool:
    if not isinstance(node, (nodes.Getattr, nodes.Getitem)):
        return False
    return _matches(_key(pattern), _key(node), bound) and _matches(pattern.node, node.node, bound)


def _key(member: nodes.Getattr | nodes.Getitem) -> object:
    if isinstance(member, nodes.Getattr):
        return member.attr
    key = member.arg
    return key.value if isinstance(key, nodes.Const) and isinstance(key.value, str) else key
