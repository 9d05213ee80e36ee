"""A conversation that is not fitted to a template yet."""

from __future__ import annotations

from dataclasses import dataclass

from rewriter.tracing.conversation import Conversation


@dataclass(frozen=True, slots=True)
class Draft:
    """A conversation that is not fitted to a template yet.

    Attributes:
        conversation: the drawn conversation, without flags, since these depend on the template.
        wild: whether to render it as it is.
        choices: numbers that make the choices that depend on the template; zero is the plainest.

    """

    conversation: Conversation
    wild: bool
    choices: tuple[int, ...]
