"""Give what the assistant generates with a statement of all roles a branch of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

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
from rewriter.engine.role import assistant_test, walks_messages
from rewriter.engine.runs import is_idle, jumps_out, leaks, runs
from rewriter.engine.transforms import Branch
from rewriter.engine.workplace import Surroundings, Workplace, in_bodies, is_open, label_of
from rewriter.errors import Reason
from rewriter.tracing.labels import Label

_SHORT = 2


def branch(_: Branch, body: Body, place: Workplace) -> Body:
    """Each run of shared statements, once for the assistant and once for the others."""

    def change(siblings: Body, around: Surroundings) -> Body:
        found: list[Node] = []
        cursor = 0
        for start, end in runs(siblings, lambda node: _is_shared(node, place)):
            run = siblings[start:end]
            found += siblings[cursor:start]
            after = place.text((*siblings[end:], *_ending(around)))
            found += _branched(run, siblings[:start], after, around, place)
            cursor = end
        return (*found, *siblings[cursor:])

    return in_bodies(body, change, is_open)


def _is_shared(node: Node, place: Workplace) -> bool:
    """Whether a node prints what the assistant generates in a turn, and other roles' turns too."""
    loop = node.block.node if isinstance(node, Compound) and node.block else None
    if walks_messages(loop, place.template):
        return False
    return place.status(node) is Status.INSIDE and place.shared(node) and not is_idle(node)


def _ending(around: Surroundings) -> tuple[Statement, ...]:
    return (around.following,) if around.following else ()


def _branched(
    run: Body, before: Body, after: str, around: Surroundings, place: Workplace
) -> Iterator[Node]:
    """The run with its branches; a long one is captured once and printed in either."""
    test = assistant_test(around.blocks, place.template)
    first, last = first_of(run), last_of(run)
    captive = not leaks(run, place.template) and not any(jumps_out(node) for node in run)
    if all(isinstance(node, Statement) for node in run) and (len(run) <= _SHORT or not captive):
        yield _dispatch(run, last, test, place.text(before), after, place)
        return
    if not captive:
        place.refuse(
            Reason.SHARED,
            "all roles share this, and it assigns or jumps to what lies behind it",
            first.atoms[0].start if first.atoms else 0,
            "give the assistant a branch of its own by hand",
        )
    name = place.fresh("turn")
    opening, space = opener(f"set {name}", first, place.layout, place.text(before))
    yield place.added(opening + space)
    yield from (_relabelled(node, Label.NOTHING, Label.NOTHING) for node in run)
    closing = closer("endset", last, place.layout, after)
    lined = closing.startswith(("\n", "\r"))
    yield place.added(closing if lined else closer("endset", last, place.layout, "{%-"))
    printed = replace(
        place.added(f"{{{{- {name} }}}}", place.layout.line(place.layout.indentation(last)))
        if lined
        else place.added(f"{{{{ {name} }}}}"),
        atoms=(Atom(first.atoms[0].start if first.atoms else 0, 0, label_of(run)),),
    )
    yield _dispatch((printed,), last, test, "", after, place)


def _dispatch(
    run: Body, last: Statement, test: str, before: str, after: str, place: Workplace
) -> Compound:
    """``if`` the turn is the assistant's, a copy of the run, ``else`` the run itself.

    ``last`` is the statement of the original that ``after`` follows.
    """
    first = first_of(run)
    opening, space = opener(f"if {test}", first, place.layout, before)
    middle, lead = "{% else %}" + space, ""
    if "{%-" in opening and "\n" in opening + space:
        indentation = place.layout.indentation(first)
        middle = place.layout.line(indentation) + "{%- else %}"
        lead = place.layout.line(indentation + place.layout.unit)
        space = ""
    copy = [_copy(node, place) for node in run]
    rest = [_relabelled(node, Label.ELSEWHERE, Label.ELSEWHERE) for node in run]
    sections = (
        Section(place.added(opening + space), (_led(copy[0], lead, place), *copy[1:])),
        Section(place.added(middle), (_led(rest[0], lead, place), *rest[1:])),
    )
    end = place.added(closer("endif", last, place.layout, after))
    return Compound(sections, end, opened_by="if")


def _led(node: Node, lead: str, place: Workplace) -> Node:
    assert isinstance(node, Statement)
    return replace(node, lead=(Added(lead, place.by),) if lead else ())


def _copy(node: Node, place: Workplace) -> Node:
    copy = _relabelled(node, ~Label.ELSEWHERE, Label.NOTHING)
    assert isinstance(copy, Statement)
    return replace(copy, code=copied(copy.code, place.by))


def _relabelled(node: Node, keep: Label, fallback: Label) -> Node:
    """A node that prints only ``keep`` of what it did."""

    def change(statement: Statement) -> Statement:
        atoms = tuple(replace(a, label=(a.label & keep) or fallback) for a in statement.atoms)
        return replace(statement, atoms=atoms)

    if isinstance(node, Statement):
        return change(node)
    sections: Sequence[Section] = [
        Section(s.tag, tuple(_relabelled(n, keep, fallback) for n in s.body)) for s in node.sections
    ]
    return replace(node, sections=tuple(sections))
