"""A block's edge must not stand within a special token."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from jinja2 import nodes

from rewriter.errors import Place
from rewriter.source.lexer import Kind
from rewriter.source.template import Block, Leaf, Template, leaves
from rewriter.tracing.instrument import is_text, operands
from rewriter.verification.preconditions.finding import Finding, marked_blocks

SPECIAL_TOKEN: Final = re.compile(r"<[^<>\s'\"{}]{1,40}>|\[/?[A-Z_]{2,30}\]")


def cut_tokens(template: Template) -> Iterator[Finding]:
    """Special tokens of which one part is printed before a marker and the other behind it.

    Only where both parts are literals right beside the marker: what an expression prints, the
    text does not tell.
    """
    row = [leaf for leaf in leaves(template.items) if not _is_silent(leaf)]
    edges = {start for marked in marked_blocks(template) for start in _edges(marked.block)}
    for number, leaf in enumerate(row):
        if leaf.span.start in edges:
            before = _last_literal(row[number - 1 : number])
            after = _first_literal(row[number + 1 : number + 2])
            for token in SPECIAL_TOKEN.finditer(before + after):
                if token.start() < len(before) < token.end():
                    yield Finding(
                        "cut-token",
                        f"the marker cuts `{token.group()}` in two, and a token is whole or not",
                        "move the marker in front of the token or behind it",
                        Place.at(template.text, leaf.span.start),
                    )


def _edges(block: Block) -> tuple[int, int]:
    return block.span.start, block.end.span.start


def _is_silent(leaf: Leaf) -> bool:
    return leaf.piece.kind is Kind.COMMENT or (leaf.piece.kind is Kind.TEXT and leaf.node is None)


def _first_literal(leaf: Sequence[Leaf]) -> str:
    return next((_literals(each)[0] for each in leaf), "")


def _last_literal(leaf: Sequence[Leaf]) -> str:
    return next((_literals(each)[-1] for each in leaf), "")


def _literals(leaf: Leaf) -> tuple[str, ...]:
    """What a leaf prints, expression by expression, those that are no literals being empty."""
    if isinstance(leaf.node, nodes.TemplateData):
        return (leaf.node.data,)
    if leaf.piece.kind is not Kind.OUTPUT or not isinstance(leaf.node, nodes.Expr):
        return ("",)
    return tuple(str(node.value) if is_text(node) else "" for node in operands(leaf.node))
