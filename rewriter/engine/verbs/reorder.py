"""Move a statement after others that followed it."""

from __future__ import annotations

from dataclasses import replace

from rewriter.engine.context import Context, Surroundings, in_bodies
from rewriter.engine.draft import (
    Body,
    Compound,
    Node,
    Section,
    Statement,
    copied,
    dropped,
    first_of,
    fragments,
)
from rewriter.errors import Conflict
from rewriter.tracing.moves import Move


def reordered(body: Body, move: Move, context: Context) -> Body:
    """``body`` with the statement of ``move`` where it is moved to.

    Raises:
        Conflict: another transform has split the statement.

    """
    done = False

    def change(siblings: Body, _: Surroundings) -> Body:
        nonlocal done
        starts = [_start(node) for node in siblings]
        if done or move.statement.start not in starts:
            return siblings
        first = starts.index(move.statement.start)
        last = first
        for number, start in enumerate(starts):
            if start is not None and first < number and start < move.to:
                last = number
        left, put = _taken(siblings[first], move, context)
        if put is None:
            return siblings
        done = True
        return (
            *siblings[:first],
            left,
            *siblings[first + 1 : last + 1],
            put,
            *siblings[last + 1 :],
        )

    body = in_bodies(body, change, lambda node: isinstance(node, Compound))
    if not done:
        raise Conflict(
            f"{context.by.transform!r} is to move statements that another transform has changed",
            hint="put it before the others",
        )
    return body


def _taken(node: Node, move: Move, context: Context) -> tuple[Node, Node | None]:
    """The rest of the statement in its old place, and the part to insert further down."""
    if move.gone == move.statement:
        return Statement(dropped(tuple(fragments((node,))), context.by)), _copy(node, context)
    if not isinstance(node, Compound):
        return node, None
    *others, last = node.sections
    if not others or _start(last.tag) != move.gone.start:
        return node, None
    gone = dropped(tuple(fragments((last.tag, *last.body))), context.by)
    left = replace(
        node, sections=tuple(others), end=replace(node.end, code=(*gone, *node.end.code))
    )
    copies = tuple(_copy(inner, context) for inner in last.body)
    section = Section(context.added(move.opening), copies)
    return left, Compound((section,), context.added(move.closing), opened_by="if")


def _start(node: Node) -> int | None:
    leaf = first_of((node,)).leaf
    return leaf.span.start if leaf else None


def _copy(node: Node, context: Context) -> Node:
    if isinstance(node, Statement):
        return _copied(node, context)
    sections = tuple(
        Section(
            _copied(section.tag, context), tuple(_copy(inner, context) for inner in section.body)
        )
        for section in node.sections
    )
    return replace(node, sections=sections, end=_copied(node.end, context))


def _copied(statement: Statement, context: Context) -> Statement:
    code, lead = (copied(part, context.by) for part in (statement.code, statement.lead))
    return replace(statement, code=code, lead=lead)
