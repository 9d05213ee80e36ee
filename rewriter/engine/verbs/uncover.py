"""Keep prefilled thinking outside of a block, if only the printed text shows it.

If a turn is built in a variable, the source no longer shows whether it begins with the prefill. So
it is captured, and its text is tested.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, takewhile
from typing import Final

from rewriter.engine.context import Context, atoms, captures, label_of
from rewriter.engine.draft import Atom, Body, Compound, Node, Section, Statement, statements
from rewriter.engine.transforms import Uncover
from rewriter.engine.verbs.capture import always_prints, captured
from rewriter.source.literals import literal
from rewriter.turns.label import LEFT, Label
from rewriter.turns.openings import is_empty_thought
from rewriter.turns.prompt_tests import prompt_texts

_TURN: Final = "printed"
_PREFILL: Final = "prefill"
_PREFILLED: Final = "prefilled"


def uncover(rule: Uncover, body: Body, context: Context) -> Body:
    """Each block of the rule's tag that may begin with a prefill, without it.

    Where what a conversation says decides on the prefill, each message asks what the generation
    prompt would ask before it.
    """
    return _uncovered_in(body, rule, context, _asked_prefill(context))


def _uncovered_in(body: Body, rule: Uncover, context: Context, asked: str) -> Body:
    found = (_uncovered(node, rule, context, asked) for node in body)
    return tuple(chain.from_iterable(found))


def _uncovered(node: Node, rule: Uncover, context: Context, asked: str) -> Body:
    if isinstance(node, Statement) or captures(node):
        return (node,)
    if node.keyword != rule.tag:
        sections = (
            Section(s.tag, _uncovered_in(s.body, rule, context, asked)) for s in node.sections
        )
        changed = replace(node, sections=tuple(sections))
        return (_asking(changed, asked, context) if changed != node else node,)
    if not label_of(node.sections[0].body) & LEFT:
        return (node,)
    if all(atom.is_literal and _is_prompted(atom) for atom in atoms(node)):
        return node.sections[0].body
    return (_after_prefill(node, rule.tag, bool(asked), context),)


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
    printing = (
        f"{{% set {prefilled} = {_length(block, turn, is_asked, context)} %}}"
        f"{{{{ {turn}[:{prefilled}] }}}}{{% {tag} %}}{{{{ {rest} }}}}{{% end{tag} "
    )

    def is_left(atom: Atom) -> bool:
        # The tag that closes real thoughts closes an empty one too.
        printed = context.outline.printed(atom).strip()
        is_cut = any(printed in each for each in context.outline.empty_thoughts)
        return not (atom.label & LEFT or is_cut or context.outline.is_white(atom))

    if not always_prints(block.sections[0].body, is_left):
        printing = printing.replace(f"{{% {tag} %}}", f"{{% if {rest} %}}{{% {tag} %}}")
        printing += "%}{% endif "
    return captured(block, tag, turn, printing, context)


def _may_close_header(block: Compound, context: Context) -> bool:
    """Whether a block may begin with the end of a header that the model writes again."""
    left = [atom for atom in atoms(block) if atom.is_literal and atom.label & LEFT]
    return not left or any(map(context.outline.is_repeated, left))


def _length(block: Compound, turn: str, is_asked: bool, context: Context) -> str:
    """How much of a turn is prompted; the white space at the prefill's end may be missing.

    The turn may begin with the end of the header.
    """
    header = context.outline.repeated if _may_close_header(block, context) else ""
    # What a thought begins with, an empty one begins with too.
    empty = [header + each for each in context.outline.empty_thoughts]
    prefill = context.outline.prefill
    own = sorted(_prefills_in(block, context), key=len, reverse=True) if prefill else ()
    begun = [*own, header + prefill, header + prefill.rstrip(), header]
    known = [f"{len(each)} if {turn}.startswith({literal(each)}) else" for each in _new(empty)]
    if is_asked:
        name = context.fresh(_PREFILL)
        known.append(f"{name}|length if {turn}.startswith({name}) else")
    known += [
        f"{len(each)} if {turn}.startswith({literal(each)}) else" for each in _new(begun, empty)
    ]
    return " ".join([*known, "0"])


def _new(texts: Iterable[str], known: Iterable[str] = ()) -> Iterator[str]:
    """The texts that are tested for, without those that begin with one tested before."""
    tested = [*known]
    for text in texts:
        if text and not any(map(text.startswith, tested)):
            tested.append(text)
            yield text


def _prefills_in(block: Compound, context: Context) -> set[str]:
    """The texts that a block's outputs begin with, if they are always prompted."""
    found: set[str] = set()
    # Where nothing asks for a thought by default, one is written and not prompted.
    opens = not is_empty_thought(context.outline.prefill)
    for statement in statements(block.sections[0].body):
        printed = statement.atoms if statement.is_output else ()
        first = [atom for atom in printed[:1] if opens and _may_be(atom)]
        own = [*takewhile(_is_prompted, printed)] or first
        written = "".join(context.template.text[atom.start : atom.end] for atom in own)
        if not all(atom.is_literal for atom in own):
            # Names do not show what they print, but some prompt prints it too.
            found |= context.outline.labels.prefills
        elif written.strip():
            found.add("".join(map(context.outline.printed, own)))
    return found


def _may_be(atom: Atom) -> bool:
    """Whether a name, or a call, prints prompted text in some turns."""
    return bool(atom.label & LEFT) and not atom.is_literal


def _is_prompted(atom: Atom) -> bool:
    return bool(atom.label & LEFT) and Label.GENERATED not in atom.label
