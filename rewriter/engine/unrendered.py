"""Refuse a template that renders no conversation, with its error."""

from __future__ import annotations

from rewriter.errors import Reason, Refused
from rewriter.tracing.probes import probes
from rewriter.tracing.render import TracedTemplate


def refuse_unrendered(traced: TracedTemplate) -> None:
    """Refuse a template that renders none of the unchanged probe conversations.

    Raises:
        Refused: saying what it raised for the first.

    """
    raised = ""
    for messages, options in probes():
        try:
            traced.render(messages, **options)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 — a template may raise whatever it likes
            raised = raised or str(error) or type(error).__name__
        else:
            return
    raise Refused(
        f"the template renders none of the probe conversations: {raised}",
        reason=Reason.UNRENDERED,
        hint="it may expect other variables than messages and tools; render it by hand",
    )
