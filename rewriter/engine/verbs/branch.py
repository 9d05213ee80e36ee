"""Give the assistant a branch of its own in statements that print all roles' turns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

from rewriter.engine.assistant_tests import assistant_test, walks_messages
from rewriter.engine.context import Context, Surroundings, atoms, in_bodies, is_open, label_of
from rewriter.engine.draft import (
    Added,
    Atom,
    Body,
    Compound,
    Node,
    Section,
    Statement,
    copied,
    first_of,
    last_of,
)
from rewriter.engine.markers import closer, opener
from rewriter.engine.outline import Status
from rewriter.engine.sibling_runs import is_idle, jumps_out, leaks, runs
from rewriter.engine.transforms import Branch
from rewriter.engine.verbs.late_end_tests import late_end_test, unless_ended
from rewriter.errors import Reason
from rewriter.turns.label import STOP, Label

_SHORT = 2
# Which labels a branch keeps, and what it has if that is none: the assistant's, and the others'.
Side: TypeAlias = tuple[Label, Label]
_SIDES: Final[tuple[Side, Side]] = (
    (~Label.ELSEWHERE, Label.NOTHING),
    (Label.ELSEWHERE, Label.ELSEWHERE),
)
# A header is the model's where it ends the turn before, and nowhere else.
_STOP_SIDES: Final[tuple[Side, Side]] = (
    (Label.NOTHING, Label.GENERATED | Label.LATE),
    (Label.PROMPT | Label.ELSEWHERE, Label.ELSEWHERE),
)


def branch(_: Branch, body: Body, context: Context) -> Body:
    """Print each run of shared statements once for the assistant and once for the others."""
    return branched(body, context)


def branched(body: Body, context: Context) -> Body:
    """The same, for verbs that need it done."""

    def change(siblings: Body, around: Surroundings) -> Body:
        for late in (False, True):
            siblings = _branching(siblings, around, context, late=late)
        return siblings

    return in_bodies(body, change, is_open)


def _branching(siblings: Body, around: Surroundings, context: Context, *, late: bool) -> Body:
    """The siblings with branches; ``late``: for what ends the turn of the message before."""
    found: list[Node] = []
    cursor = 0

    def belongs(node: Node) -> bool:
        # Whether there is a turn before is asked around its end, and is no part of it.
        if late and not isinstance(node, Statement):
            return False
        is_late = bool(label_of((node,)) & Label.LATE)
        return is_late is late and (is_branched(node) or _is_told_together(node, context))

    def is_branched(node: Node) -> bool:
        return _is_shared(node, context) or _is_stop(node)

    for start, end in runs(siblings, belongs):
        run = siblings[start:end]
        if not any(map(is_branched, run)):
            continue
        found += siblings[cursor:start]
        after = context.text((*siblings[end:], *_ending(around)))
        found += _branched(run, siblings[:start], after, around, context)
        cursor = end
    return (*found, *siblings[cursor:])


def _is_shared(node: Node, context: Context) -> bool:
    """Whether a node prints what the assistant generates in a turn, and other roles' turns too."""
    if _holds_turns(node, context):
        return False
    return context.status(node) is Status.INSIDE and context.shared(node) and not is_idle(node)


def _is_told_together(node: Node, context: Context) -> bool:
    """Whether it is generated, and what was printed before tells how much of it is prompted."""
    return bool(context.outline.repeated) and context.status(node) is Status.INSIDE


def _holds_turns(node: Node, context: Context) -> bool:
    """Whether a node prints several turns, each of which gets its own branch."""
    if isinstance(node, Statement):
        return False
    if node.block and walks_messages(node.block.node, context.template) and context.shared(node):
        return True
    return any(_holds_turns(each, context) for section in node.sections for each in section.body)


def _is_stop(node: Node) -> bool:
    """Whether it prints nothing but headers that the turn before may end in."""
    found = tuple(atoms(node))
    return bool(found) and all(a.label & STOP and not a.label & Label.GENERATED for a in found)


def _ending(around: Surroundings) -> tuple[Statement, ...]:
    return (around.following,) if around.following else ()


