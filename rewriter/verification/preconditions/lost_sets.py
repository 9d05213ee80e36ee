"""A variable that is set in a block must not be read after it."""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.errors import Place
from rewriter.source.lost import assigned_within, reads_of_lost
from rewriter.source.template import Template, leaves
from rewriter.verification.preconditions.finding import Finding, marked_blocks


def lost_sets(template: Template) -> Iterator[Finding]:
    """Assignments within a block to names that are read after it.

    A block is a scope, like a loop: after it, the name has its earlier value, or none. Attributes
    of a ``namespace`` stay.
    """
    starts = {id(leaf.node): leaf.span.start for leaf in leaves(template.items)}
    blocks = [marked.block.node for marked in marked_blocks(template)]
    lost = {id(block): assigned_within(block) for block in blocks if block is not None}
    for name, statement, read in reads_of_lost(template.tree, lost):
        span = template.span(read)
        line = f" in line {Place.at(template.text, span.start).line}" if span else ""
        yield Finding(
            "lost-set",
            f"the value of `{name}` is lost after the block, but it is read there{line}",
            "assign it before the block, close the block first, or keep it in a namespace",
            Place.at(template.text, starts[id(statement)]),
        )
