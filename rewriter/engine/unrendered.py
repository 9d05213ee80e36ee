"""Refuse a template that renders no conversation, with its error, or asks for other keys."""

from __future__ import annotations

from jinja2 import nodes

from rewriter.errors import Place, Reason, Refused
from rewriter.source.walk import find_all
from rewriter.tracing.made_from import key_of
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
        hint="no value that was tried for the variables that it reads helps; render it by hand",
    )


def refuse_unprinted(traced: TracedTemplate) -> None:
    """Refuse a template that prints no message with a role and content, but asks for another key.

    Raises:
        Refused: naming the key.

    """
    compared = (each.expr for each in find_all(traced.template.tree, nodes.Compare))
    asked = next((each for each in compared if key_of(each)), None)
    span = traced.template.span(asked) if asked else None
    if asked and span:
        raise Refused(
            "the template prints nothing of messages that have a role and content; this asks for "
            f"{key_of(asked)!r} instead",
            reason=Reason.NOTHING_FOUND,
            place=Place.at(traced.template.text, span.start),
            hint="let it read 'role' and 'content', and give the messages these keys",
        )
