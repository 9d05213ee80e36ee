"""The original as it would be if what a transform assumes were so.

A transform that declares a difference says what it assumes. The same assumption made in the
original's tree, with no edit of its text, gives the render that the variant must match. So does
another test put into the tree, where a transform writes one and excepts what this changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from jinja2 import nodes

from rewriter.engine.draft import Compound, Node
from rewriter.engine.pattern import Pattern, written
from rewriter.engine.plan import Subject
from rewriter.engine.transforms import Keep, Replace, Transform
from rewriter.engine.verbs.keep import verdict_on
from rewriter.source.environment import parsing_environment
from rewriter.tracing.compiled import Compiled, prepared

Printed: TypeAlias = Callable[..., str]


def oracle_of(subject: Subject, transforms: Sequence[Transform]) -> Printed | None:
    """Renders what ``transforms`` declare, or ``None`` where they declare no difference.

    What they except is declared too, by the tests that they write.

    The function takes the messages and, by keyword, what a template is rendered with.
    """
    rules = [
        rule
        for transform in transforms
        if transform.contract.relation == "differs"
        for rule in transform.rules
        if isinstance(rule, Keep)
    ]
    verdicts: dict[int, bool | nodes.Expr] = dict(_tests_written(subject, transforms))
    verdicts |= {
        id(conditional): verdict
        for rule in rules
        for conditional, verdict in _verdicts(subject.outline.body(), rule)
    }
    return _compiled(_assumed(subject, verdicts), subject.template.text) if verdicts else None


def is_declared(transform: Transform) -> bool:
    """Whether all that a transform excepts is of tests that it writes."""
    return all(
        isinstance(rule, Replace) and Pattern.parse(rule.match).is_test for rule in transform.rules
    )


def _tests_written(
    subject: Subject, transforms: Sequence[Transform]
) -> Iterator[tuple[int, nodes.Expr]]:
    """The conditionals whose tests are replaced by transforms that except something."""
    for transform in transforms:
        for rule in transform.rules if transform.contract.exempt else ():
            if isinstance(rule, Replace) and is_declared(transform):
                pattern = Pattern.parse(rule.match)
                for conditional in subject.template.tree.find_all(nodes.If):
                    bindings = pattern.match(conditional.test)
                    if bindings is not None:
                        test = written(rule.write, bindings, subject.template)
                        yield id(conditional), Pattern.parse(test).expression


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
