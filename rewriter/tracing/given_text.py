"""The template's own text that depends only on documents, the clock, tools or the next message.

``{% for d in documents %} [{{ loop.index }}]{% endfor %}`` prints no given value, but the documents
decide how often the text is printed. Given values may also decide which text is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from jinja2 import nodes

from rewriter.source.lexer import Span
from rewriter.source.template import Block, Item, Template
from rewriter.source.walk import find_all
from rewriter.tracing.arms import prints_own
from rewriter.tracing.block_types import items_of
from rewriter.tracing.decisions import Decisions
from rewriter.tracing.fields import given_types
from rewriter.tracing.made_from import key_of, names_in
from rewriter.tracing.next_message import NextMessage

_GIVEN: Final = frozenset({"documents", "strftime_now"})
# The presence of tools may change how a model answers; their number does not.
_COUNTED: Final = _GIVEN | {"tools"}
_NEXT: Final = ("nextitem", "loop.index")
_COLLECTIONS: Final = (nodes.List, nodes.Tuple, nodes.Dict, nodes.Const)


def chosen_by_given(
    template: Template, sites: Mapping[int, nodes.Expr], given: Collection[int]
) -> tuple[Span, ...]:
    """Where the source has text that only given values decide on, and that prints nothing else.

    ``sites`` are those that print, and ``given`` those of them that print given values.
    """
    if not any(name in template.text for name in (*_COUNTED, *_NEXT)):
        return ()
    by = Decisions(template)
    others = [
        at
        for at, each in sites.items()
        if at not in given and not prints_own(each) and not by.depends_only_on(each, at, _COUNTED)
    ]
    later = NextMessage(template.tree)
    found = (*_clauses(template.items, by, later), *_chosen(template, by, later))
    return tuple(span for span in found if not span.holds(*others))


def of_given_types(template: Template, sites: Mapping[int, nodes.Expr]) -> tuple[Span, ...]:
    """The arms for blocks of a given type, which print no other text."""
    if not any(kind in template.text for kind in given_types()):
        return ()
    messages = {name for name, of in items_of(template.tree) if of == "message"}
    others = [at for at, each in sites.items() if not messages.isdisjoint(names_in(each))]
    return tuple(span for span in _arms_of_types(template.items) if not span.holds(*others))


def _arms_of_types(items: Iterable[Item]) -> Iterator[Span]:
    for item in items:
        if not isinstance(item, Block):
            continue
        for clause, body in zip(item.clauses, item.bodies, strict=True):
            node = clause.tag.node
            if isinstance(node, nodes.If) and _asks_for_given(node.test):
                yield body
            yield from _arms_of_types(clause.body)


def _asks_for_given(test: nodes.Node) -> bool:
    """Whether a test holds only for blocks of a given type."""
    match test:
        case nodes.And(left=left, right=right):
            return _asks_for_given(left) or _asks_for_given(right)
        case nodes.Compare(expr=asked, ops=[nodes.Operand(op="eq", expr=nodes.Const(value=kind))]):
            return key_of(asked) == "type" and kind in given_types()
    return False


def _clauses(items: Iterable[Item], by: Decisions, later: NextMessage) -> Iterator[Span]:
    for item in items:
        if not isinstance(item, Block):
            continue
        decided = True
        for clause, body in zip(item.clauses, item.bodies, strict=True):
            node = clause.tag.node
            if isinstance(node, nodes.If) and later.decides(node.test):
                yield body
            if isinstance(node, nodes.If):
                decided = decided and by.depends_only_on(node.test, body.start, _GIVEN)
            elif isinstance(node, nodes.For):
                asked = [node.iter, *([node.test] if node.test else [])]
                at = body.start
                decided = all(by.depends_only_on(each, at, _COUNTED) for each in asked)
            if decided and item.keyword in ("if", "for"):
                yield body
            yield from _clauses(clause.body, by, later)


def _chosen(template: Template, by: Decisions, later: NextMessage) -> Iterator[Span]:
    """The arms of expressions that given values choose, and the texts that they repeat."""
    kinds: tuple[Any, ...] = (nodes.CondExpr, nodes.And, nodes.Getitem, nodes.Call, nodes.Mul)
    for node in find_all(template.tree, kinds):
        place = template.outer(node)
        for arm in _arms(template, node, by, later, place.start if place else -1):
            span = template.outer(arm)
            if span is not None:
                yield span


def _arms(
    template: Template, node: Any, by: Decisions, later: NextMessage, at: int
) -> Iterator[nodes.Expr]:
    """The operands of the expression at a place that given values choose or repeat."""

    def is_given(expression: nodes.Node, passed: Collection[str] = _COUNTED) -> bool:
        return by.depends_only_on(expression, at, passed)

    match node:
        case nodes.CondExpr(test=test, expr1=one, expr2=other):
            if is_given(test, _GIVEN):
                yield from (one, *([other] if other else []))
            elif later.decides(test):
                yield one
        case nodes.And(left=asked, right=one) if is_given(asked, _GIVEN):
            yield one
        case nodes.Getitem(node=collection, arg=key) if is_given(key):
            yield from _collection(collection, template)
        case nodes.Call(node=nodes.Getattr(node=collection, attr="get"), args=[key, *default]):
            if is_given(key):
                yield from (*_collection(collection, template), *default)
        case nodes.Mul(left=one, right=other):
            yield from (text for text, by_ in ((one, other), (other, one)) if is_given(by_))


def _collection(node: nodes.Expr, template: Template) -> Sequence[Any]:
    """The constant list or mapping that an expression is, or the first that its name has."""
    found: list[nodes.Node] = [node]
    if isinstance(node, nodes.Name):
        found = [
            each.node
            for each in find_all(template.tree, nodes.Assign)
            if isinstance(each.target, nodes.Name) and each.target.name == node.name
        ]
    return [each for each in found if isinstance(each, _COLLECTIONS)][:1]
