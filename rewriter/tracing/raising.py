"""Sources of text that no completed render can have evaluated.

Everything in one body with a call that always raises is never printed, whether before the call or
after it. Such calls are ``raise_exception``, and methods that change a list or mapping, which
transformers' sandbox forbids. Unknown filters and tests raise, too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from jinja2 import nodes

from rewriter.source.walk import find_all, find_below, find_within
from rewriter.tracing.calls import raises
from rewriter.tracing.installed_transformers import sandbox
from rewriter.tracing.sources import Source, Sources

# No text, number or mapping has an allowed method of these names.
_CHANGES: Final = frozenset(
    {
        "append",
        "clear",
        "extend",
        "insert",
        "pop",
        "popitem",
        "remove",
        "reverse",
        "setdefault",
        "sort",
        "update",
    }
)
_JUMPS: Final[tuple[type[nodes.Node], ...]] = (nodes.Continue, nodes.Break)
# Expressions that always evaluate only their first field.
_FIRST: Final[dict[type[nodes.Node], str]] = {
    nodes.And: "left",
    nodes.Or: "left",
    nodes.CondExpr: "test",
}


def never_ends(sources: Sources) -> frozenset[int]:
    """The numbers of the sources whose evaluation always comes with an error.

    A source that is assigned to a name counts too, if every read of that name is such a source.
    """
    tree = sources.template.tree
    known = _given_names(tree)
    asked: list[nodes.Filter | nodes.Test] = [*find_all(tree, nodes.Filter)]
    asked += find_all(tree, nodes.Test)
    unknown = [each for each in asked if _is_unknown(each)]
    doomed = {id(node) for body in (*_bodies(tree, known), unknown) for node in _inner(body)}
    found = {each.number for each in sources.sources if id(each.node) in doomed}
    if not found:
        return frozenset()
    readers: defaultdict[str, set[int]] = defaultdict(set)
    for source in sources.sources:
        for name in sources.names.read_by(source.node):
            readers[name].add(source.number)
    while more := {
        each.number
        for each in sources.sources
        if each.number not in found and _is_lost(each, readers, found)
    }:
        found |= more
    return frozenset(found)


def _is_lost(source: Source, readers: dict[str, set[int]], raising: set[int]) -> bool:
    return bool(source.target) and readers.get(source.target or "", {-1}) <= raising


def _given_names(tree: nodes.Template) -> frozenset[str]:
    """The names that a template itself assigns, including macros."""
    fields = {each.attr for each in find_all(tree, nodes.NSRef)}
    keys = {str(getattr(each.key, "value", "")) for each in find_all(tree, nodes.Pair)}
    return frozenset(fields | keys | {each.key for each in find_all(tree, nodes.Keyword)})


def _bodies(node: nodes.Node, known: frozenset[str]) -> Iterator[Sequence[nodes.Node]]:
    """The bodies whose end is never reached."""
    for field in ("body", "else_") if not isinstance(node, nodes.Template) else ():
        body = getattr(node, field, None)
        if isinstance(body, list) and _always_raises(body, known):
            yield body
    for child in node.iter_child_nodes():
        yield from _bodies(child, known)


def _always_raises(body: Sequence[nodes.Node], known: frozenset[str]) -> bool:
    for statement in body:
        if isinstance(statement, nodes.If):
            arms = [statement.body, *(each.body for each in statement.elif_), statement.else_]
            if all(_always_raises(arm, known) for arm in arms):
                return True
        if any(_is_forbidden(e, known) for each in _run(statement) for e in _evaluated(each)):
            return True
        # The following statements may be skipped.
        if any(find_within(statement, _JUMPS)):
            return False
    return False


def _run(statement: nodes.Node) -> Sequence[nodes.Node]:
    """The expressions that are evaluated whenever a statement is run."""
    match statement:
        case nodes.If(test=found) | nodes.For(iter=found):
            return [found]
        case nodes.Assign(node=found) | nodes.ExprStmt(node=found):
            return [found]
        case nodes.Output(nodes=printed):
            return list(printed)
    return []


def _is_forbidden(node: nodes.Node, known: frozenset[str]) -> bool:
    if raises(node):
        return True
    if isinstance(node, (nodes.Filter, nodes.Test)):
        return _is_unknown(node)
    called = node.node if isinstance(node, nodes.Call) else None
    return isinstance(called, nodes.Getattr) and called.attr in _CHANGES - known


def _is_unknown(node: nodes.Filter | nodes.Test) -> bool:
    own = sandbox()
    return node.name not in (own.filters if isinstance(node, nodes.Filter) else own.tests)


def _evaluated(node: nodes.Node) -> Iterator[nodes.Node]:
    """An expression, and the parts that are always evaluated with it."""
    yield node
    first = _FIRST.get(type(node))
    if first is not None:
        yield from _evaluated(getattr(node, first))
    elif isinstance(node, nodes.Compare):
        yield from _evaluated(node.expr)
    else:
        for child in node.iter_child_nodes():
            yield from _evaluated(child)


def _inner(body: Sequence[nodes.Node]) -> Iterator[nodes.Node]:
    for statement in body:
        yield statement
        yield from find_below(statement, nodes.Node)
