"""Resolve a conditional as if something held, and keep the branch that it then takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from jinja2 import nodes

from rewriter.engine.draft import (
    Body,
    Compound,
    Node,
    Section,
    Statement,
    cut,
    dropped,
    mapped,
    replaced,
)
from rewriter.engine.pattern import Pattern
from rewriter.engine.transforms import Keep
from rewriter.engine.whitespace import settled
from rewriter.engine.workplace import (
    PART_LABELS,
    Surroundings,
    Workplace,
    in_bodies,
    label_of,
)


def assumed(test: nodes.Expr, patterns: Sequence[Pattern]) -> bool | nodes.Expr:
    """``test`` once everything that matches a pattern is true: decided, or what is left of it."""
    if any(pattern.match(test) is not None for pattern in patterns):
        return True
    if isinstance(test, nodes.Not):
        inner = assumed(test.node, patterns)
        return not inner if isinstance(inner, bool) else test
    if isinstance(test, (nodes.And, nodes.Or)):
        left, right = assumed(test.left, patterns), assumed(test.right, patterns)
        decisive = isinstance(test, nodes.Or)
        if left is decisive or right is decisive:
            return decisive
        if isinstance(left, bool):
            return right
        return left if isinstance(right, bool) else test
    return test


def keep(rule: Keep, body: Body, place: Workplace) -> Body:
    """Each conditional that the assumption decides, resolved; those it narrows, narrowed."""
    patterns = [Pattern.parse(pattern) for pattern in rule.assume]

    def change(siblings: Body, _: Surroundings) -> Body:
        found: list[Node] = []
        waiting = list(reversed(siblings))
        while waiting:
            node = waiting.pop()
            kept = _resolved(node, rule, patterns, place)
            if len(kept) > 1:
                _trim_indentation(found, kept[1], place)
                waiting += reversed(kept)
            else:
                found += kept
        return tuple(found)

    return settled(in_bodies(body, change, lambda node: isinstance(node, Compound)), place)


def verdict_on(
    node: Node, rule: Keep, patterns: Sequence[Pattern]
) -> tuple[nodes.If, bool | nodes.Expr] | None:
    """The conditional that ``rule`` is about and what becomes of its test, if it is about one."""
    test = node.sections[0].tag.leaf if isinstance(node, Compound) else None
    if not isinstance(node, Compound) or test is None or not isinstance(test.node, nodes.If):
        return None
    if not label_of(node.sections[0].body) & PART_LABELS[rule.prints]:
        return None
    asked: Any = test.node.test
    verdict = assumed(asked, patterns)
    return None if verdict is False or verdict is test.node.test else (test.node, verdict)


def _resolved(node: Node, rule: Keep, patterns: Sequence[Pattern], place: Workplace) -> Body:
    """The node, or what is left of it."""
    found = verdict_on(node, rule, patterns)
    if found is None or not isinstance(node, Compound):
        return (node,)
    conditional, verdict = found
    if isinstance(verdict, nodes.Expr):
        asked: Any = conditional.test
        return (_narrowed(node, asked, verdict, place),)
    return _dissolved(node, place)


def _trim_indentation(before: list[Node], following: Node, place: Workplace) -> None:
    """Take out the indentation of a line that goes, where the next line brings its own."""
    if not before or not isinstance(following, Statement) or not following.is_blank:
        return
    blank = before[-1]
    if isinstance(blank, Statement) and blank.is_blank and blank.leaf is not None:
        start, end = blank.leaf.span
        left, right = cut(blank.code, max(start, place.template.text.rfind("\n", start, end) + 1))
        before[-1] = replace(blank, code=(*left, *dropped(right, place.by)))


def _narrowed(node: Compound, test: nodes.Expr, rest: nodes.Expr, place: Workplace) -> Compound:
    """The conditional with what is left of its test."""
    first = node.sections[0]
    span = place.template.outer(test)
    if span is None:
        return node
    code = replaced(first.tag.code, *span, place.template.source(rest), place.by)
    tag = replace(first.tag, code=code)
    return replace(node, sections=(Section(tag, first.body), *node.sections[1:]))


def _dissolved(node: Compound, place: Workplace) -> Body:
    """The first body alone; the tags and the other bodies are taken out, line by line."""

    def out(statement: Statement) -> Statement:
        return replace(statement, code=dropped(statement.code, place.by), lead=(), atoms=())

    first, *others = node.sections
    gone: list[Node] = []
    for section in others:
        gone += (out(section.tag), *mapped(section.body, out))
    kept = list(first.body)
    if kept and isinstance(kept[0], Statement) and kept[0].is_blank:
        kept[0] = _without_break(kept[0], place)
    if len(kept) > 1 and isinstance(kept[-1], Statement) and kept[-1].is_blank:
        kept[-1] = out(kept[-1])
    return (out(first.tag), *kept, *gone, out(node.end))


def _without_break(blank: Statement, place: Workplace) -> Statement:
    """Swallowed white space without its first line break, which the tag before it had."""
    assert blank.leaf is not None
    start, end = blank.leaf.span
    line_end = place.template.text.find("\n", start, end)
    if line_end < 0:
        return blank
    left, right = cut(blank.code, line_end + 1)
    return replace(blank, code=(*dropped(left, place.by), *right))