def _branched(
    run: Body, before: Body, after: str, around: Surroundings, context: Context
) -> Iterator[Node]:
    """The run with its branches; a long one is captured once and printed in either."""
    first, last = first_of(run), last_of(run)
    test = _test(run, first, around, context)
    captive = not leaks(run, context.template) and not any(jumps_out(node) for node in run)
    if all(isinstance(node, Statement) for node in run) and (len(run) <= _SHORT or not captive):
        yield _dispatch(run, last, test, context.text(before), after, context)
        return
    if not captive:
        context.refuse(
            Reason.SHARED,
            "all roles share this, and it assigns or jumps to what lies after it",
            _at(first),
            "give the assistant a branch of its own by hand",
        )
    name = context.fresh("turn")
    opening, space = opener(f"set {name}", first, context.layout, context.text(before))
    yield context.added(opening + space)
    yield from (_relabelled(node, (Label.NOTHING, Label.NOTHING)) for node in run)
    closing = closer("endset", last, context.layout, after)
    lined = closing.startswith(("\n", "\r"))
    yield context.added(closing if lined else closer("endset", last, context.layout, "{%-"))
    printed = replace(
        context.added(f"{{{{- {name} }}}}", context.layout.line(context.layout.indentation(last)))
        if lined
        else context.added(f"{{{{ {name} }}}}"),
        atoms=(Atom(_at(first), 0, label_of(run)),),
    )
    yield _dispatch((printed,), last, test, "", after, context)


def _test(run: Body, first: Statement, around: Surroundings, context: Context) -> str:
    """A test that holds if the run prints generated text."""
    if not label_of(run) & Label.LATE:
        return assistant_test(around.blocks, context.template)
    stops, printed = context.outline.labels.stops, (atom for node in run for atom in atoms(node))
    found = late_end_test(printed, stops, around.blocks, context.template)
    if found is None:
        context.refuse(
            Reason.SHARED,
            "the end of a turn is printed at the beginning of the next one, where it is not "
            "known to be the assistant's",
            _at(first),
            "print the end of a turn in the turn that it ends",
        )
    begun = unless_ended(_at(first), around.blocks, context.template, context.outline.labels)
    return " and ".join((found, *begun))


def _at(statement: Statement) -> int:
    return statement.atoms[0].start if statement.atoms else 0


def _dispatch(
    run: Body, last: Statement, test: str, before: str, after: str, context: Context
) -> Compound:
    """``if`` the turn is the assistant's, a copy of the run, ``else`` the run itself.

    ``last`` is the statement of the original that ``after`` follows.
    """
    first = first_of(run)
    opening, space = opener(f"if {test}", first, context.layout, before)
    middle, lead = "{% else %}" + space, ""
    if "{%-" in opening and "\n" in opening + space:
        indentation = context.layout.indentation(first)
        middle = context.layout.line(indentation) + "{%- else %}"
        lead = context.layout.line(indentation + context.layout.unit)
        space = ""
    own, others = _STOP_SIDES if label_of(run) & STOP else _SIDES
    copy = [_copy(node, own, context) for node in run]
    rest = [_relabelled(node, others) for node in run]
    sections = (
        Section(context.added(opening + space), (_led(copy[0], lead, context), *copy[1:])),
        Section(context.added(middle), (_led(rest[0], lead, context), *rest[1:])),
    )
    end = context.added(closer("endif", last, context.layout, after))
    return Compound(sections, end, opened_by="if")


def _led(node: Node, lead: str, context: Context) -> Node:
    assert isinstance(node, Statement)
    return replace(node, lead=(Added(lead, context.by),) if lead else ())


def _copy(node: Node, side: Side, context: Context) -> Node:
    copy = _relabelled(node, side)
    assert isinstance(copy, Statement)
    return replace(copy, code=copied(copy.code, context.by))


def _relabelled(node: Node, side: Side) -> Node:
    """A node that prints only what it did on one side."""
    keep, fallback = side

    def change(statement: Statement) -> Statement:
        atoms = tuple(replace(a, label=(a.label & keep) or fallback) for a in statement.atoms)
        return replace(statement, atoms=atoms)

    if isinstance(node, Statement):
        return change(node)
    sections: Sequence[Section] = [
        Section(s.tag, tuple(_relabelled(n, side) for n in s.body)) for s in node.sections
    ]
    return replace(node, sections=tuple(sections))
