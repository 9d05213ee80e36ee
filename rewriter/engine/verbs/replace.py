"""Replace an expression."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace as changed
from typing import Any

from jinja2 import nodes

from rewriter.engine.context import PART_LABELS, Context
from rewriter.engine.draft import Body, Statement, mapped, replaced
from rewriter.engine.pattern import Bindings, Pattern, written
from rewriter.engine.transforms import Replace
from rewriter.source.edits import Edit, EditGroup, merged, narrowed
from rewriter.source.operands import operands
from rewriter.turns.label import Label


def replace(rule: Replace, body: Body, context: Context) -> Body:
    """Replace each match of ``rule``, editing only the text that differs."""
    pattern = Pattern.parse(rule.match)

    def change(statement: Statement) -> Statement:
        code = statement.code
        for edit in merged(context.template.text, _edits(pattern, rule, statement, context)):
            context.check_untouched(code, edit.start, edit.end)
            code = replaced(code, edit.start, edit.end, edit.replacement, context.by)
        return changed(statement, code=code)

    return mapped(body, change)


def _edits(
    pattern: Pattern, rule: Replace, statement: Statement, context: Context
) -> list[EditGroup]:
    """An edit for each match, of only the differing text."""
    groups: list[EditGroup] = []
    for node, bindings in _matches(pattern, rule, statement, context):
        span = context.template.span(node)
        if span is not None:
            old = span.of(context.template.text)
            new = written(rule.write, {**bindings, "MATCH": node}, context.template)
            changes = narrowed(span.start, old, _quoted_like(old, new))
            by = (context.by.transform, context.by.reason)
            groups.append(EditGroup(tuple(Edit(*change, *by) for change in changes)))
    return groups


def _matches(
    pattern: Pattern, rule: Replace, statement: Statement, context: Context
) -> Iterator[tuple[nodes.Expr, Bindings]]:
    for candidate in _candidates(pattern, rule, statement.leaf.node if statement.leaf else None):
        span = context.template.outer(candidate)
        label = context.outline.labels.site(span.start) if span else Label.NOTHING
        if rule.prints and not label & PART_LABELS[rule.prints]:
            continue
        bindings = pattern.match(candidate)
        if bindings is not None:
            yield candidate, bindings


def _candidates(pattern: Pattern, rule: Replace, node: nodes.Node | None) -> Iterable[nodes.Expr]:
    """The expressions of a statement that the rule may match."""
    value: Any
    if isinstance(node, nodes.If):
        value = node.test
        return (value,) if pattern.is_test else value.find_all(nodes.Expr)
    value = node.node if isinstance(node, nodes.Assign) else node
    if pattern.is_test or not isinstance(value, nodes.Expr):
        return ()
    if not rule.operand:
        return (value, *value.find_all(nodes.Expr))
    row = operands(value)
    return row if isinstance(value, nodes.Add) and len(row) > 1 else ()


def _quoted_like(old: str, new: str) -> str:
    """``new``, with the quotes of ``old``."""
    if '"' in old and "'" not in old and '"' not in new:
        return new.replace("'", '"')
    return new
