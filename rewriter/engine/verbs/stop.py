"""End the assistant's last turn in the header that the model is stopped at.

Of the turns before it that header is printed by the turn that follows, if its speaker is the one
who is to speak, and stays where it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from rewriter.engine.draft import Atom, Body, Compound, Node, Section, Statement, last_of
from rewriter.engine.markers import SWALLOWS_BEFORE, guard
from rewriter.engine.role import Speaker, speaker, walks_messages
from rewriter.engine.transforms import Stop
from rewriter.engine.verbs.branch import branched
from rewriter.engine.workplace import Surroundings, Workplace, atoms, in_bodies, is_open, label_of
from rewriter.source.literals import literal
from rewriter.tracing.labels import Label
from rewriter.tracing.parts import ASSISTANT
from rewriter.tracing.stops import Stops


def stop(_: Stop, body: Body, place: Workplace) -> Body:
    """An end for the last turn, and a branch for each header that ends the turn before."""
    stops = place.outline.labels.stops
    return _with_end(branched(body, place), stops, place) if stops else body


def _with_end(body: Body, stops: Stops, place: Workplace) -> Body:
    """The end of the last turn behind the last of what the assistant generates."""

    def change(siblings: Body, around: Surroundings) -> Body:
        loop = around.blocks[-1].node if around.blocks else None
        who = speaker(around.blocks, place.template)
        if who is None or not walks_messages(loop, place.template) or not _say(siblings):
            return siblings
        return _ended(siblings, around.following, _Ending(stops, who, place))

    return in_bodies(body, change, _is_of_the_original)


def _is_of_the_original(node: Node) -> bool:
    return isinstance(node, Compound) and node.block is not None and is_open(node)


def _say(body: Body) -> bool:
    """Whether some of it prints what the assistant generates, the end of the turn before apart."""
    return any(
        Label.GENERATED & atom.label and not Label.LATE & atom.label
        for node in body
        for atom in atoms(node)
    )


@dataclass(frozen=True, slots=True)
class _Ending:
    """What a loop's turns end in, and ``who`` has one."""

    stops: Stops
    who: Speaker
    place: Workplace


def _ended(siblings: Body, following: Statement | None, ending: _Ending) -> Body:
    """The siblings with the end behind them, or in the branch in which alone the turn is printed.

    Where that branch is not taken the turn prints nothing, and has no end either.
    """
    saying = [index for index, node in enumerate(siblings) if _say((node,))]
    node = siblings[saying[0]]
    chosen = _only_branch(node) if len(saying) == 1 else None
    if chosen is None:
        return _appended(siblings, following, ending)
    assert isinstance(node, Compound), "it has a branch"
    ends = [*(section.tag for section in node.sections[1:]), node.end]
    sections = tuple(
        Section(section.tag, _ended(section.body, end, ending)) if index == chosen else section
        for index, (section, end) in enumerate(zip(node.sections, ends, strict=True))
    )
    node = replace(node, sections=sections)
    return (*siblings[: saying[0]], node, *siblings[saying[0] + 1 :])


def _only_branch(node: Node) -> int | None:
    """The branch that the assistant's turns take, if all others were seen to be somebody else's."""
    if not isinstance(node, Compound) or node.keyword != "if":
        return None
    own = [index for index, section in enumerate(node.sections) if _say(section.body)]
    others = (s for index, s in enumerate(node.sections) if index not in own)
    told = all(label_of(section.body) & Label.ELSEWHERE for section in others)
    return own[0] if len(own) == 1 and told else None


def _appended(siblings: Body, following: Statement | None, ending: _Ending) -> Body:
    """The end behind the siblings; what was swallowed before the next tag is swallowed still."""
    at = len(siblings)
    tag = ending.place.text((following,) if following else ())
    while tag.startswith(SWALLOWS_BEFORE) and _is_blank(siblings[at - 1]):
        at -= 1
    return (*siblings[:at], _end(siblings[:at], ending), *siblings[at:])


def _is_blank(node: Node) -> bool:
    return isinstance(node, Statement) and node.is_blank


def _end(before: Body, ending: _Ending) -> Compound:
    """What prints the end where nobody speaks next."""
    stops, who, place = ending.stops, ending.who, ending.place
    asked = ["loop.last", "not add_generation_prompt"]
    if label_of(before) & Label.ELSEWHERE:
        asked.append(who.has(ASSISTANT))
    if not stops.calls:
        asked.append(f"not {who.calls}")
    last, layout = last_of(before), place.layout
    if layout.own_line(last) and not last.is_text:
        line = layout.line(layout.indentation(last))
        opening, lead, dash = line, line + layout.unit, "-"
    else:
        # White space that the next tag swallowed, this one does.
        opening = "" if last.is_blank else guard(place.text(before))
        line, lead, dash = "", "", ""
    at = next((atom.start for node in before for atom in atoms(node)), 0)
    output = place.added(f"{{{{{dash} {_printed(stops, who)} }}}}", lead)
    output = replace(output, atoms=(Atom(at, at, Label.GENERATED),))
    tag = place.added(f"{{%{dash} if {' and '.join(asked)} %}}", opening)
    end = place.added(f"{{%{dash} endif %}}", line)
    return Compound((Section(tag, (output,)),), end, opened_by="if")


def _printed(stops: Stops, who: Speaker) -> str:
    """The end as an expression."""
    answer, calls = (literal(each, who.quote) for each in (stops.answer, stops.calls))
    return f"{calls} if {who.calls} else {answer}" if stops.calls and stops.differ else answer
