"""The conditions that choose between texts of the template's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Final, TypeAlias

from jinja2 import nodes

from rewriter.source.lexer import Span
from rewriter.source.template import Block, Item, Template
from rewriter.tracing.arms import prints_own
from rewriter.tracing.made_from import made_from, names_in, origins
from rewriter.tracing.variables import GIVEN, variables_of

_Arms: TypeAlias = tuple[Span, ...]
_FUNCTIONS: Final = frozenset({"namespace", "dict", "range"})


def text_choices(template: Template, sites: Mapping[int, nodes.Expr]) -> tuple[_Arms, ...]:
    """The arms of each such condition.

    Conditions that nothing is printed between choose together, as their tests may be opposites.
    """
    is_made_here = _made_here(template)
    others = [at for at, each in sites.items() if not (prints_own(each) or is_made_here(each))]
    groups = [*_clauses(template.items), *_operands(template)]
    chosen = [
        arms
        for arms in groups
        if not any(arm.start <= at < arm.end for arm in arms for at in others)
    ]
    texts = (span for span in template.data_spans.values() if span.of(template.text).strip())
    printing = [*texts, *filter(None, map(template.outer, sites.values()))]
    return tuple(arms for arms in _joined(chosen, printing) if len(arms) > 1)


def own_arms(template: Template, sites: Mapping[int, nodes.Expr]) -> _Arms:
    """The arms of all conditions that print nothing but text of the template's own."""
    is_made_here = _made_here(template)
    others = [at for at, each in sites.items() if not (prints_own(each) or is_made_here(each))]
    groups = chain(_clauses(template.items), _operands(template))
    arms = chain.from_iterable(groups)
    return tuple(arm for arm in arms if not any(arm.start <= at < arm.end for at in others))


def _made_here(template: Template) -> Callable[[nodes.Expr], bool]:
    """Tells whether a value is made of what the template itself sets, or of its macros' text."""
    given = variables_of(template.text) | GIVEN
    made = made_from(template.tree).items()
    # A name that is set may be given as well, as where the first message is cut off.
    names = {name: set(values) for name, values in made if name not in given}
    for macro in template.tree.find_all(nodes.Macro):
        names.setdefault(macro.name, set()).update(names_in(macro) - {macro.name})

    def is_made_here(expression: nodes.Expr) -> bool:
        return origins(expression, names) <= names.keys() | _FUNCTIONS

    return is_made_here


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
            ends = [*(clause.tag.span.start for clause in item.clauses[1:]), item.end.span.start]
            if item.keyword in ("if", "for"):
                starts = (clause.tag.span.end for clause in item.clauses)
                yield tuple(Span(*each) for each in zip(starts, ends, strict=True))
            for clause in item.clauses:
                yield from _clauses(clause.body)


def _operands(template: Template) -> Iterator[_Arms]:
    for choice in template.tree.find_all(nodes.CondExpr):
        arms: list[nodes.Node] = [choice.expr1]
        while isinstance(choice.expr2, nodes.CondExpr):
            choice = choice.expr2
            arms.append(choice.expr1)
        arms += [choice.expr2] if choice.expr2 else []
        if spans := tuple(filter(None, map(template.outer, arms))):
            yield spans
