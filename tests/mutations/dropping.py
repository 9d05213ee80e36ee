"""Mutants that print less, more, or in another order: a role's messages, or one output."""

from __future__ import annotations

from collections.abc import Iterator

from jinja2 import nodes

from rewriter.source.template import Block, Leaf
from tests.mutations.anatomy import Anatomy, Spot
from tests.mutations.editing import (
    Edit,
    body_of,
    edited,
    expression_of,
    said_instead,
    silenced,
    tags_at,
)

ROLES = ("assistant", "system", "tool", "user")


def role_dropped(anatomy: Anatomy) -> Iterator[str]:
    """The messages of one role print nothing."""
    for loop, role in _spoken(anatomy):
        yield _guarded(anatomy, loop, f"{{message}}.role != '{role}'")


def role_doubled(anatomy: Anatomy) -> Iterator[str]:
    """The messages of one role are printed twice."""
    for loop, role in _spoken(anatomy):
        start, end = _inside(loop)
        again = anatomy.text[start:end]
        condition = f"if {anatomy.message([loop.item])}.role == '{role}'"
        first = tags_at(anatomy, start, condition)
        yield edited(anatomy, first, Edit(start, start, again), tags_at(anatomy, start, "endif"))


def role_put_last(anatomy: Anatomy) -> Iterator[str]:
    """The messages of one role are printed after all others."""
    for loop, role in _spoken(anatomy):
        span = anatomy.template.outer(_loop(loop).iter)
        assert span is not None
        whole = span.of(anatomy.text)
        others = f"({whole}) | rejectattr('role', 'equalto', '{role}') | list"
        own = f"({whole}) | selectattr('role', 'equalto', '{role}') | list"
        yield edited(anatomy, Edit(*span, f"({others} + {own})"))


def third_user_message_dropped(anatomy: Anatomy) -> Iterator[str]:
    """The messages of users print nothing from the third on."""
    for loop in anatomy.message_loops:
        if "user" in anatomy.printed(loop.item).roles:
            earlier = f"({_walked(anatomy, loop)})[:loop.index0]"
            users = f"{earlier} | selectattr('role', 'equalto', 'user') | list | length"
            yield _guarded(anatomy, loop, f"not ({{message}}.role == 'user' and {users} >= 2)")


def system_in_the_middle_dropped(anatomy: Anatomy) -> Iterator[str]:
    """A system message prints nothing unless it is the first of all messages."""
    for loop in anatomy.message_loops:
        if "system" in anatomy.printed(loop.item).roles:
            said = "{message}.role != 'system' or {message} == messages[0]"
            yield _guarded(anatomy, loop, said)


def output_dropped(anatomy: Anatomy) -> Iterator[str]:
    """One output prints nothing."""
    for spot in anatomy.outputs:
        assert isinstance(spot.item, Leaf)
        yield edited(anatomy, silenced(anatomy, spot.item))


def output_doubled(anatomy: Anatomy) -> Iterator[str]:
    """One output prints twice what it should."""
    for spot in anatomy.outputs:
        assert isinstance(spot.item, Leaf)
        once = expression_of(anatomy, spot.item)
        yield edited(anatomy, said_instead(anatomy, spot.item, f"({once}) ~ ({once})"))


def outputs_swapped(anatomy: Anatomy) -> Iterator[str]:
    """Two outputs that follow each other print in the other order."""
    spots = {id(spot.item): spot for spot in anatomy.outputs}
    for spot in anatomy.outputs:
        following = next((each for each in spot.after if id(each) in spots), None)
        between = spot.after[: spot.after.index(following)] if following else ()
        if following is None or any(isinstance(each, Block) for each in between):
            continue
        one, other = spot.item, following
        assert isinstance(one, Leaf)
        assert isinstance(other, Leaf)
        yield edited(
            anatomy,
            said_instead(anatomy, one, expression_of(anatomy, other)),
            said_instead(anatomy, other, expression_of(anatomy, one)),
        )


def operands_swapped(anatomy: Anatomy) -> Iterator[str]:
    """The first two operands of an output stand in the other order."""
    for spot in anatomy.outputs:
        row = anatomy.operands(spot.item)
        if len(row) > 1:
            (_, one), (_, other) = row[:2]
            yield edited(
                anatomy,
                Edit(*one, other.of(anatomy.text)),
                Edit(*other, one.of(anatomy.text)),
            )


def _spoken(anatomy: Anatomy) -> Iterator[tuple[Spot, str]]:
    """Each loop over the messages, with each role that speaks in it."""
    for loop in anatomy.message_loops:
        for role in ROLES:
            if role in anatomy.printed(loop.item).roles:
                yield loop, role


def _guarded(anatomy: Anatomy, loop: Spot, condition: str) -> str:
    """What a loop does, done on a condition on its message."""
    test = condition.format(message=anatomy.message([loop.item]))
    start, end = _inside(loop)
    return edited(anatomy, tags_at(anatomy, start, f"if {test}"), tags_at(anatomy, end, "endif"))


def _inside(loop: Spot) -> tuple[int, int]:
    body = body_of(loop.item)
    return body[0].span.start, body[-1].span.end


def _loop(loop: Spot) -> nodes.For:
    assert isinstance(loop.item, Block)
    assert isinstance(loop.item.node, nodes.For)
    return loop.item.node


def _walked(anatomy: Anatomy, loop: Spot) -> str:
    span = anatomy.template.outer(_loop(loop).iter)
    assert span is not None
    return span.of(anatomy.text)
