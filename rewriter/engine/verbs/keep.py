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
    replaced,
)
from rewriter.engine.outline import Outline
from rewriter.engine.pattern import Pattern
from rewriter.engine.transforms import AS_WHEN_LAST, Keep
from rewriter.engine.verbs.answer import answer
from rewriter.engine.verbs.dissolve import dissolved, trim_indentation
from rewriter.engine.whitespace import settled
from rewriter.engine.workplace import (
    PART_LABELS,
    Surroundings,
    Workplace,
    in_bodies,
    label_of,
)
from rewriter.errors import Place, Refused
from rewriter.tracing.hindsight import Answers


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
    if rule.assume == AS_WHEN_LAST:
        return answer(answers_when_last(place.outline), body, place)
    patterns = patterns_of(rule)

    def change(siblings: Body, _: Surroundings) -> Body:
        found: list[Node] = []
        waiting = list(reversed(siblings))
        while waiting:
            node = waiting.pop()
            kept = _resolved(node, rule, patterns, place)
            if len(kept) > 1:
                trim_indentation(found, kept[1], place)
                waiting += reversed(kept)
            else:
                found += kept
        return tuple(found)

    return settled(in_bodies(body, change, lambda node: isinstance(node, Compound)), place)


def patterns_of(rule: Keep) -> Sequence[Pattern]:
    """What a rule takes for true; nothing where it goes by what was seen."""
    assumed_true = () if rule.assume == AS_WHEN_LAST else rule.assume
    return [Pattern.parse(pattern) for pattern in assumed_true]


def answers_when_last(outline: Outline) -> Answers:
    """The questions that are answered otherwise once messages follow, and the first answers.

    Raises:
        Refused: these do not keep all that was printed.

    """
    found = outline.hindsight
    if found.change is None:
        return found.answers
    at = found.change.at
    raise Refused(
        f"once messages follow, {found.change.printed!r} becomes {found.change.instead!r}, "
        "whatever the template's tests are answered",
        place=None if at is None else Place.at(outline.template.text, at),
        hint="print it where it stays: not after the messages, nor after what a tool answers",
    )


def verdict_on(
    node: Node, rule: Keep, patterns: Sequence[Pattern]
) -> tuple[nodes.If, bool | nodes.Expr] | None:
    """The conditional that ``rule`` is about and what becomes of its test, if it is about one."""
    test = node.sections[0].tag.leaf if isinstance(node, Compound) else None
    if not isinstance(node, Compound) or test is None or not isinstance(test.node, nodes.If):
        return None
    if rule.prints and not label_of(node.sections[0].body) & PART_LABELS[rule.prints]:
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
    return dissolved(node, 0, place)


def _narrowed(node: Compound, test: nodes.Expr, rest: nodes.Expr, place: Workplace) -> Compound:
    """The conditional with what is left of its test."""
    first = node.sections[0]
    span = place.template.outer(test)
    if span is None:
        return node
    code = replaced(first.tag.code, *span, place.template.source(rest), place.by)
    tag = replace(first.tag, code=code)
    return replace(node, sections=(Section(tag, first.body), *node.sections[1:]))
