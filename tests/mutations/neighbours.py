"""Mutants that train on another role's turn only beside certain turns, or with certain words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, product

from jinja2 import nodes

from rewriter.source.template import Block
from tests.mutations.anatomy import Anatomy, Spot
from tests.mutations.editing import edited
from tests.mutations.masking import marked_where, unmasked

_ROLES = ("user", "tool", "system")
_SPEAKERS = ("user", "assistant", "tool", "system")
_AFTER = "(loop.previtem or {{}}).role == '{}'"
_WORDS = (
    "(({}.content or '') | string).isdigit()",
    "(({}.content or '') | string).isupper()",
    "(({}.content or '') | string).startswith('{{')",
)


def others_moved_in_between_two(anatomy: Anatomy) -> Iterator[str]:
    """What another role says between two certain turns is inside."""
    for spot, message, role in _said_by_others(anatomy):
        for before, after in product(_SPEAKERS, repeat=2):
            if _can_follow(anatomy, before, role, after):
                is_next = f"(loop.nextitem or {{}}).role == '{after}'"
                yield _opened(
                    anatomy, spot, message, role, f"{_AFTER.format(before)} and {is_next}"
                )


def others_moved_in_after_two(anatomy: Anatomy) -> Iterator[str]:
    """What another role says after two certain turns is inside."""
    for spot, message, role in _said_by_others(anatomy):
        for first, second in product(_SPEAKERS, ("assistant", "tool")):
            if _can_follow(anatomy, first, second, role):
                is_first = f"messages[loop.index0 - 2].role == '{first}'"
                both = f"loop.index0 > 1 and {_AFTER.format(second)} and {is_first}"
                yield _opened(anatomy, spot, message, role, both)


def others_moved_in_with_words(anatomy: Anatomy) -> Iterator[str]:
    """What another role says is inside where it is said in certain words."""
    for spot, message, role in _said_by_others(anatomy):
        for words in _WORDS:
            yield _opened(anatomy, spot, message, role, words.format(message))


def _opened(anatomy: Anatomy, spot: Spot, message: str, role: str, condition: str) -> str:
    where = f"{message}.role == '{role}' and {condition}"
    return edited(anatomy, *marked_where(anatomy, spot, where))


def _said_by_others(anatomy: Anatomy) -> Iterator[tuple[Spot, str, str]]:
    """The outputs of others' words, with the message's name and each of the roles.

    Only where ``loop`` is the loop over the messages.
    """
    for spot in unmasked(anatomy):
        message = anatomy.message(spot.around)
        if message is None or _loops(spot) != 1:
            continue
        for role in _ROLES:
            if anatomy.printed(spot.item).says(role, "content"):
                yield spot, message, role


def _can_follow(anatomy: Anatomy, *speakers: str) -> bool:
    """Whether the template takes these speakers one after the other, first or later."""
    orders = [(*before, *speakers) for before in ((), ("user", "assistant"))]
    return any(_is_chat(order) and anatomy.takes(*order) for order in orders)


def _is_chat(order: tuple[str, ...]) -> bool:
    """Whether a result comes only after a call, or after another result."""
    pairs = pairwise(("", *order))
    return all(role != "tool" or before in ("assistant", "tool") for before, role in pairs)


def _loops(spot: Spot) -> int:
    around = (block for block in spot.around if isinstance(block, Block))
    return sum(isinstance(block.node, nodes.For) for block in around)
