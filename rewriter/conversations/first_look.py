"""A quick look at what templates make of a conversation, which tells if it is to be judged closely.

Text and mask come of a plain render, and with them the path that each template took. To judge a
mask by where each character comes from takes several times as long. It is worth that only where
an assistant's turn took a path that no conversation before it took, or has words of another
shape; and now and then, as what is said may matter where the path does not.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from rewriter.conversations.coverage import Coverage, Explorer
from rewriter.conversations.kinds import ASSISTANT, KINDS, OTHER
from rewriter.conversations.rendering import Outcome, Raised, Rendered
from rewriter.tracing.clock import told
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.installed_transformers import plain, prepared
from rewriter.tracing.taken_branches import PathTemplate, Walk

# Of the conversations with nothing new in them, every so-manieth is judged closely all the same,
# but for those so long that the judge takes as much time as over all the others.
_EVERY: Final = 32
_LONG: Final = 16


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What the templates print of a conversation, and whether the variant does something new.

    Attributes:
        conversation: the conversation.
        original: what the original prints of it, if there is one.
        variant: what the variant prints.
        is_new: whether the mask may be another than on those before, and can be judged.

    """

    conversation: Conversation
    original: Outcome | None
    variant: Outcome
    is_new: bool


class FirstLook:
    """Looks at one conversation after another, by an original, if there is one, and a variant.

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
        """The branches that were reached, of the original, if there is one, and the variant."""
        return tuple(explorer.coverage for explorer in self.explorers)

    def outcomes(self, conversation: Conversation) -> Outcomes:
        """Look at a conversation and remember what was seen."""
        with told(conversation.now):
            return self._at(conversation)

    def compared(self, conversation: Conversation) -> Outcomes:
        """What is printed of a conversation, which then counts as seen by nobody."""
        messages, variables = _given(conversation)
        with told(conversation.now):
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
    """The messages and all else that a template is rendered with, as plain data."""
    prompted = {"add_generation_prompt": conversation.add_generation_prompt}
    return prepared(conversation.messages), {**plain(conversation.options), **prompted}


def _traits(messages: list[dict[str, Any]], walk: Walk, prompted: bool) -> Iterator[Hashable]:
    """What may matter to the mask.

    Of an assistant's turn that is its whole path, taken for its steps from one branch to the
    next, so that a loop's third item is nothing new; what stands before it; and the shape of its
    words. Of what is never to be in the mask, each step by itself; but what follows an assistant's
    turn may print its end.
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
    """Who speaks; of those that no template knows by name, one is like another."""
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
