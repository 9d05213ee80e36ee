"""End the assistant's last turn in the header at which the model stops.

For earlier turns, the next turn prints that header, if its speaker is the expected one, so it stays
where it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from rewriter.engine.assistant_tests import Speaker
from rewriter.engine.context import Context, atoms, label_of
from rewriter.engine.draft import Atom, Body, Compound, Node, Section, Statement, last_of
from rewriter.engine.markers import SWALLOWS_BEFORE, guard
from rewriter.engine.transforms import Stop
from rewriter.engine.turn_ends import with_ends
from rewriter.engine.verbs.branch import branched
from rewriter.source.literals import literal
from rewriter.turns.label import Label
from rewriter.turns.parts import ASSISTANT
from rewriter.turns.stop_headers import Stops


def stop(_: Stop, body: Body, context: Context) -> Body:
    """An end for the last turn, and a branch for each header that ends the turn before."""
    stops = context.outline.labels.stops
    if stops is None:
        return body

    def put(siblings: Body, following: Statement | None, who: Speaker) -> Body:
        return _appended(siblings, following, _Ending(stops, who, context))

    return with_ends(branched(body, context), context, put)


@dataclass(frozen=True, slots=True)
class _Ending:
    """The ends of a loop's turns, and the speaker ``who`` has one."""

    stops: Stops
    who: Speaker
    place: Context


def _appended(siblings: Body, following: Statement | None, ending: _Ending) -> Body:
    """The end after the siblings; what was swallowed before the next tag is swallowed still."""
    at = len(siblings)
    tag = ending.place.text((following,) if following else ())
    while tag.startswith(SWALLOWS_BEFORE) and _is_blank(siblings[at - 1]):
        at -= 1
    return (*siblings[:at], _end(siblings[:at], ending), *siblings[at:])


def _is_blank(node: Node) -> bool:
    return isinstance(node, Statement) and node.is_blank


def _end(before: Body, ending: _Ending) -> Compound:
    """The statement that prints the end if nobody speaks next."""
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
