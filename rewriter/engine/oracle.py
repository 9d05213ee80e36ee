"""The original as it would be if what a transform assumes were so.

A transform that declares a difference says what it assumes. The same assumption made in the
original's tree, with no edit of its text, gives the render that the variant must match.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from jinja2 import nodes

from rewriter.engine.draft import Compound, Node
from rewriter.engine.plan import Subject
from rewriter.engine.transforms import AS_WHEN_LAST, Keep, Transform
from rewriter.engine.verbs.keep import answers_when_last, patterns_of, verdict_on
from rewriter.tracing.compiled import Compiled, prepared
from rewriter.tracing.questions import answered

Printed: TypeAlias = Callable[..., str]


def oracle_of(subject: Subject, transforms: Sequence[Transform]) -> Printed | None:
    """Renders what ``transforms`` declare, or ``None`` where they declare no difference.

    The function takes the messages and, by keyword, what a template is rendered with.
    """
    rules = [
        rule
        for transform in transforms
        if transform.contract.relation == "differs"
        for rule in transform.rules
        if isinstance(rule, Keep)
    ]
    verdicts = {
        id(conditional): verdict
        for rule in rules
        for conditional, verdict in _verdicts(subject.outline.body(), rule)
    }
    answers = {
        question: answer
        for rule in rules
        if rule.assume == AS_WHEN_LAST
        for question, answer in answers_when_last(subject.outline)
    }
    if not verdicts and not answers:
        return None
    return _compiled(_assumed(subject, verdicts, answers), subject.template.text)


def _verdicts(body: Iterable[Node], rule: Keep) -> Iterator[tuple[nodes.If, bool | nodes.Expr]]:
    patterns = patterns_of(rule)
    for node in body:
        if isinstance(node, Compound):
            found = verdict_on(node, rule, patterns)
            if found is not None:
                yield found
            for section in node.sections:
                yield from _verdicts(section.body, rule)


def _assumed(
    subject: Subject,
    verdicts: Mapping[int, bool | nodes.Expr],
    answers: Mapping[nodes.Expr, bool],
) -> nodes.Template:
    """A second tree of the original, its tests replaced by what they were decided to be."""
    tree = answered(subject.template, answers)
    pairs = zip(
        subject.template.tree.find_all(nodes.If), list(tree.find_all(nodes.If)), strict=True
    )
    for original, conditional in pairs:
        verdict = verdicts.get(id(original))
        if isinstance(verdict, nodes.Expr):
            conditional.test = verdict
        elif verdict is not None:
            conditional.test = nodes.Const(verdict, lineno=conditional.lineno)
    return tree


def _compiled(tree: nodes.Template, text: str) -> Printed:
    compiled = Compiled(tree, text, {})

    def printed(messages: Sequence[Mapping[str, Any]], **options: Any) -> str:
        return "".join(compiled.run({"messages": prepared(messages), **options}).parts)

    return printed
