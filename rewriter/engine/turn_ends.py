"""Where to insert an end for the assistant's turns in the loop over the messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from rewriter.engine.assistant_tests import Speaker, speaker, walks_messages
from rewriter.engine.context import Context, Surroundings, atoms, in_bodies, is_open, label_of
from rewriter.engine.draft import Body, Compound, Node, Section, Statement
from rewriter.turns.label import Label

# Siblings that print the assistant's turn, the tag after them, and whose turn it is.
PutEnd: TypeAlias = Callable[[Body, Statement | None, Speaker], Body]


def with_ends(body: Body, context: Context, put: PutEnd) -> Body:
    """The body with an end that ``put`` adds to the statements for the assistant's turns.

    If only one branch prints them, it goes there: if that is not taken, the turn prints nothing,
    and needs no end.
    """

    def change(siblings: Body, around: Surroundings) -> Body:
        loop = around.blocks[-1].node if around.blocks else None
        who = speaker(around.blocks, context.template)
        if who is None or not walks_messages(loop, context.template) or not says(siblings):
            return siblings
        return _ended(siblings, around.following, who, put)

    return in_bodies(body, change, _is_of_the_original)


def says(body: Body) -> bool:
    """Whether it prints generated text, apart from the end of the previous turn."""
    return any(
        Label.GENERATED & atom.label and not Label.LATE & atom.label
        for node in body
        for atom in atoms(node)
    )


def _is_of_the_original(node: Node) -> bool:
    return isinstance(node, Compound) and node.block is not None and is_open(node)


def _ended(siblings: Body, following: Statement | None, who: Speaker, put: PutEnd) -> Body:
    saying = [index for index, node in enumerate(siblings) if says((node,))]
    node = siblings[saying[0]]
    chosen = _only_branch(node) if len(saying) == 1 else None
    if chosen is None:
        return put(siblings, following, who)
    assert isinstance(node, Compound), "it has a branch"
    ends = [*(section.tag for section in node.sections[1:]), node.end]
    sections = tuple(
        Section(section.tag, _ended(section.body, end, who, put)) if index == chosen else section
        for index, (section, end) in enumerate(zip(node.sections, ends, strict=True))
    )
    node = replace(node, sections=sections)
    return (*siblings[: saying[0]], node, *siblings[saying[0] + 1 :])


def _only_branch(node: Node) -> int | None:
    """The branch of the assistant's turns, if all others were seen to be for others."""
    if not isinstance(node, Compound) or node.keyword != "if":
        return None
    own = [index for index, section in enumerate(node.sections) if says(section.body)]
    others = (s for index, s in enumerate(node.sections) if index not in own)
    told = all(label_of(section.body) & Label.ELSEWHERE for section in others)
    return own[0] if len(own) == 1 and told else None
