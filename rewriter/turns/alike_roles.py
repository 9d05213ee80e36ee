"""Roles that a template names, and prints as the assistant's turns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rewriter.tracing.block_types import GIVING_ROLES
from rewriter.tracing.probes import ANSWERS, QUESTIONS, SPECIAL_TOKENS
from rewriter.tracing.role_tests import roles_asked
from rewriter.turns.openings import ROLE_WORD, lead
from rewriter.turns.parts import ASSISTANT
from rewriter.turns.prompts import prompts_of

if TYPE_CHECKING:
    from rewriter.tracing.render import TracedTemplate
    from rewriter.tracing.trace import Trace


# Roles of those who prompt the assistant.
_GIVING: Final = GIVING_ROLES | {"user", "system", "developer"}


def roles_alike(traced: TracedTemplate) -> tuple[str, ...]:
    """The roles whose turns have the assistant's header, or print just what its turns print.

    Those of users, systems and tools are not, whatever their header.
    """
    question, answer = QUESTIONS[0], ANSWERS[0]
    header = prompts_of(traced).usual.role.strip()

    def printed(role: str) -> Trace | None:
        said = [question, {**answer, "role": role}, question]
        trace = traced.attempted(said, **SPECIAL_TOKENS)
        return trace if trace and answer["content"] in trace.text else None

    def is_alike(trace: Trace | None) -> bool:
        if own is None or trace is None:
            return False
        is_headed = ROLE_WORD.search(header) and lead(trace, 1).lstrip().startswith(header)
        return bool(is_headed) or trace.text == own.text

    own = printed(ASSISTANT)
    others = set(roles_asked(traced.template.tree)) - {ASSISTANT, *_GIVING}
    return tuple(role for role in sorted(others) if is_alike(printed(role)))
