"""Leave the thinking that the prompt prefills outside of a block, where only its text tells.

Where a turn is built up in a variable, whether it begins with what is prefilled is no more to be
seen in the source. So it is captured, and its text is asked.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from rewriter.engine.draft import Atom, Body, Compound, Node, Section, Statement
from rewriter.engine.transforms import Uncover
from rewriter.engine.verbs.capture import always_prints, captured
from rewriter.engine.workplace import Workplace, captures, label_of
from rewriter.source.literals import literal
from rewriter.tracing.labels import Label

_TURN: Final = "printed"
_PREFILLED: Final = "prefilled"


def uncover(rule: Uncover, body: Body, place: Workplace) -> Body:
    """Each block of the rule's tag that may begin with a prefill, without it."""
    return tuple(_uncovered(node, rule, place) for node in body)


def _uncovered(node: Node, rule: Uncover, place: Workplace) -> Node:
    if isinstance(node, Statement) or captures(node):
        return node
    if node.keyword != rule.tag:
        sections = (Section(s.tag, uncover(rule, s.body, place)) for s in node.sections)
        return replace(node, sections=tuple(sections))
    if not label_of(node.sections[0].body) & Label.PREFILL:
        return node
    return _behind_prefill(node, rule.tag, place)


def _behind_prefill(block: Compound, tag: str, place: Workplace) -> Compound:
    turn, prefilled = place.fresh(_TURN), place.fresh(_PREFILLED)
    rest = f"{turn}[{prefilled}:]"
    printing = (
        f"{{% set {prefilled} = {_length(turn, place)} %}}{{{{ {turn}[:{prefilled}] }}}}"
        f"{{% {tag} %}}{{{{ {rest} }}}}{{% end{tag} "
    )

    def is_left(atom: Atom) -> bool:
        return not atom.label & Label.PREFILL and not place.outline.is_white(atom)

    if not always_prints(block.sections[0].body, is_left):
        printing = printing.replace(f"{{% {tag} %}}", f"{{% if {rest} %}}{{% {tag} %}}")
        printing += "%}{% endif "
    return captured(block, tag, turn, printing, place)


def _length(turn: str, place: Workplace) -> str:
    """How much of a turn is prefilled; the white space at the prefill's end may be missing."""
    prefill = place.outline.prefill
    beginnings = filter(None, dict.fromkeys((prefill, prefill.rstrip())))
    asked = (f"{len(each)} if {turn}.startswith({literal(each)}) else" for each in beginnings)
    return " ".join([*asked, "0"])
