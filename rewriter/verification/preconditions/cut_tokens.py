"""A block's edge must not be within a special token."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from jinja2 import nodes

from rewriter.errors import Place
from rewriter.source.lexer import Kind
from rewriter.source.operands import operands
from rewriter.source.template import Leaf, Template, leaves
from rewriter.verification.preconditions.finding import Finding, marked_blocks

_SPECIAL: Final = re.compile(r"<[^<>\s'\"{}]{1,40}>|\[/?[A-Z_]{2,30}\]")


def cut_tokens(template: Template) -> Iterator[Finding]:
    """Special tokens of which one part is printed before a marker and the other after it.

    Only if both parts are literals right beside the marker: the source does not show what an
    expression prints.
    """
    edges = {
        tag.span.start
        for marked in marked_blocks(template)
        for tag in (marked.block, marked.block.end)
    }
    row = [leaf for leaf in leaves(template.items) if not _is_silent(leaf)]
    for left, marker, right in zip(row, row[1:], row[2:], strict=False):
        if marker.span.start in edges:
            before, after = _literals(left)[-1], _literals(right)[0]
            for token in _SPECIAL.finditer(before + after):
                if token.start() < len(before) < token.end():
                    yield Finding(
                        "cut-token",
                        f"the marker cuts `{token.group()}` in two, so only a part of it is masked",
                        "move the marker before or after the token",
                        Place.at(template.text, marker.span.start),
                    )


def _is_silent(leaf: Leaf) -> bool:
    return leaf.piece.kind is Kind.COMMENT or (leaf.piece.kind is Kind.TEXT and leaf.node is None)


def _literals(leaf: Leaf) -> tuple[str, ...]:
    """The text of a leaf, operand by operand; empty for operands that are not literals."""
    if isinstance(leaf.node, nodes.TemplateData):
        return (leaf.node.data,)
    if leaf.piece.kind is not Kind.OUTPUT or not isinstance(leaf.node, nodes.Expr):
        return ("",)
    return tuple(map(_literal, operands(leaf.node)))


def _literal(node: nodes.Expr) -> str:
    return node.value if isinstance(node, nodes.Const) and isinstance(node.value, str) else ""
