"""Mutants that have something in the mask that the model does not write."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rewriter.source.template import Leaf
from tests.mutations.anatomy import CAPTURING, CUE, Anatomy, Printed, Spot
from tests.mutations.editing import (
    Edit,
    edited,
    expression_of,
    silenced,
    split_output,
    tags_at,
)


def tool_result_moved_in(anatomy: Anatomy) -> Iterator[str]:
    """What a tool says is inside."""
    return _words_moved_in(anatomy, "tool")


def user_words_moved_in(anatomy: Anatomy) -> Iterator[str]:
    """What a user says is inside."""
    return _words_moved_in(anatomy, "user")


def system_words_moved_in(anatomy: Anatomy) -> Iterator[str]:
    """What a system message says is inside."""
    return _words_moved_in(anatomy, "system")


def frame_of_others_moved_in(anatomy: Anatomy) -> Iterator[str]:
    """What the template itself writes in the turns of others is inside."""
    for spot in unmasked(anatomy):
        seen = anatomy.printed(spot.item)
        if not seen.said and seen.roles and not seen.roles & {"assistant", None}:
            yield edited(anatomy, *_marked(anatomy, spot))


def generation_prompt_moved_in(anatomy: Anatomy) -> Iterator[str]:
    """What prompts the model is inside."""
    for spot in unmasked(anatomy):
        if anatomy.printed(spot.item).kinds == {CUE}:
            yield edited(anatomy, *_marked(anatomy, spot))


def _words_moved_in(anatomy: Anatomy, role: str) -> Iterator[str]:
    for spot in unmasked(anatomy):
        seen = anatomy.printed(spot.item)
        if not seen.says(role, "content"):
            continue
        if {by for by, field in seen.said if field == "content"} == {role}:
            says = _says_content_of(role)
            yield edited(anatomy, *_operands_marked(anatomy, spot, says))
        elif message := anatomy.message(spot.around):
            yield edited(anatomy, *marked_where(anatomy, spot, f"{message}.role == '{role}'"))


def _says_content_of(role: str) -> Callable[[Printed], bool]:
    return lambda seen: seen.says(role, "content")


def unmasked(anatomy: Anatomy) -> Iterator[Spot]:
    """The outputs that a block may be put around."""
    return (spot for spot in anatomy.outputs if not spot.is_in("generation", *CAPTURING))


def _marked(anatomy: Anatomy, spot: Spot) -> Iterator[Edit]:
    yield tags_at(anatomy, spot.item.span.start, "generation")
    yield tags_at(anatomy, spot.item.span.end, "endgeneration")


def _operands_marked(
    anatomy: Anatomy, spot: Spot, says: Callable[[Printed], bool]
) -> Iterator[Edit]:
    """A block around those operands of an output that say something, or around all of it."""
    row = anatomy.operands(spot.item)
    saying = [number for number, (_, span) in enumerate(row) if says(anatomy.site(span.start))]
    first, last = (saying[0], saying[-1]) if saying else (0, len(row) - 1)
    if first > 0:
        yield split_output(anatomy, spot.item, first, "generation")
    else:
        yield tags_at(anatomy, spot.item.span.start, "generation")
    if 0 <= last < len(row) - 1:
        yield split_output(anatomy, spot.item, last + 1, "endgeneration")
    else:
        yield tags_at(anatomy, spot.item.span.end, "endgeneration")


def marked_where(anatomy: Anatomy, spot: Spot, condition: str) -> Iterator[Edit]:
    """A block around an output on a condition, and no block where it does not hold."""
    leaf = spot.item
    assert isinstance(leaf, Leaf)
    again = f"{{{{ {expression_of(anatomy, leaf)} }}}}"
    either = (f"if {condition}", "generation", again, "endgeneration", "else", again, "endif")
    yield tags_at(anatomy, leaf.span.start, *either)
    yield silenced(anatomy, leaf)
