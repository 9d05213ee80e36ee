"""The generation prompt of each assistant's turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rewriter.tracing.clock import current_time
from rewriter.tracing.probes import QUESTIONS
from rewriter.turns.headers import Cue
from rewriter.turns.prompts import Prompts


class TurnPrompts:
    """Finds the generation prompt after some messages.

    ``rough`` assumes that it depends only on the role of the previous message, which saves most
    renders.
    """

    def __init__(self, prompts: Prompts, *, rough: bool) -> None:
        self._prompts = prompts
        self._rough = rough
        self._by_role: dict[str, Cue] = {}
        self._by_chat: dict[str, Cue] = {}

    def before(self, messages: Sequence[Mapping[str, Any]], options: Mapping[str, Any]) -> Cue:
        """The cue after ``messages`` by the default prompt, whatever the flags."""
        role = str(messages[-1].get("role")) if messages else ""
        if role in self._by_role:
            return self._by_role[role]
        kept = self._prompts.without_flags(options)
        key = repr((list(messages), kept, current_time()))
        if key not in self._by_chat:
            self._by_chat[key] = self._prompts.cue_after(messages, kept)
        cue = self._by_chat[key]
        if self._rough and cue is not self._prompts.usual:
            self._by_role[role] = cue
        return cue

    @property
    def asked(self) -> tuple[Cue, ...]:
        """The cues seen so far that differ from the usual one because of message text."""
        seen = {cue.text: cue for cue in self._by_chat.values() if self._prompts.is_asked(cue)}
        return tuple(seen[text] for text in sorted(seen))

    def flagged(
        self, messages: Sequence[Mapping[str, Any]], options: Mapping[str, Any]
    ) -> Cue | None:
        """The cue after ``messages`` if flags make it differ from the default."""
        plain = self._prompts.without_flags(options)
        if len(plain) == len(options):
            return None
        # Flags also change how a first turn begins, although nothing prompts for it.
        messages = messages or QUESTIONS[:1]
        text = self._prompts.prompt(messages, options)
        # After a tool's result, the header may differ, and flags do not change it.
        roles = (self._prompts.usual.role, self.before(messages, options).role)
        role = next((role for role in roles if text.startswith(role)), None)
        is_same = role is None or text == self._prompts.prompt(messages, plain)
        return None if role is None or is_same else Cue(text, role)
