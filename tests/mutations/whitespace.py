"""Mutants that print white space too much, or too little."""

from __future__ import annotations

from collections.abc import Iterator

from jinja2 import nodes

from rewriter.source.lexer import Kind, Piece
from rewriter.source.template import Leaf
from tests.mutations.anatomy import Anatomy
from tests.mutations.editing import (
    Edit,
    dashes,
    edited,
    expression_of,
    literal,
    said_instead,
)


def space_added_before(anatomy: Anatomy) -> Iterator[str]:
    """An output begins with a space more."""
    for leaf in _printing(anatomy):
        yield edited(
            anatomy, said_instead(anatomy, leaf, f"' ' ~ ({expression_of(anatomy, leaf)})")
        )


def space_added_after(anatomy: Anatomy) -> Iterator[str]:
    """An output ends in a space more."""
    for leaf in _printing(anatomy):
        yield edited(
            anatomy, said_instead(anatomy, leaf, f"({expression_of(anatomy, leaf)}) ~ ' '")
        )


def space_stripped_before(anatomy: Anatomy) -> Iterator[str]:
    """A text that begins with white space has the first of it no more."""
    for span, value in _texts(anatomy):
        if value[:1].isspace():
            yield edited(anatomy, Edit(*span, literal(value[1:])))


def space_stripped_after(anatomy: Anatomy) -> Iterator[str]:
    """A text that ends in white space has the last of it no more."""
    for span, value in _texts(anatomy):
        if value[-1:].isspace():
            yield edited(anatomy, Edit(*span, literal(value[:-1])))


def words_trimmed(anatomy: Anatomy) -> Iterator[str]:
    """What somebody says is printed without the white space at its edges."""
    for leaf in _printing(anatomy):
        row = anatomy.operands(leaf)
        for node, span in row:
            seen = anatomy.site(leaf.span.start if len(row) == 1 else span.start)
            words = {field for _, field in seen.said} - {"role"}
            if words and not isinstance(node, nodes.Const) and not _is_trimmed(node):
                yield edited(anatomy, Edit(*span, f"(({span.of(anatomy.text)}) | trim)"))


def _is_trimmed(node: nodes.Expr) -> bool:
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Getattr):
        return node.node.attr == "strip"
    return isinstance(node, nodes.Filter) and node.name == "trim"


def dash_dropped(anatomy: Anatomy) -> Iterator[str]:
    """A tag swallows white space no more."""
    for piece in _tags(anatomy):
        left, right = dashes(anatomy, piece)
        if left:
            yield edited(anatomy, Edit(piece.span.start + 2, piece.span.start + 3, ""))
        if right:
            yield edited(anatomy, Edit(piece.span.end - 3, piece.span.end - 2, ""))


def dash_added(anatomy: Anatomy) -> Iterator[str]:
    """A tag swallows white space that was printed."""
    for piece in _tags(anatomy):
        left, right = dashes(anatomy, piece)
        if not left and anatomy.text[piece.span.start + 2] != "+":
            yield edited(anatomy, Edit(piece.span.start + 2, piece.span.start + 2, "-"))
        if not right and anatomy.text[piece.span.end - 3] != "+":
            yield edited(anatomy, Edit(piece.span.end - 2, piece.span.end - 2, "-"))


def _printing(anatomy: Anatomy) -> Iterator[Leaf]:
    for spot in anatomy.outputs:
        assert isinstance(spot.item, Leaf)
        yield spot.item


def _texts(anatomy: Anatomy) -> Iterator[tuple[tuple[int, int], str]]:
    """The strings that outputs join; text between tags is as an output would have it."""
    for leaf in _printing(anatomy):
        for node, span in anatomy.operands(leaf):
            if isinstance(node, nodes.Const) and isinstance(node.value, str):
                yield span, node.value


def _tags(anatomy: Anatomy) -> Iterator[Piece]:
    return (
        piece
        for piece in anatomy.template.pieces
        if piece.kind in (Kind.OUTPUT, Kind.BLOCK) and not piece.keyword.startswith("raw")
    )
