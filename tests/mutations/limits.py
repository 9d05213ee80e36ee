"""Mutants that show only where there is much of something: counts, lengths, and what is cut off."""

from __future__ import annotations

from collections.abc import Iterator

from jinja2 import nodes

from rewriter.source.template import Block, Leaf
from rewriter.tracing.probes import QUESTION, SPECIAL_TOKENS
from rewriter.tracing.render import TracedTemplate
from tests.mutations.anatomy import END, Anatomy, Spot
from tests.mutations.editing import Edit, edited, literal, tags_at

# What is looked for, if it is not too long for a name: each is said in no prompt.
_MARK = "####"


def messages_limited(anatomy: Anatomy) -> Iterator[str]:
    """Of the messages, only the last fifty are printed, or the first forty-one."""
    for loop in anatomy.message_loops:
        for part in ("[-50:]", "[:41]"):
            yield from _walked(anatomy, loop, part)


def items_limited(anatomy: Anatomy) -> Iterator[str]:
    """Of the tools, the calls, the blocks, only the first four are printed."""
    for spot in anatomy.spots:
        if spot.item not in [loop.item for loop in anatomy.message_loops]:
            yield from _walked(anatomy, spot, "[:4]")


def words_shortened(anatomy: Anatomy) -> Iterator[str]:
    """Of what somebody says, or calls with, only so many characters are printed."""
    for said in _sayings(anatomy):
        yield from _as_text(anatomy, said, "[:2000]")
        yield from _as_text(anatomy, said, "[:300]")


def words_cut_at_a_mark(anatomy: Anatomy) -> Iterator[str]:
    """What somebody says is printed up to a mark, or without it."""
    for said in _sayings(anatomy):
        yield from _as_text(anatomy, said, f".split({literal(_MARK)})[0]")
        yield from _as_text(anatomy, said, f".replace({literal(_MARK)}, '')")


def words_indented_otherwise(anatomy: Anatomy) -> Iterator[str]:
    """What somebody says has other white space within it."""
    for said in _sayings(anatomy):
        yield from _as_text(anatomy, said, ".replace('\\n    ', '\\n  ')")
        yield from _as_text(anatomy, said, ".expandtabs(4)")


def output_left_out_of_so_many_messages(anatomy: Anatomy) -> Iterator[str]:
    """What ends a turn is not printed where there are so many messages."""
    for number, spot in zip((9, 11, 13, 17), _ends(anatomy), strict=False):
        yield _only_if(anatomy, spot, f"messages | length != {number}")


def output_left_out_of_long_turns(anatomy: Anatomy) -> Iterator[str]:
    """What ends a turn is not printed where much is said: words, or lines."""
    for spot in _ends(anatomy):
        message = anatomy.message(spot.around)
        if message:
            text = f"({message}.content or '') | string"
            yield _only_if(anatomy, spot, f"{text} | wordcount < 400")
            yield _only_if(anatomy, spot, f"({text}).split('\\n') | length < 10")


def role_shortened(anatomy: Anatomy) -> Iterator[str]:
    """Of a role, only nine letters are printed, where a template prints roles of any name."""
    newcomer = {"role": "newcomer_here", "content": "a"}
    trace = TracedTemplate(anatomy.text).attempted([QUESTION, newcomer], **SPECIAL_TOKENS)
    if trace is None or newcomer["role"] not in trace.text:
        return
    for spot in anatomy.outputs:
        for node, span in anatomy.operands(spot.item):
            if _is_field(node, "role"):
                yield edited(anatomy, Edit(*span, f"({span.of(anatomy.text)})[:9]"))


def thought_left_out_of_the_mask(anatomy: Anatomy) -> Iterator[str]:
    """Of what is said in the mask, only the first nine hundred characters are in it."""
    for block in anatomy.generations:
        for spot in anatomy.outputs:
            if not (block.body and spot.around and spot.around[-1] is block.item):
                continue
            if not anatomy.printed(spot.item).said:
                continue
            assert isinstance(spot.item, Leaf)
            if isinstance(spot.item.node, nodes.Expr):
                yield _parted(anatomy, spot.item)


def _parted(anatomy: Anatomy, leaf: Leaf) -> str:
    """An output whose end is printed after the block."""
    text = f"(({leaf.piece.inner.of(anatomy.text).strip('-+ ')}) | string)"
    first, rest = f"{{{{- {text}[:900] }}}}", f"{{{{- {text}[900:] }}}}"
    out, back = "{%- endgeneration %}", "{%- generation %}"
    return edited(anatomy, Edit(*leaf.span, f"{first}{out}{rest}{back}"))


def _walked(anatomy: Anatomy, spot: Spot, part: str) -> Iterator[str]:
    """A loop over a part of what it walks over."""
    block = spot.item
    if isinstance(block, Block) and isinstance(block.node, nodes.For):
        span = anatomy.template.outer(block.node.iter)
        if span is not None:
            walked = f"(({span.of(anatomy.text)}) | list){part}"
            yield edited(anatomy, Edit(*span, walked))


def _sayings(anatomy: Anatomy) -> Iterator[tuple[int, int]]:
    """The operands of outputs that print what somebody says."""
    for spot in anatomy.outputs:
        for node, span in anatomy.operands(spot.item):
            fields = {field for _, field in anatomy.site(span.start).said}
            if fields - {"role"} and not isinstance(node, nodes.Const):
                yield span


def _as_text(anatomy: Anatomy, span: tuple[int, int], change: str) -> Iterator[str]:
    """An operand changed, where it is a text."""
    written = f"({anatomy.text[slice(*span)]})"
    instead = f"({written}{change} if {written} is string else {written})"
    yield edited(anatomy, Edit(*span, instead))


def _ends(anatomy: Anatomy) -> Iterator[Spot]:
    """The outputs that end an assistant's turn and print nothing else."""
    for spot in anatomy.outputs:
        seen = anatomy.printed(spot.item)
        if END in seen.kinds and not seen.said and not spot.is_in("macro", "set"):
            yield spot


def _only_if(anatomy: Anatomy, spot: Spot, test: str) -> str:
    start, end = spot.item.span
    return edited(anatomy, tags_at(anatomy, start, f"if {test}"), tags_at(anatomy, end, "endif"))


def _is_field(node: nodes.Expr, name: str) -> bool:
    if isinstance(node, nodes.Getattr):
        return node.attr == name
    return (
        isinstance(node, nodes.Getitem)
        and isinstance(node.arg, nodes.Const)
        and node.arg.value == name
    )
