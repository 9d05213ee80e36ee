"""A jump must not leave a block."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jinja2 import nodes

from rewriter.errors import Place
from rewriter.source.template import Item, Leaf, Template
from rewriter.verification.preconditions.finding import Finding, marked_blocks


def jumps(template: Template) -> Iterator[Finding]:
    """``break`` and ``continue`` of a loop around a block, which Python refuses to compile."""
    for marked in marked_blocks(template):
        for leaf in _jumps_out(marked.block.clauses[0].body):
            yield Finding(
                "jump",
                f"`{leaf.piece.keyword}` cannot leave a generation block: this does not compile",
                "close the block before it",
                Place.at(template.text, leaf.span.start),
            )


def _jumps_out(body: Iterable[Item]) -> Iterator[Leaf]:
    for item in body:
        if isinstance(item, Leaf):
            if isinstance(item.node, (nodes.Break, nodes.Continue)):
                yield item
        elif item.keyword != "generation":
            # The `else` of a loop is outside it: a jump there belongs to the loop around.
            within = item.clauses[1:] if item.keyword == "for" else item.clauses
            for clause in within:
                yield from _jumps_out(clause.body)
