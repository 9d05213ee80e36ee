"""Where an assistant's turn is no longer what it was, once messages follow."""

from __future__ import annotations

from typing import Final

from rewriter.tracing.conversation import Conversation
from rewriter.tracing.provenance import Field
from rewriter.tracing.render import TracedTemplate
from rewriter.tracing.trace import Trace
from rewriter.turns.parts import ASSISTANT
from rewriter.turns.stop_headers import Stops

# Who tells the assistant how to behave, and is often told before all turns.
_INSTRUCTING: Final = frozenset({"system", "developer"})


def without_stop(shorter: Conversation, printed: str, stops: Stops | None) -> str:
    """What a conversation printed, but for the next speaker's header that its last turn ends in."""
    return printed.removesuffix(stops.after(shorter.messages) if stops else "")


def goes_on(traced: TracedTemplate, shorter: Conversation, longer: Conversation, at: int) -> bool:
    """Whether all that is lost from ``at`` on is the end of a turn that the assistant goes on with.

    A template may print messages of the assistant in a row as one turn, whose end stands behind
    the last. No trainer samples the one and then appends the other.
    """
    before = traced.render(shorter.messages, **shorter.options)
    if any(isinstance(run.origin, Field) for run in before.runs if run.end > at):
        return False
    after = traced.render(longer.messages, **longer.options)
    turn = next((run.turn for run in after.runs if run.end > at), None)
    return (
        turn is not None
        and turn >= len(shorter.messages)
        and longer.messages[turn].get("role") == ASSISTANT
        and before.text[at:] in after.text[at:]
    )


def begins_behind_instructions(
    traced: TracedTemplate, shorter: Conversation, longer: Conversation
) -> tuple[int, int] | None:
    """Where the turns begin in both texts, if what is printed before them is what differs.

    A template may gather the system messages of a whole conversation before its turns, and then a
    later one changes that. No trainer appends one, nor do tools.
    """
    before = traced.render(shorter.messages, **shorter.options)
    after = traced.render(longer.messages, **longer.options)
    starts = _first_turn(before, shorter), _first_turn(after, longer)
    head = [run for run in after.runs if run.start < starts[1]]
    later = {
        str(longer.messages[run.origin.message].get("role"))
        for run in head
        if isinstance(run.origin, Field) and run.origin.message >= len(shorter.messages)
    }
    return starts if later and later <= _INSTRUCTING else None


def _first_turn(trace: Trace, conversation: Conversation) -> int:
    """Where the first turn begins that is no instruction's."""
    return next(
        (
            run.start
            for run in trace.runs
            if run.turn is not None
            and conversation.messages[run.turn].get("role") not in _INSTRUCTING
        ),
        len(trace.text),
    )
