"""A block must be able to print something."""

from __future__ import annotations

from collections.abc import Iterator

from jinja2 import nodes

from rewriter.errors import Place
from rewriter.source.template import Template
from rewriter.verification.preconditions.finding import Finding, marked_blocks


def empty(template: Template) -> Iterator[Finding]:
    """Blocks that print nothing, whatever the conversation.

    Their span is empty. transformers looks up its last character, which is the one before it;
    where that is of the first token, everything from there on ends up in the mask.
    """
    for marked in marked_blocks(template):
        node = marked.block.node
        if isinstance(node, nodes.CallBlock) and not any(map(_prints, node.body)):
            yield Finding(
                "empty",
                "the block prints nothing, so its span is empty",
                "take it out, or put it around what the assistant generates",
                Place.at(template.text, marked.start),
            )


def _prints(statement: nodes.Node) -> bool:
    outputs = (statement, *statement.find_all((nodes.Output, nodes.Include)))
    return any(
        isinstance(output, nodes.Include)
        or (isinstance(output, nodes.Output) and not all(map(_is_nothing, output.nodes)))
        for output in outputs
    )


def _is_nothing(printed: nodes.Expr) -> bool:
    return isinstance(printed, nodes.Const) and printed.value == ""
