"""Mutants whose markers stand elsewhere: one of a pair, or both, moved past a neighbour."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rewriter.source.template import Item
from rewriter.turns.parts import PROMPT
from tests.mutations.anatomy import Anatomy, Spot
from tests.mutations.editing import (
    Edit,
    body_of,
    closer,
    commented,
    edited,
    opener,
    split_output,
    tags_at,
)


def header_moved_in(anatomy: Anatomy) -> Iterator[str]:
    """The opener stands before what prints the role header."""
    for block in anatomy.generations:
        header = _next(anatomy, block.before)
        if header is not None and PROMPT in anatomy.printed(header).kinds:
            yield edited(anatomy, *_opener_to(anatomy, block, header.span.start))


def opener_moved_back(anatomy: Anatomy) -> Iterator[str]:
    """The opener stands one printing piece earlier."""
    for block in anatomy.generations:
        item = _next(anatomy, block.before)
        if item is not None:
            yield edited(anatomy, *_opener_to(anatomy, block, item.span.start))


def opener_moved_on(anatomy: Anatomy) -> Iterator[str]:
    """The opener stands one printing piece, or one operand, later."""
    for block in anatomy.generations:
        item = _next(anatomy, body_of(block.item))
        if item is not None:
            moved = _past(anatomy, item, "generation")
            yield edited(anatomy, commented(anatomy, opener(block.item)), moved)


def closer_moved_back(anatomy: Anatomy) -> Iterator[str]:
    """The closer stands one printing piece, or one operand, earlier."""
    for block in anatomy.generations:
        item = _next(anatomy, body_of(block.item)[::-1])
        if item is not None:
            moved = _short_of(anatomy, item, "endgeneration")
            yield edited(anatomy, commented(anatomy, closer(block.item)), moved)


def closer_moved_on(anatomy: Anatomy) -> Iterator[str]:
    """The closer stands one printing piece later."""
    for block in anatomy.generations:
        item = _next(anatomy, block.after)
        if item is not None:
            yield edited(anatomy, *_closer_to(anatomy, block, item.span.end))


def pair_shifted_back(anatomy: Anatomy) -> Iterator[str]:
    """Both markers stand one printing piece earlier."""
    for block in anatomy.generations:
        before, last = _next(anatomy, block.before), _next(anatomy, body_of(block.item)[::-1])
        if before is not None and last is not None:
            yield edited(
                anatomy,
                *_opener_to(anatomy, block, before.span.start),
                commented(anatomy, closer(block.item)),
                _short_of(anatomy, last, "endgeneration"),
            )


def pair_shifted_on(anatomy: Anatomy) -> Iterator[str]:
    """Both markers stand one printing piece later."""
    for block in anatomy.generations:
        after, first = _next(anatomy, block.after), _next(anatomy, body_of(block.item))
        if after is not None and first is not None:
            yield edited(
                anatomy,
                commented(anatomy, opener(block.item)),
                _past(anatomy, first, "generation"),
                *_closer_to(anatomy, block, after.span.end),
            )


def pair_dropped(anatomy: Anatomy) -> Iterator[str]:
    """One block is none."""
    for block in anatomy.generations:
        yield edited(anatomy, *_without(anatomy, [block]))


def pair_around_its_branch(anatomy: Anatomy) -> Iterator[str]:
    """A block stands around the whole statement that it is in a branch of."""
    for block in anatomy.generations:
        for outer in [each for each in block.around if each.keyword == "if"][-1:]:
            inner = [each for each in anatomy.generations if each.is_within(outer)]
            within = (spot for spot in anatomy.outputs if spot.is_within(outer))
            if not all(spot.is_in("generation") for spot in within):
                yield edited(anatomy, *_around(anatomy, outer, inner))


def pair_around_its_loop(anatomy: Anatomy) -> Iterator[str]:
    """One block stands around the loop over the messages."""
    for loop in anatomy.message_loops:
        inner = [each for each in anatomy.generations if each.is_within(loop.item)]
        if inner:
            yield edited(anatomy, *_around(anatomy, loop.item, inner))


def _next(anatomy: Anatomy, items: tuple[Item, ...]) -> Item | None:
    """The first that prints."""
    return next((item for item in items if anatomy.prints(item)), None)


def _around(anatomy: Anatomy, outer: Item, inner: Iterable[Spot]) -> Iterator[Edit]:
    """One block around an item, and none within it."""
    yield tags_at(anatomy, outer.span.start, "generation")
    yield from _without(anatomy, inner)
    yield tags_at(anatomy, outer.span.end, "endgeneration")


def _without(anatomy: Anatomy, blocks: Iterable[Spot]) -> Iterator[Edit]:
    for block in blocks:
        yield commented(anatomy, opener(block.item))
        yield commented(anatomy, closer(block.item))


def _opener_to(anatomy: Anatomy, block: Spot, offset: int) -> tuple[Edit, Edit]:
    return tags_at(anatomy, offset, "generation"), commented(anatomy, opener(block.item))


def _closer_to(anatomy: Anatomy, block: Spot, offset: int) -> tuple[Edit, Edit]:
    return commented(anatomy, closer(block.item)), tags_at(anatomy, offset, "endgeneration")


def _past(anatomy: Anatomy, item: Item, tag: str) -> Edit:
    """A tag after the first operand of an output that prints, or after the item."""
    row = anatomy.operands(item)
    printing = (n for n, (_, span) in enumerate(row) if anatomy.site(span.start))
    first = next(printing, len(row))
    if first + 1 < len(row):
        return split_output(anatomy, item, first + 1, tag)
    return tags_at(anatomy, item.span.end, tag)


def _short_of(anatomy: Anatomy, item: Item, tag: str) -> Edit:
    """A tag before the last operand of an output, or before the item."""
    row = anatomy.operands(item)
    if len(row) > 1:
        return split_output(anatomy, item, len(row) - 1, tag)
    return tags_at(anatomy, item.span.start, tag)
