"""The original as it would be if what a transform assumes were so.

A transform that declares a difference says what it assumes. The same assumption made in the
original's tree, with no edit of its text, gives the render that the variant must match.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from jinja2 import nodes

from rewriter.engine.draft import Compound, Node
from rewriter.engine.pattern import Pattern
from rewriter.engine.plan import Subject
from rewriter.engine.transforms import Keep, Transform
from rewriter.engine.verbs.keep import verdict_on
from rewriter.source.environment import parsing_environment
from rewriter.tracing.compiled import Compiled, prepared

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
    return _compiled(_assumed(subject, verdicts), subject.template.text) if verdicts else None


def _verdicts(body: Iterable[Node], rule: Keep) -> Iterator[tuple[nodes.If, bool | nodes.Expr]]:
    patterns = [Pattern.parse(pattern) for pattern in rule.assume]
    for node in body:
        if isinstance(node, Compound):
            found = verdict_on(node, rule, patterns)
            if found is not None:
                yield found
            for section in node.sections:
                yield from _verdicts(section.body, rule)


def _assumed(subject: Subject, verdicts: Mapping[int, bool | nodes.Expr]) -> nodes.Template:
    """A second tree of the original, its tests replaced by what they were decided to be."""
    tree = parsing_environment().parse(subject.template.text)
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
