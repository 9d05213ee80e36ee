"""A conversation before any template was asked about it."""

from __future__ import annotations

from dataclasses import dataclass

from rewriter.tracing.conversation import Conversation


@dataclass(frozen=True, slots=True)
class Draft:
    """A conversation that no template was asked about.

    Attributes:
        conversation: what was drawn; of the flags it has none, as they are a template's own.
        wild: whether it is to be rendered as it is.
        choices: numbers that choose whatever depends on the template, zero the plainest.

    """

    conversation: Conversation
    wild: bool
    choices: tuple[int, ...]
