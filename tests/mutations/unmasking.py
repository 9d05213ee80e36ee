"""Mutants that leave something of what the model writes out of the mask."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from rewriter.conversations.vocabulary import REASONING_FIELDS
from rewriter.source.template import Block, Item, Leaf, leaves
from tests.mutations.anatomy import END, END_OF_CALLS, Anatomy, Printed, Spot
from tests.mutations.editing import (
    Edit,
    body_of,
    closer,
    commented,
    edited,
    edited_part,
    generated,
    opener,
    split_output,
    tags_at,
)

Says = Callable[[Printed], bool]
# The first and the last of the operands of an output.
Operands = tuple[int, int]


def reasoning_moved_out(anatomy: Anatomy) -> Iterator[str]:
    """What prints the reasoning is outside."""
    return _leaves_moved_out(anatomy, lambda seen: seen.says("assistant", *REASONING_FIELDS))


def content_moved_out(anatomy: Anatomy) -> Iterator[str]:
    """What prints the content is outside."""
    return _leaves_moved_out(anatomy, lambda seen: seen.says("assistant", "content"))


def turn_end_moved_out(anatomy: Anatomy) -> Iterator[str]:
    """What ends a turn is outside."""
    return _leaves_moved_out(anatomy, lambda seen: END in seen.kinds)


def leaf_moved_out(anatomy: Anatomy) -> Iterator[str]:
    """One output is outside, whatever it prints."""
    for block, item in _within(anatomy):
        if isinstance(item, Leaf) and anatomy.prints(item):
            yield edited(anatomy, *left_out(anatomy, block, item, None))


def tool_calls_moved_out(anatomy: Anatomy) -> Iterator[str]:
    """What prints the tool calls is outside: the loop over them, or an output that has them."""
    done: list[Item] = []
    for block, item in _within(anatomy):
        is_loop = isinstance(item, Block) and item.keyword == "for"
        says = anatomy.printed(item).says("assistant", "tool_calls")
        if says and (is_loop or isinstance(item, Leaf)) and not _has(done, item):
            done += _below(item)
            yield edited(anatomy, *left_out(anatomy, block, item, None))


def turn_end_moved_out_on_calls(anatomy: Anatomy) -> Iterator[str]:
    """What ends a turn is outside where the message calls tools, and inside elsewhere."""
    for block, item in _within(anatomy):
        message = anatomy.message(block.around)
        if not (message and isinstance(item, Leaf)):
            continue
        if END_OF_CALLS not in anatomy.printed(item).kinds:
            continue
        operands = _operands(anatomy, item, lambda seen: END_OF_CALLS in seen.kinds)
        start, end = block.item.span
        without = edited_part(anatomy, start, end, left_out(anatomy, block, item, operands))
        yield edited(
            anatomy,
            tags_at(anatomy, start, f"if {message}.tool_calls"),
            Edit(start, start, without + "{% else %}"),
            tags_at(anatomy, end, "endif"),
        )


def _leaves_moved_out(anatomy: Anatomy, says: Says) -> Iterator[str]:
    for block, item in _within(anatomy):
        if isinstance(item, Leaf) and says(anatomy.printed(item)):
            operands = _operands(anatomy, item, says)
            yield edited(anatomy, *left_out(anatomy, block, item, operands))


def left_out(
    anatomy: Anatomy, block: Spot, leaf: Item, operands: Operands | None
) -> Iterator[Edit]:
    """An item, or some operands of an output, out of its block.

    As blocks must nest, the block is replaced by blocks around what stands before it and after
    it, in each body from the block's own to the item's.
    """
    yield commented(anatomy, opener(block.item))
    yield from _around(anatomy, body_of(block.item), leaf, operands)
    yield commented(anatomy, closer(block.item))


def _around(
    anatomy: Anatomy, body: Sequence[Item], out: Item, operands: Operands | None
) -> Iterator[Edit]:
    at = next((n for n, item in enumerate(body) if _has(_below(item), out)), None)
    if at is None:
        yield from generated(anatomy, body)
        return
    yield from generated(anatomy, body[:at])
    item = body[at]
    if item is out:
        if operands is not None:
            yield from _but(anatomy, out, *operands)
    else:
        assert isinstance(item, Block)
        for clause in item.clauses:
            yield from _around(anatomy, clause.body, out, operands)
    yield from generated(anatomy, body[at + 1 :])


def _but(anatomy: Anatomy, leaf: Item, first: int, last: int) -> Iterator[Edit]:
    """Blocks around the operands of an output before the first and after the last."""
    if first:
        yield tags_at(anatomy, leaf.span.start, "generation")
        yield split_output(anatomy, leaf, first, "endgeneration")
    if last < len(anatomy.operands(leaf)) - 1:
        yield split_output(anatomy, leaf, last + 1, "generation")
        yield tags_at(anatomy, leaf.span.end, "endgeneration")


def _operands(anatomy: Anatomy, leaf: Leaf, says: Says) -> Operands | None:
    """The operands of an output that say something, if it joins them with others."""
    row = anatomy.operands(leaf)
    saying = [number for number, (_, span) in enumerate(row) if says(anatomy.site(span.start))]
    return (saying[0], saying[-1]) if saying and len(row) > 1 else None


def _within(anatomy: Anatomy) -> Iterator[tuple[Spot, Item]]:
    """Each item within a generation block, with the block."""
    for block in anatomy.generations:
        for spot in anatomy.spots:
            if spot.is_within(block.item):
                yield block, spot.item


def _below(item: Item) -> list[Item]:
    """An item and all within it."""
    if isinstance(item, Leaf):
        return [item]
    inner = [each for clause in item.clauses for each in clause.body]
    return [item, *(below for each in inner for below in _below(each)), *leaves([item])]


def _has(items: Sequence[Item], item: Item) -> bool:
    """Whether it is one of them; two that are equal need not be one."""
    return any(each is item for each in items)
