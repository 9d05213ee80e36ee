"""The original as it would be if a transform's assumptions were true.

A transform that declares a difference states what it assumes. The same assumption in the original's
tree, without edits of its text, gives the render that the variant must match. If a transform writes
a new test and excepts the change, that test is put into the tree. The end that a transform gives
the last turn is the text that begins the next turn in the original.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from jinja2 import nodes

from rewriter.engine.pattern import Pattern, written
from rewriter.engine.plan import Subject
from rewriter.engine.transforms import AS_WHEN_LAST, Keep, Replace, Transform
from rewriter.engine.verbs.keep import answers_of
from rewriter.source.template import Template
from rewriter.source.walk import find_all
from rewriter.tracing.compiled import Compiled
from rewriter.tracing.installed_transformers import prepared
from rewriter.tracing.moves import twin
from rewriter.tracing.questions import answered
from rewriter.turns.earlier_answers import EarlierAnswers
from rewriter.turns.stop_headers import Stops

Printed: TypeAlias = Callable[..., str]


def oracle_of(subject: Subject, transforms: Sequence[Transform]) -> Printed | None:
    """Renders the declared text of ``transforms``; ``None`` if they declare no difference.

    Their exceptions are declared too, by the tests that they write.

    The function takes the messages and, by keyword, the other variables.
    """
    rules = [
        rule
        for transform in transforms
        if transform.contract.relation == "differs"
        for rule in transform.rules
        if isinstance(rule, Keep)
    ]
    answers: dict[nodes.Expr, bool | nodes.Expr] = dict(_tests_written(subject, transforms))
    answers |= dict(given for rule in rules for given in answers_of(rule, subject.outline))
    stops = subject.stops_of(transforms)
    template = subject.template
    if any(rule.assume == AS_WHEN_LAST for rule in rules):
        template, answers = _in_other_order(subject.outline.earlier_answers, template, answers)
    if not answers and not stops and template is subject.template:
        return None
    printed = _compiled(answered(template, answers), template.text)
    return _stopping(printed, stops) if stops else printed


def _in_other_order(
    found: EarlierAnswers, template: Template, answers: Mapping[nodes.Expr, bool | nodes.Expr]
) -> tuple[Template, dict[nodes.Expr, bool | nodes.Expr]]:
    """The template after the move, with the answers given there."""
    if found.move is None or found.declared is None:
        return template, dict(answers)
    moved, known = found.declared
    others = set(answers) - {asked for asked, _ in found.answers}
    there = {asked: twin(asked, template, moved, found.move) for asked in others}
    given = {new: answers[asked] for asked, new in there.items() if new is not None}
    return moved, {**given, **dict(known)}


def is_declared(transform: Transform) -> bool:
    """Whether all exceptions of a transform come from tests that it writes."""
    return all(
        isinstance(rule, Replace) and Pattern.parse(rule.match).is_test for rule in transform.rules
    )


def _tests_written(
    subject: Subject, transforms: Sequence[Transform]
) -> Iterator[tuple[nodes.Expr, nodes.Expr]]:
    """The tests that transforms with exceptions replace, each with the new one."""
    for transform in transforms:
        for rule in transform.rules if transform.contract.exempt else ():
            if isinstance(rule, Replace) and is_declared(transform):
                pattern = Pattern.parse(rule.match)
                for conditional in find_all(subject.template.tree, nodes.If):
                    test: Any = conditional.test
                    bindings = pattern.match(test)
                    if bindings is not None:
                        other = written(rule.write, bindings, subject.template)
                        yield test, Pattern.parse(other).expression


def _stopping(printed: Printed, stops: Stops) -> Printed:
    """The printed text, with the end of the last turn if nobody speaks after it."""

    def stopping(messages: Sequence[Mapping[str, Any]], **options: Any) -> str:
        text = printed(messages, **options)
        end = "" if options.get("add_generation_prompt") else stops.after(messages)
        return text + end if end and text != without_last(messages, options) else text

    def without_last(
        messages: Sequence[Mapping[str, Any]], options: Mapping[str, Any]
    ) -> str | None:
        try:
            return printed(messages[:-1], **options)
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 — a template may refuse what is left in any way
            return None

    return stopping


def _compiled(tree: nodes.Template, text: str) -> Printed:
    compiled = Compiled(tree, text, {})

    def printed(messages: Sequence[Mapping[str, Any]], **options: Any) -> str:
        return "".join(compiled.run({"messages": prepared(messages), **options}).parts)

    return printed
