"""Put a block around each run of statements that the assistant generates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from jinja2 import nodes

from rewriter.engine.context import Context, Surroundings, atoms, in_bodies, is_open
from rewriter.engine.draft import (
    Body,
    Compound,
    Node,
    Section,
    Statement,
    first_of,
    last_of,
    statements,
)
from rewriter.engine.foreign import refuse_foreign, refuse_put_in
from rewriter.engine.markers import closer, opener
from rewriter.engine.outline import Status
from rewriter.engine.sibling_runs import is_idle, jumps_out, leaks, leaks_added
from rewriter.engine.transforms import Wrap
from rewriter.engine.unseen_outputs import refuse_unseen
from rewriter.errors import Reason

# What a refusal says to do as long as the transform was not tried.
TAKEN_APART: Final = "the transform 'split-role-header' takes such statements apart"


def wrap(rule: Wrap, body: Body, context: Context) -> Body:
    """Put the rule's tags around each maximal run, at the highest possible level.

    Raises:
        Refused: generated text cannot be separated from other text.

    """

    def change(siblings: Body, around: Surroundings) -> Body:
        found: list[Node] = []
        cursor = 0
        for start, end in _legal_runs(siblings, body, around, context):
            found += siblings[cursor:start]
            ending = (around.following,) if around.following else ()
            after = context.text((*siblings[end:], *ending))
            before = context.text(siblings[:start])
            found.append(_wrapped(siblings[start:end], before, after, rule, context))
            cursor = end
        return (*found, *siblings[cursor:])

    wrapped = in_bodies(body, change, is_open)
    refuse_unseen(wrapped, context, rule.tag)
    return wrapped


def _legal_runs(
    siblings: Body, body: Body, around: Surroundings, context: Context
) -> Iterator[tuple[int, int]]:
    """The runs that a block may enclose, without generated text left beside them."""
    start: int | None = None
    end = 0
    for index, node in enumerate(siblings):
        _check_in_loop(node, around, context)
        status = _status(node, context)
        if status is Status.INSIDE:
            if start is not None and _may_hold(siblings[start : index + 1], body, context):
                end = index + 1
                continue
            if start is not None:
                yield start, end
            start, end = (index, index + 1) if _may_hold((node,), body, context) else (None, 0)
            if start is None and isinstance(node, Statement):
                _refuse(node, context)
        elif start is not None and status is not Status.SILENT:
            yield start, end
            start = None
    if start is not None:
        yield start, end


def _may_hold(run: Body, body: Body, context: Context) -> bool:
    if any(jumps_out(node) for node in run) or leaks(run, context.template):
        return False
    return not leaks_added(run, body)


def _check_in_loop(node: Node, around: Surroundings, context: Context) -> None:
    """Refuse what the assistant generates where no block can enclose it alone.

    That is an output that prints all turns at once, after the loop that built them, and a recursive
    loop, which collects all that it prints first.

    Raises:
        Refused: if it is generated there.

    """
    collects = any(isinstance(b.node, nodes.For) and b.node.recursive for b in around.blocks)
    if collects and context.status(node) in (Status.INSIDE, Status.MIXED):
        context.refuse(
            Reason.SHARED,
            "a recursive loop prints this, and collects all turns before it prints them, so that "
            "the span of a generation block would be counted from the wrong place",
            next((each.start for each in atoms(node)), 0),
            "loop over the messages without 'recursive'",
        )
    at = context.all_at_once(node, around) if isinstance(node, Statement) else None
    if at is not None:
        context.refuse(
            Reason.SHARED,
            "this prints the turns of all roles at once, put together before, and a generation "
            "block can only stand where a turn is printed",
            at,
            "print each turn within the loop over the messages, as it is put together",
        )


def _status(node: Node, context: Context) -> Status:
    """A node's status; statements shared with other roles are not wrapped."""
    status = context.status(node)
    if status is Status.INSIDE and is_idle(node):
        return Status.SILENT
    if isinstance(node, Statement):
        if status is Status.MIXED or (status is Status.INSIDE and context.shared(node)):
            _refuse(node, context)
        if status is Status.INSIDE:
            refuse_put_in(node, context)
        return status
    if status is Status.INSIDE and context.shared(node):
        return Status.MIXED
    for statement in statements((node,)) if status is Status.INSIDE else ():
        refuse_put_in(statement, context)
    if status is Status.MIXED and not is_open(node):
        _refuse(node, context)
    return status


def _refuse(node: Node, context: Context) -> None:
    refuse_foreign(node, context)
    at = next((a.start for s in statements((node,)) for a in s.atoms), 0)
    if isinstance(node, Compound) and not is_open(node):
        context.refuse(
            Reason.MIXED,
            f"this {node.keyword} block makes one text of what the assistant generates and of "
            "what it does not",
            at,
            "let the block hold what the assistant generates alone",
        )
    shared = context.status(node) is Status.INSIDE
    context.refuse(
        Reason.SHARED if shared else Reason.MIXED,
        "this prints other roles' turns as well as what the assistant generates"
        if shared
        else "this prints what the assistant is prompted with together with what it generates",
        at,
        TAKEN_APART,
    )


def _wrapped(run: Body, before: str, after: str, rule: Wrap, context: Context) -> Compound:
    opening, space = opener(rule.tag, first_of(run), context.layout, before)
    end = closer(f"end{rule.tag}", last_of(run), context.layout, after)
    section = Section(context.added(opening + space), run)
    return Compound((section,), context.added(end), opened_by=rule.tag)
