"""A block must be where its output is yielded at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from jinja2 import nodes

from rewriter.errors import Place
from rewriter.source.template import Block, Template
from rewriter.verification.preconditions.finding import MARKER, Finding, marked_blocks

_CAPTURING: Final = {
    "macro": "a macro",
    "set": "a set block",
    "filter": "a filter block",
    "call": "a call block",
    MARKER: "another generation block",
}


def captured(template: Template) -> Iterator[Finding]:
    """Blocks within something that captures its output.

    Their span is counted from the text yielded before the capture, so it covers the wrong
    characters.
    """
    for marked in marked_blocks(template):
        for capturing in map(_capturing, reversed(marked.around)):
            if capturing:
                yield Finding(
                    "captured",
                    f"the block is inside {capturing}, so its span is counted from the wrong place",
                    "put it around the output that finally prints the text",
                    Place.at(template.text, marked.start),
                )
                break


def _capturing(block: Block) -> str | None:
    if isinstance(block.node, nodes.For):
        return "a recursive loop" if block.node.recursive else None
    return _CAPTURING.get(block.keyword)
