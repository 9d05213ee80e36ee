"""Mutants whose blocks stand where a precondition is not met."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jinja2 import nodes

from rewriter.source.template import Block, Item, Leaf
from tests.mutations.anatomy import CAPTURING, Anatomy, Spot
from tests.mutations.editing import body_of, closer, commented, edited, opener, tags_at


def block_inside_a_macro(anatomy: Anatomy) -> Iterator[str]:
    """A block and what it holds are a macro's body, which is called in their place."""
    for block in anatomy.generations:
        yield edited(
            anatomy,
            tags_at(anatomy, block.item.span.start, "macro mutant()"),
            tags_at(anatomy, block.item.span.end, "endmacro", "{{ mutant() }}"),
        )


def block_inside_a_set(anatomy: Anatomy) -> Iterator[str]:
    """A block and what it holds are a variable's value, which is printed in their place."""
    for block in anatomy.generations:
        yield edited(
            anatomy,
            tags_at(anatomy, block.item.span.start, "set mutant"),
            tags_at(anatomy, block.item.span.end, "endset", "{{ mutant }}"),
        )


def block_inside_a_block(anatomy: Anatomy) -> Iterator[str]:
    """A block stands within another."""
    for block in anatomy.generations:
        yield edited(
            anatomy,
            tags_at(anatomy, block.item.span.start, "generation"),
            tags_at(anatomy, block.item.span.end, "endgeneration"),
        )


def marker_inside_the_macro_called(anatomy: Anatomy) -> Iterator[str]:
    """A block stands within each macro that speaks for the assistant."""
    for spot in anatomy.spots:
        macro = spot.item
        if isinstance(macro, Block) and macro.keyword == "macro" and anatomy.prints(macro):
            printing = [each for each in body_of(macro) if anatomy.prints(each)]
            if "assistant" in anatomy.printed(macro).roles:
                yield edited(
                    anatomy,
                    tags_at(anatomy, printing[0].span.start, "generation"),
                    tags_at(anatomy, printing[-1].span.end, "endgeneration"),
                )


def set_trapped_before(anatomy: Anatomy) -> Iterator[str]:
    """The opener stands before an assignment whose value is read after the block."""
    for block in anatomy.generations:
        for item in _trappable(anatomy, block, block.before):
            opened = tags_at(anatomy, item.span.start, "generation")
            yield edited(anatomy, opened, commented(anatomy, opener(block.item)))


def set_trapped_after(anatomy: Anatomy) -> Iterator[str]:
    """The closer comes after an assignment whose value is read after the block."""
    for block in anatomy.generations:
        for item in _trappable(anatomy, block, block.after):
            closed = tags_at(anatomy, item.span.end, "endgeneration")
            yield edited(anatomy, commented(anatomy, closer(block.item)), closed)


def set_trapped_alone(anatomy: Anatomy) -> Iterator[str]:
    """A block stands around an assignment and the output after it."""
    for spot in anatomy.spots:
        printing = next((each for each in spot.after[:2] if anatomy.prints(each)), None)
        if not isinstance(printing, Leaf) or spot.is_in("generation", *CAPTURING):
            continue
        speaks = "assistant" in anatomy.printed(printing).roles
        if speaks and _is_read_after(anatomy, spot, printing.span.end):
            opened = tags_at(anatomy, spot.item.span.start, "generation")
            closed = tags_at(anatomy, printing.span.end, "endgeneration")
            yield edited(anatomy, opened, closed)


def _trappable(anatomy: Anatomy, block: Spot, siblings: Iterable[Item]) -> Iterator[Item]:
    """The assignments next to a block, with nothing between that prints."""
    for item in siblings:
        if anatomy.prints(item):
            return
        end = max(block.item.span.end, item.span.end)
        spot = next(each for each in anatomy.spots if each.item is item)
        if _is_read_after(anatomy, spot, end):
            yield item


def _is_read_after(anatomy: Anatomy, spot: Spot, end: int) -> bool:
    """Whether it is a plain assignment to a name that is read after ``end``, in its loop."""
    node = spot.item.node if isinstance(spot.item, Leaf) else None
    if not (isinstance(node, nodes.Assign) and isinstance(node.target, nodes.Name)):
        return False
    loops = [block for block in spot.around if block.keyword == "for"]
    last = loops[-1].span.end if loops else len(anatomy.text)
    spans = (
        anatomy.template.span(name)
        for name in anatomy.template.tree.find_all(nodes.Name)
        if name.name == node.target.name and name.ctx == "load"
    )
    return any(span is not None and end <= span.start < last for span in spans)
