"""Resolve conditionals as if something held, and keep the branches taken then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from jinja2 import nodes

from rewriter.engine.context import PART_LABELS, Context, label_of
from rewriter.engine.draft import Body, Compound, Node
from rewriter.engine.folding import Folding
from rewriter.engine.outline import Outline
from rewriter.engine.pattern import Pattern
from rewriter.engine.transforms import AS_WHEN_LAST, Keep
from rewriter.engine.verbs.answer import answer
from rewriter.engine.verbs.reorder import reordered
from rewriter.errors import Place, Reason, Refused
from rewriter.turns.earlier_answers import Answer, Answers


def keep(rule: Keep, body: Body, context: Context) -> Body:
    """Each conditional that the assumption decides, resolved; those it narrows, narrowed."""
    body = answer(answers_of(rule, context.outline), body, context)
    move = context.outline.earlier_answers.move if rule.assume == AS_WHEN_LAST else None
    return reordered(body, move, context) if move else body


def answers_of(rule: Keep, outline: Outline) -> Answers:
    """The expressions that a rule assumes to be true, and false, in a template.

    Raises:
        Refused: it is to keep what was printed, and no answers do.

    """
    if rule.assume == AS_WHEN_LAST:
        return _when_last(outline)
    patterns = [Pattern.parse(pattern) for pattern in rule.assume]
    return tuple(_assumed(rule, patterns, outline.body(), outline))


def _when_last(outline: Outline) -> Answers:
    found = outline.earlier_answers
    if found.change is None:
        return found.answers
    at = found.change.at
    raise Refused(
        f"once messages follow, {found.change.printed!r} becomes {found.change.instead!r}, "
        "whatever the template's tests are answered",
        reason=Reason.CHANGES_TURNS,
        place=None if at is None else Place.at(outline.template.text, at),
        hint="print it where it stays: not after the messages, nor after a tool's result",
    )


def _assumed(
    rule: Keep, patterns: Sequence[Pattern], body: Iterable[Node], outline: Outline
) -> Iterator[Answer]:
    """What the patterns match in tests whose branch ``prints`` what the rule keeps."""
    for node in body:
        for section in node.sections if isinstance(node, Compound) else ():
            conditional = section.tag.leaf.node if section.tag.leaf else None
            if isinstance(conditional, nodes.If):
                test: Any = conditional.test
                found = tuple(_matched(test, patterns))
                if rule.prints is None or (
                    label_of(section.body) & PART_LABELS[rule.prints]
                    and Folding.of(outline.template, found).test(test) is not False
                ):
                    yield from found
            yield from _assumed(rule, patterns, section.body, outline)


def _matched(test: nodes.Expr, patterns: Sequence[Pattern]) -> Iterator[Answer]:
    """What in a test is an instance of a pattern, so true, or of what a pattern negates."""
    if any(pattern.match(test) is not None for pattern in patterns):
        yield test, True
    elif any(pattern.denies(test) for pattern in patterns):
        yield test, False
    elif isinstance(test, nodes.Not):
        yield from _matched(test.node, patterns)
    elif isinstance(test, (nodes.And, nodes.Or)):
        yield from _matched(test.left, patterns)
        yield from _matched(test.right, patterns)
