"""Edits of a template's text that leave the white space around them as it is printed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from jinja2 import nodes

from rewriter.source.lexer import Kind, Piece
from rewriter.source.template import Block, Item, Leaf, leaves
from tests.mutations.anatomy import Anatomy

NOTHING = "{{ '' }}"


class Edit(NamedTuple):
    start: int
    end: int
    text: str


def edited(anatomy: Anatomy, *edits: Edit) -> str:
    """The template with the edits made; of two at one place the first comes first."""
    return edited_part(anatomy, 0, len(anatomy.text), edits)


def edited_part(anatomy: Anatomy, start: int, end: int, edits: Iterable[Edit]) -> str:
    """A part of the template with the edits made, all of which lie in it."""
    parts: list[str] = []
    position = start
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        parts += (anatomy.text[position : edit.start], edit.text)
        position = edit.end
    return "".join([*parts, anatomy.text[position:end]])


def tags_at(anatomy: Anatomy, offset: int, *tags: str) -> Edit:
    """Tags put between two pieces, with dashes as their neighbours have them.

    Beside white space that is printed they get an empty output as a neighbour, as a block tag
    would swallow the rest of its line.
    """
    text = anatomy.text
    before, after = anatomy.piece_before(offset), anatomy.piece_at(offset)
    first = last = lead = trail = ""
    if after is not None and after.strips_before(text):
        first = "-"
    elif after is not None and after.kind is Kind.OUTPUT and _ends_in_indentation(text, before):
        lead = NOTHING
    if before is not None and before.strips_after(text):
        last = "-"
    elif text[offset : offset + 1] in ("\n", "\r") and not _swallows_newline(before):
        trail = NOTHING
    written = [tag if tag.startswith("{") else f"{{% {tag} %}}" for tag in tags]
    written[0] = written[0][:2] + first + written[0][2:]
    written[-1] = written[-1][:-2] + last + written[-1][-2:]
    return Edit(offset, offset, lead + "".join(written) + trail)


def _ends_in_indentation(text: str, piece: Piece | None) -> bool:
    if piece is None or piece.kind is not Kind.TEXT:
        return False
    return not piece.span.of(text).rpartition("\n")[2].strip()


def _swallows_newline(piece: Piece | None) -> bool:
    return piece is not None and piece.kind in (Kind.BLOCK, Kind.COMMENT)


def dashes(anatomy: Anatomy, piece: Piece) -> tuple[str, str]:
    """The dashes of a tag, or nothing."""
    text = anatomy.text
    return "-" * piece.strips_before(text), "-" * piece.strips_after(text)


def commented(anatomy: Anatomy, piece: Piece) -> Edit:
    """A block tag made a comment, which white space around it takes for a tag still."""
    left, right = dashes(anatomy, piece)
    return Edit(*piece.span, f"{{#{left} moved {right}#}}")


def silenced(anatomy: Anatomy, leaf: Leaf) -> Edit:
    """What a leaf prints taken away."""
    return said_instead(anatomy, leaf, "''")


def said_instead(anatomy: Anatomy, leaf: Leaf, expression: str) -> Edit:
    """Something else printed by a leaf."""
    if leaf.piece.kind is Kind.TEXT:
        return Edit(*leaf.piece.printed, f"{{{{ {expression} }}}}")
    left, right = dashes(anatomy, leaf.piece)
    return Edit(*leaf.span, f"{{{{{left} {expression} {right}}}}}")


def expression_of(anatomy: Anatomy, leaf: Leaf) -> str:
    """What a leaf prints, as an expression."""
    if leaf.piece.kind is Kind.TEXT:
        return literal(leaf.piece.printed.of(anatomy.text))
    return leaf.piece.inner.of(anatomy.text).removeprefix("-").removesuffix("-").strip()


def literal(value: str) -> str:
    """A string as Jinja reads it."""
    return "'" + value.encode("unicode_escape").decode().replace("'", "\\'") + "'"


def opener(block: Item) -> Piece:
    assert isinstance(block, Block)
    return block.clauses[0].tag.piece


def closer(block: Item) -> Piece:
    assert isinstance(block, Block)
    return block.end.piece


def body_of(block: Item) -> tuple[Item, ...]:
    assert isinstance(block, Block)
    return block.clauses[0].body


def generated(anatomy: Anatomy, body: Sequence[Item]) -> Iterator[Edit]:
    """Blocks around all that siblings print, with no plain ``set`` in any of them."""
    row: list[Item] = []
    for item in [*body, None]:
        if item is not None and not _assigns(item):
            row.append(item)
            continue
        printing = [each for each in row if anatomy.prints(each)]
        if printing:
            yield tags_at(anatomy, printing[0].span.start, "generation")
            yield tags_at(anatomy, printing[-1].span.end, "endgeneration")
        row = []
        if isinstance(item, Block):
            for clause in item.clauses:
                yield from generated(anatomy, clause.body)


def _assigns(item: Item) -> bool:
    """Whether what an item assigns may be read after it."""
    if isinstance(item, Block) and isinstance(item.node, (nodes.For, nodes.Macro)):
        return False
    return any(isinstance(leaf.node, (nodes.Assign, nodes.AssignBlock)) for leaf in leaves([item]))


def split_output(anatomy: Anatomy, leaf: Item, before: int, *tags: str) -> Edit:
    """An output cut in two before an operand, with tags between the two.

    A ``+`` raises where something is missing, so each part stays joined to an empty string.
    """
    assert isinstance(leaf, Leaf)
    row = anatomy.operands(leaf)
    plus = isinstance(leaf.node, nodes.Add)
    written = "".join(f"{{% {tag} %}}" for tag in tags)
    first, second = (" + ''", "'' + ") if plus else ("", "")
    return Edit(row[before - 1][1].end, row[before][1].start, f"{first} }}}}{written}{{{{ {second}")
