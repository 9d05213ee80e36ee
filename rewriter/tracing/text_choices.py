"""The conditions that choose between texts of the template's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from jinja2 import nodes

from rewriter.source.lexer import Span
from rewriter.source.template import Block, Item, Template
from rewriter.source.walk import find_all
from rewriter.tracing.arms import prints_own
from rewriter.tracing.made_from import names_in, origins
from rewriter.tracing.made_here import FUNCTIONS, made_here

_Arms: TypeAlias = tuple[Span, ...]


def text_choices(template: Template, sites: Mapping[int, nodes.Expr]) -> tuple[_Arms, ...]:
    """The arms of each such condition.

    Conditions with no output between them choose together, since their tests may be opposites.
    """
    others = _others(template, sites)
    chosen = [arms for arms in _groups(template) if not any(arm.holds(*others) for arm in arms)]
    texts = (span for span in template.data_spans.values() if span.of(template.text).strip())
    printing = [*texts, *filter(None, map(template.outer, sites.values()))]
    return tuple(arms for arms in _joined(chosen, printing) if len(arms) > 1)


def _others(template: Template, sites: Mapping[int, nodes.Expr]) -> Sequence[int]:
    """The sites that print anything but own text, including that of names and macros."""
    names = {name: set(made) for name, made in made_here(template).items()}
    for macro in find_all(template.tree, nodes.Macro):
        names.setdefault(macro.name, set()).update(names_in(macro) - {macro.name})
    own = names.keys() | FUNCTIONS
    return [
        at for at, each in sites.items() if not (prints_own(each) or origins(each, names) <= own)
    ]


def _groups(template: Template) -> Iterator[_Arms]:
    yield from _clauses(template.items)
    yield from _operands(template)


def _joined(groups: Iterable[_Arms], printing: Sequence[Span]) -> Iterator[_Arms]:
    """Groups of arms, those in one that stand next to each other, and nothing prints between."""
    row: _Arms = ()
    for arms in sorted(groups, key=lambda each: each[0].start):
        end = max((arm.end for arm in row), default=0)
        if row and not any(end <= each.start and each.end <= arms[0].start for each in printing):
            row += arms
            continue
        if row:
            yield row
        row = arms
    if row:
        yield row


def _clauses(items: Sequence[Item]) -> Iterator[_Arms]:
    for item in items:
        if isinstance(item, Block):
            if item.keyword in ("if", "for"):
                yield item.bodies
            for clause in item.clauses:
                yield from _clauses(clause.body)


def _operands(template: Template) -> Iterator[_Arms]:
    for choice in find_all(template.tree, nodes.CondExpr):
        arms: list[nodes.Node] = [choice.expr1]
        while isinstance(choice.expr2, nodes.CondExpr):
            choice = choice.expr2
            arms.append(choice.expr1)
        arms += [choice.expr2] if choice.expr2 else []
        if spans := tuple(filter(None, map(template.outer, arms))):
            yield spans
