"""A block must be able to print something."""

from __future__ import annotations

from collections.abc import Iterator

from jinja2 import nodes

from rewriter.errors import Place
from rewriter.source.template import Template
from rewriter.verification.preconditions.finding import Finding, marked_blocks


def empty(template: Template) -> Iterator[Finding]:
    """Blocks that print nothing, whatever the conversation.

    Their span is empty. transformers before 5.24 looks up its last character, which is the one
    before it; if that is in the first token, everything from there on ends up in the mask.
    """
    for marked in marked_blocks(template):
        node = marked.block.node
        if isinstance(node, nodes.CallBlock) and not any(map(_prints, node.body)):
            yield Finding(
                "empty",
                "the block prints nothing, so its span is empty",
                "remove it, or put it around the text that the assistant generates",
                Place.at(template.text, marked.start),
            )


def _prints(statement: nodes.Node) -> bool:
    """Whether a statement can print; a call is assumed to."""
    if isinstance(statement, nodes.Output):
        return not all(map(_is_nothing, statement.nodes))
    if isinstance(statement, (nodes.CallBlock, nodes.FilterBlock, nodes.Include)):
        return True
    if isinstance(statement, (nodes.AssignBlock, nodes.Macro)):
        return False
    inner = (node for node in statement.iter_child_nodes() if isinstance(node, nodes.Stmt))
    return any(map(_prints, inner))


def _is_nothing(printed: nodes.Expr) -> bool:
    return isinstance(printed, nodes.Const) and printed.value == ""
