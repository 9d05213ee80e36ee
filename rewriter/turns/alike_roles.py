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
_PROMPTING: Final = frozenset({"user", "system"})
_QUESTION, _ANSWER = QUESTIONS[0], ANSWERS[0]


def roles_alike(traced: TracedTemplate) -> tuple[str, ...]:
    """The roles whose turns have the assistant's header, or print just what its turns print.

    Those of users, systems and tools are not, whatever their header.
    """
    header = prompts_of(traced).usual.role.strip()

    def is_headed(role: str) -> bool:
        trace = _printed(traced, role)
        named = ROLE_WORD.search(header)
        return bool(named and trace and lead(trace, 1).lstrip().startswith(header))

    others = set(roles_asked(traced.template.tree)) - {ASSISTANT, *_GIVING}
    return tuple(r for r in sorted(others) if is_headed(r) or is_printed_alike(traced, r))


def is_printed_alike(traced: TracedTemplate, role: str) -> bool:
    """Whether a message of this role prints just what an answer of the assistant prints.

    That of a user or a system never counts, and that of a tool only if the template does not name
    it, so that it knows no tools.
    """
    if role in _PROMPTING or (role in _GIVING and role in traced.template.text):
        return False
    trace, own = _printed(traced, role), _printed(traced, ASSISTANT)
    return trace is not None and own is not None and trace.text == own.text


def _printed(traced: TracedTemplate, role: str) -> Trace | None:
    """A conversation with an answer of this role, if its text is printed."""
    said = [_QUESTION, {**_ANSWER, "role": role}, _QUESTION]
    trace = traced.attempted(said, **SPECIAL_TOKENS)
    return trace if trace and _ANSWER["content"] in trace.text else None
