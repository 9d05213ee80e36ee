"""Give each arm of a choice an output of its own, if different writers write them.

``{{ a or b }}`` becomes ``{% if a %}{{ a }}{% else %}{{ b }}{% endif %}``, where ``a`` is the
model's and ``b`` is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import nodes

from rewriter.engine.context import Context, atoms
from rewriter.engine.draft import (
    Added,
    Atom,
    Body,
    Code,
    Compound,
    Copied,
    Node,
    Section,
    Statement,
    dropped,
)
from rewriter.engine.row_cuts import parts
from rewriter.engine.text_expressions import is_surely_text
from rewriter.engine.verbs.guard import is_pure
from rewriter.source.operands import is_text, operands
from rewriter.tracing.instrument import DEFAULTS
from rewriter.turns.label import LEFT, Label


@dataclass(frozen=True, slots=True)
class _Arm:
    """An arm, and what is asked before it is printed; the last may ask nothing."""

    expression: nodes.Expr
    test: nodes.Expr | None = None
    asks: str = ""

    @property
    def asks_itself(self) -> bool:
        """Whether it is evaluated twice."""
        return self.test is self.expression


def taken_apart(
    statement: Statement, context: Context, arm: nodes.Expr | None = None
) -> Iterator[Node]:
    """The outputs that one output is cut into, with a conditional for each choice of writers.

    ``arm``, if it prints one arm of a choice.
    """
    for part in parts(statement, context, arm):
        yield _chosen(part, context, arm)


def _chosen(statement: Statement, context: Context, arm: nodes.Expr | None) -> Statement | Compound:
    """A conditional for an output that prints what different writers write, by choice."""
    if len(statement.atoms) != 1 or statement.leaf is None:
        return statement
    (atom,) = statement.atoms
    left = Label.PROMPT | (LEFT if context.outline.cuts_prefill else Label.NOTHING)
    is_both = bool(atom.label & left) and Label.GENERATED in atom.label
    if not is_both and not context.outline.is_joined(atom):
        return statement
    root: Any = arm or statement.leaf.node
    expression = next((e for e in (root, *operands(root)) if _is_at(e, atom, context)), None)
    arms = list(_arms(expression)) if expression is not None else []
    is_added = isinstance(root, nodes.Add)
    bodies = [_body(statement, arm.expression, context, joined=is_added) for arm in arms]
    if len(arms) < 2 or any(body is None for body in bodies):
        return statement
    if is_added and arms[-1].test is not None:
        return statement  # nothing joined to text raises
    tests = [_test(arm, context) for arm in arms]
    if any(arm.asks_itself and not is_pure(arm.expression) for arm in arms):
        return statement
    return _conditional(statement, tests, [body or () for body in bodies], context)


def _is_at(expression: nodes.Expr, atom: Atom, context: Context) -> bool:
    return context.template.outer(expression) == (atom.start, atom.end)


def _arms(expression: nodes.Expr) -> Iterator[_Arm]:
    if isinstance(expression, nodes.Or):
        for arm in _arms(expression.left) if _is_or(expression.left) else (_Arm(expression.left),):
            yield _Arm(arm.expression, arm.expression)
        yield _Arm(expression.right)
    elif isinstance(expression, nodes.CondExpr):
        yield _Arm(expression.expr1, expression.test)
        if expression.expr2 is not None:
            yield _Arm(expression.expr2)
    elif isinstance(expression, nodes.Filter) and expression.name in DEFAULTS:
        value, given = expression.node, expression.args
        if value is not None and len(given) == 1 and not expression.kwargs:
            yield _Arm(value, value, " is defined")
            yield _Arm(given[0])


def _is_or(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Or)


def _test(arm: _Arm, context: Context) -> Code:
    if arm.test is None:
        return ()
    span = context.template.outer(arm.test)
    assert span is not None, "what is written has a place"
    return Copied(*span, context.by), Added(arm.asks, context.by)


def _body(statement: Statement, arm: nodes.Expr, context: Context, *, joined: bool) -> Body | None:
    """The outputs of one arm; ``None`` where one of them prints both again."""
    outer, inner = context.template.outer(arm), context.template.span(arm)
    if outer is None or inner is None:
        return None
    if is_text(arm) and not arm.as_const():
        return ()
    span = inner if len(operands(arm)) > 1 else outer
    row = tuple(context.outline.row(arm, context.outline.labels.site(outer.start), bare=True))
    prefix = "'' + " if joined and not is_surely_text(arm, context.template) else ""
    code = (
        Added("{{ " + prefix, context.by),
        Copied(*span, context.by),
        Added(" }}", context.by),
    )
    body = tuple(taken_apart(Statement(code, statement.leaf, row), context, arm))
    is_joined = any(context.outline.is_joined(atom) for node in body for atom in atoms(node))
    return None if is_joined else body


def _conditional(
    statement: Statement,
    tests: Sequence[Code],
    bodies: Sequence[Body],
    context: Context,
) -> Compound:
    """``if``, ``elif``, ``else``; the first and the last tag trim as the output did."""
    text = context.text((statement,))
    opening = "{%-" if text.lstrip().startswith("{{-") else "{%"
    closing = "-%}" if text.rstrip().endswith("-}}") else "%}"
    sections: list[Section] = []
    for number, (test, body) in enumerate(zip(tests, bodies, strict=True)):
        if not test and not body:
            continue
        word = "else" if not test else "elif" if number else "if"
        start = "{%" if number else opening
        code: Code = (
            Added(f"{start} {word}{' ' if test else ''}", context.by),
            *test,
            Added(" %}", context.by),
        )
        if number:
            sections.append(Section(Statement(code), body))
        else:
            code = (*dropped(statement.code, context.by), *code)
            sections.append(Section(Statement(code, lead=statement.lead), body))
    return Compound(tuple(sections), context.added(f"{{% endif {closing}"), opened_by="if")
