"""A quick look at a conversation, to decide whether to judge its mask closely.

A plain render gives text and mask, and the path that each template took. Judging a mask by the
origin of each character takes several times as long. That is only worth it if an assistant's turn
took a new path or has words of a new shape, and now and then otherwise, since the text may matter
even on a known path.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from rewriter.conversations.coverage import Coverage, Explorer
from rewriter.conversations.kinds import ASSISTANT, KINDS, OTHER
from rewriter.conversations.rendering import Outcome, Raised, Rendered
from rewriter.tracing.clock import at_time
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.installed_transformers import plain, prepared
from rewriter.tracing.taken_branches import PathTemplate, Walk

# Every n-th conversation with nothing new is judged closely all the same, except those so long that
# the judge would take as much time for them as for all others.
_EVERY: Final = 32
_LONG: Final = 16


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What the templates print for a conversation, and whether the variant does something new.

    Attributes:
        conversation: the conversation.
        original: the original's outcome, if there is one.
        variant: the variant's outcome.
        is_new: whether the mask may differ in kind from earlier ones, and can be judged.

    """

    conversation: Conversation
    original: Outcome | None
    variant: Outcome
    is_new: bool


class FirstLook:
    """Looks at conversations with a variant and its original, if there is one.

    Raises:
        BadInput: one of the two does not compile.

    """

    def __init__(self, original: str | None, variant: str) -> None:
        self.variant = PathTemplate(variant)
        self.original = None if original is None else PathTemplate(original)
        templates = [self.variant] if self.original is None else [self.original, self.variant]
        self._explorers = {id(template): Explorer(template) for template in templates}
        self.explorers = tuple(self._explorers.values())
        self._known: set[Hashable] = set()
        self._looks = 0

    @property
    def coverage(self) -> tuple[Coverage, ...]:
        """The coverage of the original, if there is one, and of the variant."""
        return tuple(explorer.coverage for explorer in self.explorers)

    def outcomes(self, conversation: Conversation) -> Outcomes:
        """Look at a conversation, and remember what was seen."""
        with at_time(conversation.now):
            return self._at(conversation)

    def compared(self, conversation: Conversation) -> Outcomes:
        """Like `outcomes`, but without remembering what was seen."""
        messages, variables = _given(conversation)
        with at_time(conversation.now):
            walks = [each.template.render(messages, variables) for each in self.explorers]
        outcomes = [*map(_outcome, walks)]
        original = outcomes[0] if self.original else None
        return Outcomes(conversation, original, outcomes[-1], is_new=False)

    def _at(self, conversation: Conversation) -> Outcomes:
        messages, variables = _given(conversation)
        original = None
        if self.original:
            walk = self.original.render(messages, variables)
            self._note(self.original, conversation, walk)
            original = _outcome(walk)
        walk = self.variant.render(messages, variables)
        self._note(self.variant, conversation, walk)
        is_new = self._is_new(conversation, messages, walk)
        return Outcomes(conversation, original, _outcome(walk), is_new)

    def _note(self, template: PathTemplate, conversation: Conversation, walk: Walk) -> None:
        explorer = self._explorers[id(template)]
        explorer.note(conversation, walk.path, rendered=walk.text is not None)

    def _is_new(
        self, conversation: Conversation, messages: list[dict[str, Any]], walk: Walk
    ) -> bool:
        if walk.text is None:
            return False
        seen = set(_traits(messages, walk, conversation.add_generation_prompt)) - self._known
        self._known |= seen
        self._looks += 1
        return bool(seen) or (self._looks % _EVERY == 0 and len(messages) < _LONG)


def _given(conversation: Conversation) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The messages and all other input of a template, as plain data."""
    prompted = {"add_generation_prompt": conversation.add_generation_prompt}
    return prepared(conversation.messages), {**plain(conversation.options), **prompted}


def _traits(messages: list[dict[str, Any]], walk: Walk, prompted: bool) -> Iterator[Hashable]:
    """The features of a render that may matter to the mask.

    For an assistant's turn: its whole path, as a set of steps between branches, so that a loop's
    third item is nothing new; what precedes it; and the shape of its words. For text that is never
    in the mask: each step by itself; but text after an assistant's turn may print its end.
    """
    for turn, branches in walk.path.turns.items():
        role = None if turn is None else _role(messages[turn])
        if turn is None or role != ASSISTANT:
            yield role, *branches[:1]
            yield from ((role, step) for step in pairwise(branches))
            if turn and _role(messages[turn - 1]) == ASSISTANT:
                yield role, frozenset(pairwise(branches))
        else:
            yield frozenset(pairwise(branches)), *branches[:1]
            last = turn == len(messages) - 1
            yield _role(messages[turn - 1]) if turn else None, last, last and prompted
            yield tuple(_shape(messages[turn]))


def _role(message: dict[str, Any]) -> str:
    """The role; all roles that no template knows by name count as one."""
    role = str(message.get("role"))
    return role if role in KINDS else OTHER


def _shape(message: dict[str, Any]) -> Iterator[Hashable]:
    content = message.get("content")
    yield type(content).__name__
    if isinstance(content, str):
        yield content[:1].isspace(), content[-1:].isspace(), not content.strip()
    yield "tool_calls" in message


def _outcome(walk: Walk) -> Outcome:
    if walk.text is None:
        return Raised(type(walk.raised).__name__, str(walk.raised))
    return Rendered(walk.text, walk.generated)
