"""The template's own text that depends only on documents, the clock, tools or the next message.

``{% for d in documents %} [{{ loop.index }}]{% endfor %}`` prints no given value, but the documents
decide how often the text is printed. Given values may also decide which text is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final

from jinja2 import nodes

from rewriter.source.lexer import Span
from rewriter.source.template import Block, Item, Template
from rewriter.source.walk import find_all
from rewriter.tracing.arms import prints_own
from rewriter.tracing.block_types import items_of
from rewriter.tracing.fields import given_types
from rewriter.tracing.made_from import key_of, names_in, origins, targets
from rewriter.tracing.made_here import FUNCTIONS, made_here
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
    names = _with_tests(template)
    others = [
        at
        for at, each in sites.items()
        if at not in given and not prints_own(each) and not _is_given(each, names, _COUNTED)
    ]
    later = NextMessage(template.tree)
    found = (*_clauses(template.items, names, later), *_chosen(template, names, later))
    return tuple(span for span in found if not span.holds(*others))


def _with_tests(template: Template) -> Mapping[str, set[str]]:
    """What each name is made from, including the tests and loops around its assignments."""
    names = {name: set(found) for name, found in made_here(template).items()}
    for macro in find_all(template.tree, nodes.Macro):
        names[macro.name] = {name for each in macro.body for name in names_in(each)}

    def add(items: Iterable[Item], asked: frozenset[str]) -> None:
        for item in items:
            if isinstance(item, Block):
                tests = asked
                for clause in item.clauses:
                    node = clause.tag.node
                    if isinstance(node, (nodes.If, nodes.For)):
                        asks = node.test if isinstance(node, nodes.If) else node.iter
                        tests |= names_in(asks)
                    add(clause.body, tests)
            elif isinstance(item.node, nodes.Assign):
                for name in names.keys() & targets(item.node.target):
                    names[name] |= asked

    add(template.items, frozenset())
    return names


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


def _is_given(node: nodes.Node, names: Mapping[str, set[str]], known: Collection[str]) -> bool:
    """Whether an expression is made only from given values."""
    roots = origins(node, names) - names.keys() - FUNCTIONS
    return bool(roots) and all(root in known for root in roots)


def _clauses(
    items: Iterable[Item], names: Mapping[str, set[str]], later: NextMessage
) -> Iterator[Span]:
    for item in items:
        if not isinstance(item, Block):
            continue
        decided = True
        for clause, body in zip(item.clauses, item.bodies, strict=True):
            node = clause.tag.node
            if isinstance(node, nodes.If) and later.decides(node.test):
                yield body
            if isinstance(node, nodes.If):
                decided = decided and _is_given(node.test, names, _GIVEN)
            elif isinstance(node, nodes.For):
                asked = [node.iter, *([node.test] if node.test else [])]
                decided = all(_is_given(each, names, _COUNTED) for each in asked)
            if decided and item.keyword in ("if", "for"):
                yield body
            yield from _clauses(clause.body, names, later)


def _chosen(
    template: Template, names: Mapping[str, set[str]], later: NextMessage
) -> Iterator[Span]:
    """The arms of expressions that given values choose, and the texts that they repeat."""
    kinds: tuple[Any, ...] = (nodes.CondExpr, nodes.Getitem, nodes.Call, nodes.Mul)
    for node in find_all(template.tree, kinds):
        arms: list[nodes.Expr | None] = []
        match node:
            case nodes.CondExpr() if _is_given(node.test, names, _GIVEN):
                arms = [node.expr1, node.expr2]
            case nodes.CondExpr() if later.decides(node.test):
                arms = [node.expr1]
            case nodes.Getitem(node=collection, arg=key) if _is_given(key, names, _COUNTED):
                arms = [_collection(collection, template)]
            case nodes.Call(node=nodes.Getattr(node=collection, attr="get"), args=[key, *default]):
                if _is_given(key, names, _COUNTED):
                    arms = [_collection(collection, template), *default]
            case nodes.Mul(left=one, right=other):
                arms += [one] if _is_given(other, names, _COUNTED) else []
                arms += [other] if _is_given(one, names, _COUNTED) else []
        for span in map(template.outer, filter(None, arms)):
            if span is not None:
                yield span


def _collection(node: nodes.Expr, template: Template) -> nodes.Expr | None:
    """The constant list or mapping that an expression is, or that its name has."""
    if isinstance(node, nodes.Name):
        assigned = (
            each.node
            for each in find_all(template.tree, nodes.Assign)
            if isinstance(each.target, nodes.Name) and each.target.name == node.name
        )
        return next((each for each in assigned if isinstance(each, _COLLECTIONS)), None)
    return node if isinstance(node, _COLLECTIONS) else None
