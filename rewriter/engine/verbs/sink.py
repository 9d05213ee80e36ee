"""Move output after a conditional into each of its branches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rewriter.engine.context import Context, Surroundings, in_bodies, is_open, label_of
from rewriter.engine.draft import (
    Added,
    Body,
    Compound,
    Node,
    Section,
    Statement,
    copied,
    dropped,
)
from rewriter.engine.markers import SWALLOWS_BEHIND
from rewriter.engine.outline import Status
from rewriter.engine.transforms import Sink
from rewriter.engine.whitespace import settled
from rewriter.turns.label import Label

_BOTH = Label.GENERATED | Label.ELSEWHERE


def sink(_: Sink, body: Body, context: Context) -> Body:
    """Each turn end that follows a dispatch on the role, moved into the branches of all roles."""

    def change(siblings: Body, _: Surroundings) -> Body:
        found = list(siblings)
        for index in range(len(found)):
            end = _next_printing(found, index)
            node = found[index]
            if isinstance(node, Compound) and end is not None and _fits(node, found[end], context):
                tail = found[end]
                assert isinstance(tail, Statement)
                found[index] = _with_tail(node, tail, context)
                found[end] = _taken_out(tail, node, found[end + 1 : end + 2], context)
        return tuple(found)

    return settled(in_bodies(body, change, is_open), context)


def _taken_out(
    tail: Statement, before: Compound, following: Sequence[Node], context: Context
) -> Statement:
    """Remove the turn end, and keep the white space after it from being swallowed."""
    guard = ""
    if any(isinstance(node, Statement) and node.atoms for node in following):
        after = context.text(following)
        if after[:1].isspace() and context.text((before.end,)).endswith(SWALLOWS_BEHIND):
            guard = "{{ '' }}"
        elif after.startswith(("\n", "\r")):
            guard = context.layout.newline
    added = (Added(guard, context.by),) if guard else ()
    return replace(tail, code=(*dropped(tail.code, context.by), *added), atoms=())


def _next_printing(siblings: list[Node], index: int) -> int | None:
    for following in range(index + 1, len(siblings)):
        node = siblings[following]
        if isinstance(node, Compound):
            return None
        if not node.is_blank:
            return following
    return None


def _fits(node: Compound, tail: Node, context: Context) -> bool:
    """Whether ``node`` dispatches on the role, and ``tail`` ends the turns of several roles."""
    if node.keyword != "if" or not isinstance(tail, Statement):
        return False
    labels = [label_of(section.body) for section in node.sections]
    return (
        label_of([tail]) & _BOTH == _BOTH
        and context.status(tail) is Status.INSIDE
        and any(label & Label.GENERATED for label in labels)
        and any(label and not label & Label.GENERATED for label in labels)
    )


def _with_tail(node: Compound, tail: Statement, context: Context) -> Compound:
    sections = [_section_with(section, tail, context) for section in node.sections]
    last = node.sections[-1].tag.leaf
    if last is None or last.piece.keyword != "else":
        otherwise = Section(context.added("{% else %}"), ())
        sections.append(_section_with(otherwise, tail, context))
    return replace(node, sections=tuple(sections))


def _section_with(section: Section, tail: Statement, context: Context) -> Section:
    own = label_of(section.body) & (_BOTH | Label.PROMPT) or Label.ELSEWHERE
    label = own & _BOTH or Label.GENERATED
    atoms = tuple(replace(atom, label=label) for atom in tail.atoms)
    copy = replace(tail, code=copied(tail.code, context.by), atoms=atoms)
    body = list(section.body)
    at = len(body)
    while at and isinstance(blank := body[at - 1], Statement) and blank.is_blank:
        at -= 1
    return Section(section.tag, (*body[:at], copy, *body[at:]))
