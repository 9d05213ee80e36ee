"""Roles that a template names, and prints exactly like the assistant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rewriter.tracing.probes import ANSWERS, QUESTIONS, SPECIAL_TOKENS
from rewriter.tracing.role_tests import roles_asked
from rewriter.turns.parts import ASSISTANT

if TYPE_CHECKING:
    from rewriter.tracing.render import TracedTemplate


def roles_alike(traced: TracedTemplate) -> tuple[str, ...]:
    """The roles whose conversations print the same text as with ``assistant`` instead."""
    question, answer = QUESTIONS[0], ANSWERS[0]

    def printed(role: str) -> str | None:
        said = [question, {**answer, "role": role}, question]
        trace = traced.attempted(said, **SPECIAL_TOKENS)
        return trace.text if trace and answer["content"] in trace.text else None

    own = printed(ASSISTANT)
    others = (role for role in roles_asked(traced.template.tree) if role != ASSISTANT)
    return tuple(role for role in others if own is not None and printed(role) == own)
