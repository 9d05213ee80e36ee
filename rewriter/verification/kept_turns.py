"""Where an assistant's turn is no longer what it was, once messages follow."""

from __future__ import annotations

from rewriter.tracing.conversation import Conversation
from rewriter.tracing.provenance import Field
from rewriter.tracing.render import TracedTemplate
from rewriter.turns.parts import ASSISTANT
from rewriter.turns.stop_headers import Stops


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
