"""The template's own text that goes with a value that it prints.

``{% if m.mood %}Mood: {{ m.mood }}{% endif %}``: whoever does not write the mood does not write
``Mood:`` either. Such text is in a branch, an arm or a loop that depends on the printed value.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from jinja2 import nodes

from rewriter.source.lexer import Span
from rewriter.source.template import Block, Item, Template
from rewriter.source.walk import find_all
from rewriter.tracing.calls import raises

# Names that are read at the beginning of a turn.
_OF_TURNS: Final = frozenset({"role", "messages"})
_COUNTS: Final = frozenset({"index", "index0", "revindex", "revindex0", "length", "depth", "cycle"})
_Reads: TypeAlias = dict[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Arm:
    """A branch, an arm or a loop's body, and the names and keys that decide whether it prints."""

    span: Span
    reads: frozenset[str]

    def holds(self, positions: Iterable[int]) -> bool:
        """Whether at least one of the positions is in it."""
        return self.span.holds(*positions)


def arms_of(template: Template) -> tuple[Arm, ...]:
    """The arms of a template."""
    assigned = _assigned(template.tree)
    return (*_branches(template.items, assigned), *_chosen(template, assigned))


def reads(node: nodes.Node) -> frozenset[str]:
    """The names, keys and texts that an expression reads."""
    return frozenset(_reads(node))


def _reads(node: nodes.Node) -> Iterator[str]:
    for each in (node, *node.find_all(nodes.Node)):
        if isinstance(each, nodes.Name):
            yield each.name
        elif isinstance(each, nodes.Getattr):
            yield each.attr
        elif isinstance(each, nodes.Const) and isinstance(each.value, str):
            yield each.value


def traced_reads(
    template: Template, sites: Mapping[int, nodes.Expr]
) -> Mapping[int, frozenset[str]]:
    """What the expression at each site reads, including what its names were made from."""
    assigned = _assigned(template.tree)
    return {site: _traced_back(expression, assigned) for site, expression in sites.items()}


def given_arms(
    arms: Iterable[Arm], sites: Mapping[int, nodes.Expr], given: Container[int]
) -> tuple[Arm, ...]:
    """The arms that only print own text and ``given`` sites.

    No arm is a whole turn, or all turns.
    """
    found: list[Arm] = []
    for arm in (each for each in arms if each.reads.isdisjoint(_OF_TURNS)):
        printed = {at for at in sites if arm.holds((at,)) and not prints_own(sites[at])}
        if printed and all(at in given for at in printed):
            found.append(arm)
    return tuple(found)


def prints_own(expression: nodes.Expr) -> bool:
    """Whether an expression only prints literals and loop counters, or raises."""
    return raises(expression) or not any(
        isinstance(each, (nodes.Name, nodes.Getattr, nodes.Getitem)) and not _counts(each)
        for each in (expression, *expression.find_all(nodes.Expr))
    )


def _counts(node: nodes.Node) -> bool:
    of = node.node if isinstance(node, nodes.Getattr) and node.attr in _COUNTS else node
    return isinstance(of, nodes.Name) and of.name == "loop"


def _assigned(tree: nodes.Template) -> _Reads:
    """What the values assigned to each name read."""
    found: _Reads = {}
    for each in find_all(tree, nodes.Assign):
        _note(found, each.target, each.node)
    for captured in find_all(tree, nodes.AssignBlock):
        _note(found, captured.target, *captured.body)
    return found


def _note(found: _Reads, target: nodes.Node, *values: nodes.Node) -> None:
    if isinstance(target, nodes.Name):
        found[target.name] = found.get(target.name, frozenset()).union(*map(reads, values))


def _traced_back(node: Any, assigned: _Reads) -> frozenset[str]:
    """What an expression reads, including what its names were made from."""
    found: frozenset[str] = frozenset()
    new = reads(node)
    while new:
        found |= new
        new = frozenset(read for name in new for read in assigned.get(name, ())) - found
    return found


def _branches(items: Sequence[Item], assigned: _Reads) -> Iterator[Arm]:
    for item in items:
        if not isinstance(item, Block):
            continue
        read: frozenset[str] = frozenset()
        for clause, body in zip(item.clauses, item.bodies, strict=True):
            if item.keyword in ("if", "for"):
                read |= _decided_by(clause.tag.node, assigned)
                yield Arm(body, read)
            yield from _branches(clause.body, assigned)


def _decided_by(node: nodes.Node | None, assigned: _Reads) -> frozenset[str]:
    """The tests that decide whether a clause is taken; for an ``else``, those before it."""
    if isinstance(node, nodes.If):
        return _traced_back(node.test, assigned)
    if isinstance(node, nodes.For):
        tests = [node.iter, *([node.test] if node.test else [])]
        return frozenset().union(*(_traced_back(each, assigned) for each in tests))
    return frozenset()


def _chosen(template: Template, assigned: _Reads) -> Iterator[Arm]:
    for choice in find_all(template.tree, nodes.CondExpr):
        read = _traced_back(choice.test, assigned)
        for arm in (choice.expr1, choice.expr2):
            span = template.outer(arm) if arm is not None else None
            if span is not None:
                yield Arm(span, read)
