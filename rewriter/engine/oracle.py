"""The original as it would be if what a transform assumes were so.

A transform that declares a difference says what it assumes. The same assumption made in the
original's tree, with no edit of its text, gives the render that the variant must match.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from jinja2 import nodes

from rewriter.engine.plan import Subject
from rewriter.engine.transforms import Keep, Transform
from rewriter.engine.verbs.keep import answers_of
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
    answers = [given for rule in rules for given in answers_of(rule, subject.outline)]
    if not answers:
        return None
    return _compiled(answered(subject.template, dict(answers)), subject.template.text)


def _compiled(tree: nodes.Template, text: str) -> Printed:
    compiled = Compiled(tree, text, {})

    def printed(messages: Sequence[Mapping[str, Any]], **options: Any) -> str:
        return "".join(compiled.run({"messages": prepared(messages), **options}).parts)

    return printed
