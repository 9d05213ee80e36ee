"""Mutants that decide otherwise."""

from __future__ import annotations

from collections.abc import Iterator

from jinja2 import nodes

from tests.mutations.anatomy import Anatomy
from tests.mutations.editing import Edit, edited


def condition_inverted(anatomy: Anatomy) -> Iterator[str]:
    """A condition holds where it should not, and not where it should."""
    for test in _tests(anatomy):
        yield from _instead(anatomy, test, "(not ({}))")


def condition_always(anatomy: Anatomy) -> Iterator[str]:
    """A condition always holds."""
    for test in _tests(anatomy):
        yield from _instead(anatomy, test, "true")


def condition_never(anatomy: Anatomy) -> Iterator[str]:
    """A condition never holds."""
    for test in _tests(anatomy):
        yield from _instead(anatomy, test, "false")


def condition_weakened(anatomy: Anatomy) -> Iterator[str]:
    """Of two conditions that should both hold, one is enough."""
    return _either(anatomy, nodes.And)


def condition_strengthened(anatomy: Anatomy) -> Iterator[str]:
    """Of two conditions either of which should do, one has no say."""
    return _either(anatomy, nodes.Or)


def choice_dropped(anatomy: Anatomy) -> Iterator[str]:
    """What should be one of several may not be the last of them."""
    for row in anatomy.template.tree.find_all((nodes.List, nodes.Tuple)):
        if len(row.items) > 1:
            last, before = row.items[-1], row.items[-2]
            end, start = anatomy.template.outer(last), anatomy.template.outer(before)
            if start is not None and end is not None:
                yield edited(anatomy, Edit(start.end, end.end, ""))


def _tests(anatomy: Anatomy) -> Iterator[nodes.Expr]:
    for node in anatomy.template.tree.find_all((nodes.If, nodes.CondExpr, nodes.For)):
        if node.test is not None:
            yield node.test


def _either(anatomy: Anatomy, kind: type[nodes.BinExpr]) -> Iterator[str]:
    for node in anatomy.template.tree.find_all(kind):
        for kept in (node.left, node.right):
            span = anatomy.template.outer(kept)
            if span is not None:
                yield from _instead(anatomy, node, f"({span.of(anatomy.text)})")


def _instead(anatomy: Anatomy, node: nodes.Expr, written: str) -> Iterator[str]:
    span = anatomy.template.outer(node)
    if span is not None:
        yield edited(anatomy, Edit(*span, written.replace("{}", span.of(anatomy.text))))
