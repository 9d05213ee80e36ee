"""Keep prefilled thinking outside of a block, if only the printed text shows it.

If a turn is built in a variable, the source no longer shows whether it begins with the prefill. So
it is captured, and its text is tested.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from rewriter.engine.context import Context, atoms, captures, label_of
from rewriter.engine.draft import Atom, Body, Compound, Node, Section, Statement
from rewriter.engine.transforms import Uncover
from rewriter.engine.verbs.capture import always_prints, captured
from rewriter.source.literals import literal
from rewriter.turns.label import Label
from rewriter.turns.prompt_tests import prompt_texts

_TURN: Final = "printed"
_PREFILL: Final = "prefill"
_PREFILLED: Final = "prefilled"
_LEFT: Final = Label.PREFILL | Label.NO_THOUGHT


def uncover(rule: Uncover, body: Body, context: Context) -> Body:
    """Each block of the rule's tag that may begin with a prefill, without it.

    Where what a conversation says decides on the prefill, each message asks what the generation
    prompt would ask before it.
    """
    return _uncovered_in(body, rule, context, _asked_prefill(context))


def _uncovered_in(body: Body, rule: Uncover, context: Context, asked: str) -> Body:
    return tuple(_uncovered(node, rule, context, asked) for node in body)


def _uncovered(node: Node, rule: Uncover, context: Context, asked: str) -> Node:
    if isinstance(node, Statement) or captures(node):
        return node
    if node.keyword != rule.tag:
        sections = (
            Section(s.tag, _uncovered_in(s.body, rule, context, asked)) for s in node.sections
        )
        changed = replace(node, sections=tuple(sections))
        return _asking(changed, asked, context) if changed != node else node
    if not label_of(node.sections[0].body) & _LEFT:
        return node
    return _after_prefill(node, rule.tag, bool(asked), context)


def _asking(loop: Compound, asked: str, context: Context) -> Compound:
    """A loop over messages that tells, before each, what the prompt would prefill there."""
    if not asked or loop.keyword != "for":
        return loop
    first, *others = loop.sections
    # What is after the loop's tag is trimmed as before.
    trims = context.text((first.tag,)).removesuffix("%}")[-1]
    closing = f"{trims}%}}" if trims in "-+" else "%}"
    setting = context.added(f"{{% set {context.fresh(_PREFILL)} = {asked} {closing}")
    return replace(loop, sections=(Section(first.tag, (setting, *first.body)), *others))


def _asked_prefill(context: Context) -> str:
    """What the prompt prefills, as an expression; empty where no conversation changes it."""
    labels = context.outline.labels
    usual = labels.cue
    if not context.outline.leaves_prefill:
        return ""
    told = {each.text: each.condition for each in prompt_texts(context.template)}
    choices = [
        f"{literal(cue.prefill)} if {told[cue.text]} else"
        for cue in labels.asked_cues
        if cue.text in told
    ]
    return " ".join([*choices, literal(usual.prefill)]) if choices else ""


def _after_prefill(block: Compound, tag: str, is_asked: bool, context: Context) -> Compound:
    turn, prefilled = context.fresh(_TURN), context.fresh(_PREFILLED)
    rest = f"{turn}[{prefilled}:]"
    header = context.outline.repeated if _may_close_header(block, context) else ""
    printing = (
        f"{{% set {prefilled} = {_length(turn, header, is_asked, context)} %}}"
        f"{{{{ {turn}[:{prefilled}] }}}}{{% {tag} %}}{{{{ {rest} }}}}{{% end{tag} "
    )

    def is_left(atom: Atom) -> bool:
        # The tag that closes real thoughts closes an empty one too.
        written = context.template.text[atom.start : atom.end].replace("\\n", "\n").strip()
        is_cut = any(written in each for each in context.outline.empty_thoughts)
        return not (atom.label & _LEFT or is_cut or context.outline.is_white(atom))

    if not always_prints(block.sections[0].body, is_left):
        printing = printing.replace(f"{{% {tag} %}}", f"{{% if {rest} %}}{{% {tag} %}}")
        printing += "%}{% endif "
    return captured(block, tag, turn, printing, context)


def _may_close_header(block: Compound, context: Context) -> bool:
    """Whether a block may begin with the end of a header that the model writes again."""
    prefilled = [a for a in atoms(block) if a.is_literal and Label.PREFILL in a.label]
    return not prefilled or any(map(context.outline.is_repeated, prefilled))


def _length(turn: str, header: str, is_asked: bool, context: Context) -> str:
    """How much of a turn is prompted; the white space at the prefill's end may be missing.

    The turn may begin with the end of the ``header``.
    """
    prefill = context.outline.prefill
    texts = (header + each for each in (prefill, prefill.rstrip(), ""))
    beginnings = filter(None, dict.fromkeys(texts))
    asked = [f"{len(each)} if {turn}.startswith({literal(each)}) else" for each in beginnings]
    if is_asked:
        name = context.fresh(_PREFILL)
        asked.insert(0, f"{name}|length if {turn}.startswith({name}) else")
    # What a thought begins with, an empty one begins with too.
    empty = [
        f"{len(header + each)} if {turn}.startswith({literal(header + each)}) else"
        for each in context.outline.empty_thoughts
    ]
    return " ".join([*empty, *asked, "0"])
