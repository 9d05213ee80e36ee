"""Outputs in the assistant's turns that no probe was seen to print.

Such an output may be the model's or the environment's: a second channel, or a tool's result. So no
mask around it or beside it can be proven.
"""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.engine.context import Context, captures, label_of
from rewriter.engine.draft import Body, Compound, Section, Statement
from rewriter.errors import Reason
from rewriter.tracing.calls import asks_for_prompt, raises
from rewriter.turns.label import Label


def refuse_unseen(body: Body, context: Context, tag: str, within: bool = False) -> None:
    """Refuse unseen outputs in the assistant's own branches, and in its blocks, ``tag``.

    Text that only a generation prompt prints is never generated, so it need not be seen.

    Raises:
        Refused: naming the first output that was not.

    """
    label = label_of(body)
    own = within or (label.is_assistant and not label & Label.ELSEWHERE)
    for statement in _unseen(body, context.template.text) if own else ():
        if context.outline.labels.is_never_printed(
            statement.atoms[0].start, statement.atoms[-1].end
        ):
            continue
        context.refuse(
            Reason.UNSEEN,
            "no probe conversation prints this, so it is unknown if the assistant generates it",
            statement.atoms[0].start,
            "put it into a generation block by hand, or remove it",
        )
    for node in body:
        if isinstance(node, Compound) and not captures(node):
            for section in node.sections:
                if within or not _is_prompt(section):
                    within_block = within or node.keyword == tag
                    refuse_unseen(section.body, context, tag, within_block or own)


def _is_prompt(section: Section) -> bool:
    """Whether a body is printed only with a generation prompt."""
    return asks_for_prompt(section.tag.leaf.node if section.tag.leaf else None)


def _unseen(body: Body, source: str) -> Iterator[Statement]:
    for node in body:
        if isinstance(node, Statement) and node.atoms and not label_of((node,)):
            written = source[node.atoms[0].start : node.atoms[-1].end]
            says = node.is_text and written.strip()
            if says or (node.is_output and not raises(node.leaf.node if node.leaf else None)):
                yield node
