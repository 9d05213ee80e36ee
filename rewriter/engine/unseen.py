"""Outputs in the assistant's turns that no probe was seen to print.

Whether such an output is the model's or the environment's nobody has seen: it may be a second
channel, and it may be a tool's result. So no mask around it or beside it can be proven.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jinja2 import nodes

from rewriter.engine.draft import Body, Compound, Section, Statement
from rewriter.engine.workplace import Workplace, captures, label_of
from rewriter.tracing.labels import Label


def refuse_unseen(body: Body, place: Workplace, tag: str, within: bool = False) -> None:
    """See that all that the assistant's own branches and its blocks, ``tag``, print was seen.

    Raises:
        Refused: naming the first output that was not.

    """
    label = label_of(body)
    within = within or (label.is_assistant and not label & Label.ELSEWHERE)
    for statement in _unseen(body) if within else ():
        place.refuse(
            "no probe conversation prints this, so whether the assistant generates it is not known",
            statement.atoms[0].start,
            "put it in a generation block by hand, or take it out",
        )
    for node in body:
        if isinstance(node, Compound) and not captures(node):
            for section in node.sections:
                if _is_prompt(section):
                    continue
                refuse_unseen(section.body, place, tag, within or node.keyword == tag)


def _is_prompt(section: Section) -> bool:
    """Whether it is printed for a generation prompt alone, so before anything is generated."""
    node = section.tag.leaf.node if section.tag.leaf else None
    test: Any = node.test if isinstance(node, nodes.If) else None
    while isinstance(test, nodes.And):
        test = test.left
    return isinstance(test, nodes.Name) and test.name == "add_generation_prompt"


def _unseen(body: Body) -> Iterator[Statement]:
    outputs = (node for node in body if isinstance(node, Statement) and node.is_output)
    for output in outputs:
        if output.atoms and not label_of((output,)) and not _raises(output):
            yield output


def _raises(statement: Statement) -> bool:
    """Whether an output is there for the exception that it raises."""
    node = statement.leaf.node if statement.leaf else None
    return (
        isinstance(node, nodes.Call)
        and isinstance(node.node, nodes.Name)
        and node.node.name == "raise_exception"
    )
