"""A conversation that is not fitted to a template yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

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

    def as_json(self) -> list[Any]:
        """The draft as plain data."""
        return [self.conversation.as_json(), self.wild, list(self.choices)]

    @classmethod
    def from_json(cls, data: Sequence[Any]) -> Draft:
        """The draft that `as_json` wrote."""
        conversation, wild, choices = data
        # Keep the keys in their order: a conversation's JSON is the key for what is known of it.
        drawn = {
            name: tuple(value) if name in ("messages", "tools", "documents") else value
            for name, value in conversation.items()
        }
        return cls(Conversation.from_json(drawn), wild, tuple(choices))
