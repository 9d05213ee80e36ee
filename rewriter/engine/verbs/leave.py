"""Leave turns out of the mask if their message says so; their text stays.

The content of a block is captured, and printed inside the block or outside.
"""

from __future__ import annotations

import re
from dataclasses import replace

from rewriter.engine.assistant_tests import Speaker, last_speaker, previous_speaker, speaker
from rewriter.engine.context import Context, Surroundings, in_bodies, is_open, label_of
from rewriter.engine.draft import Added, Body, Compound, Node, Section, first_of
from rewriter.engine.transforms import Leave
from rewriter.engine.verbs.capture import captured
from rewriter.errors import Reason
from rewriter.source.template import Block
from rewriter.turns.label import Label

_CAPTURED = "turn"


def leave(rule: Leave, body: Body, context: Context) -> Body:
    """Add a test of its message to each block of the rule's tag."""

    def change(siblings: Body, around: Surroundings) -> Body:
        return tuple(_tested(node, rule, around.blocks, context) for node in siblings)

    return in_bodies(body, change, is_open)


def _tested(node: Node, rule: Leave, blocks: tuple[Block, ...], context: Context) -> Node:
    if not isinstance(node, Compound):
        return node
    if node.opened_by == rule.tag:
        name = context.fresh(_CAPTURED)
        printing = _printing(rule, name, _whose(node, blocks, context))
        found = captured(node, rule.tag, name, printing.removesuffix("%}"), context)
        return replace(
            found, sections=(_by_who_wrapped(found.sections[0], node), *found.sections[1:])
        )
    closing = context.text((node.end,))
    printed = re.compile(rf"\{{% {rule.tag} %\}}\{{\{{ (.+?) \}}\}}\{{% end{rule.tag} %\}}")
    if node.opened_by == "set" and printed.search(closing):
        who = _whose(node, blocks, context)
        closing = printed.sub(lambda found: _printing(rule, found[1], who), closing)
        return replace(node, end=replace(node.end, code=(Added(closing, context.by),), lead=()))
    return node


def _by_who_wrapped(section: Section, before: Compound) -> Section:
    """The section, with its tag still attributed to the transform that added the block."""
    makers = [f.by for f in before.sections[0].tag.code if isinstance(f, Added)]
    code = tuple(
        replace(fragment, by=makers[0]) if makers and isinstance(fragment, Added) else fragment
        for fragment in section.tag.code
    )
    return replace(section, tag=replace(section.tag, code=code))


def _printing(rule: Leave, text: str, who: Speaker) -> str:
    """``text`` printed in a block, or without one if the message says so."""
    key = who.field(rule.key)
    return (
        f"{{% if {key} is not defined or {key} %}}{{% {rule.tag} %}}{{{{ {text} }}}}"
        f"{{% end{rule.tag} %}}{{% else %}}{{{{ {text} }}}}{{% endif %}}"
    )


def _whose(node: Compound, blocks: tuple[Block, ...], context: Context) -> Speaker:
    """The message that a block belongs to: the loop's, the previous one, or the last."""
    label = label_of(node.sections[0].body)
    if not label & Label.LATE:
        return speaker(blocks, context.template) or last_speaker(context.template)
    before = previous_speaker(blocks, context.template)
    if before is None:
        context.refuse(
            Reason.SHARED,
            "the end of a turn is printed at the beginning of the next one, where it is not "
            "known whose it is",
            next((each.start for each in first_of(node.sections[0].body).atoms), 0),
            "print the end of a turn in the turn that it ends",
        )
    return before
