"""Renders of a conversation, whole and cut short, and the assistant's turns in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final, TypeAlias

from rewriter.conversations.rendering import Outcome, Rendered, Spans
from rewriter.tracing.conversation import Conversation
from rewriter.verification.by_rendering.conversations import FOLLOWING, Scene
from rewriter.verification.by_rendering.messages import OF_NOBODY
from rewriter.verification.by_rendering.words import Occurrence, Owner, Word, occurrences

Renderer: TypeAlias = Callable[[Conversation], Outcome]
MANY: Final = 10
_FOLLOWING: Final = Word(FOLLOWING, 1_000_000, Owner.GIVEN, "user", says=True)


@dataclass(frozen=True)
class Printed:
    """A text, its mask, and the words in it."""

    text: str
    mask: Spans
    found: tuple[Occurrence, ...]

    @cached_property
    def inside(self) -> bytes:
        """For each character, 1 if the mask holds it, else 0."""
        flags = bytearray(len(self.text))
        for start, end in self.mask:
            flags[start:end] = b"\1" * (min(end, len(flags)) - start)
        return bytes(flags)

    def after(self, anchor: Occurrence | None) -> str | None:
        """The text after a word, if it is the last; for ``None``, a text without words."""
        if anchor is None:
            return None if self.found else self.text
        if not self.found:
            return None
        last = self.found[-1]
        same = last.word.text == anchor.word.text and last.nth == anchor.nth
        return self.text[last.end :] if same else None

    def after_word(self, anchor: Occurrence) -> str | None:
        """The text after a word, whatever follows."""
        ends = (
            each.end
            for each in self.found
            if each.word.text == anchor.word.text and each.nth == anchor.nth
        )
        end = next(ends, None)
        return None if end is None else self.text[end:]

    def up_to_user(self, anchor: Occurrence) -> str | None:
        """The text between a word and the words of the user's message that was added after it."""
        ends = [
            each.end
            for each in self.found
            if each.word.text == anchor.word.text and each.nth == anchor.nth
        ]
        starts = [each.start for each in self.found if each.word.text == FOLLOWING]
        found = bool(ends and starts) and ends[0] <= starts[0]
        return self.text[ends[0] : starts[0]] if found else None


@dataclass(frozen=True)
class Turn:
    """The assistant's turn that one message is printed as.

    Attributes:
        index: of the message.
        kind: of the message.
        own: the model's words in it, as far as the turn prints them.
        before: the last word of something else before the turn.
        after: the next word of any kind after the last of its own.
        next: the next word of another message.

    """

    index: int
    kind: str
    own: tuple[Occurrence, ...]
    before: Occurrence | None
    after: Occurrence | None
    next: Occurrence | None

    @property
    def has_calls(self) -> bool:
        """Whether the turn prints a tool call."""
        return any(each.word.key in ("tool", "argument", "parameter") for each in self.own)

    def follows(self, reading: Reading) -> bool:
        """Whether there is no wordless assistant's turn between ``before`` and this one."""
        mine = self.before.word.message if self.before else None
        return not any(
            map(reading.is_assistant, range((-1 if mine is None else mine) + 1, self.index))
        )

    @property
    def is_followed(self) -> bool:
        """Whether words of the next message come next."""
        return self.next is not None and self.next.word.message == self.index + 1

    @property
    def start(self) -> int:
        """The start of the text before the turn's words, including the end of the previous turn."""
        return self.before.end if self.before else 0


@dataclass
class Reading:
    """All renders of one conversation."""

    scene: Scene
    render: Renderer
    _printed: dict[tuple[int, bool, bool], Printed | None] = field(default_factory=dict)

    def cut(self, count: int, *, prompt: bool = False) -> Printed | None:
        """The render of the first messages, or ``None`` if the template refuses them."""
        return self._once((count, prompt, False), lambda: self.scene.first(count, prompt=prompt))

    def followed(self, count: int) -> Printed | None:
        """The render of the first messages, followed by a user's."""
        return self._once((count, False, True), lambda: self.scene.followed(count))

    def said_by_user(self, index: int) -> Printed | None:
        """The render of the conversation in which the message is the user's."""
        messages = list(self.scene.conversation.messages)
        messages[index] = {**messages[index], "role": "user"}
        swapped = replace(self.scene.conversation, messages=tuple(messages))
        return self._once((index, True, True), lambda: swapped)

    @property
    def whole(self) -> Printed | None:
        """The render of the whole conversation."""
        return self.cut(len(self.scene.kinds))

    def _once(
        self, key: tuple[int, bool, bool], conversation: Callable[[], Conversation]
    ) -> Printed | None:
        if key not in self._printed:
            outcome = self.render(conversation())
            if isinstance(outcome, Rendered):
                known = {**self.scene.words, FOLLOWING: _FOLLOWING}
                found = tuple(occurrences(outcome.text, known))
                self._printed[key] = Printed(outcome.text, outcome.mask, found)
            else:
                self._printed[key] = None
        return self._printed[key]

    def is_assistant(self, index: int | None) -> bool:
        """Whether the message is the assistant's."""
        messages = self.scene.conversation.messages
        return (
            index is not None
            and 0 <= index < len(messages)
            and messages[index]["role"] == "assistant"
        )

    def is_of_one_field(self, turn: Turn, text: str) -> bool:
        """Whether a text is a part of what one field of the turn's message says."""
        message = self.scene.conversation.messages[turn.index]
        fields = (value for key, value in message.items() if key not in ("role", "tool_calls"))
        return bool(text.strip()) and any(text in each for each in fields if isinstance(each, str))

    def may_frame(self, turn: Turn) -> bool:
        """Whether the turn may hold the frame of an unknown field without any of its words.

        With documents, every turn may: their number can decide what is printed.
        """
        conversation = self.scene.conversation
        if turn.kind in OF_NOBODY or conversation.documents:
            return True
        set_apart = conversation.flags.values()
        return any(isinstance(value, str) and value in self.scene.words for value in set_apart)

    @cached_property
    def turns(self) -> tuple[Turn, ...]:
        """The assistant's turns in the whole conversation."""
        return tuple(self._turns())

    @property
    def is_long(self) -> bool:
        """Whether there are too many turns to judge all of them closely."""
        return len(self.turns) > MANY

    @property
    def close(self) -> tuple[Turn, ...]:
        """The turns to judge closely: the first, the last and one in the middle."""
        turns = self.turns
        return (turns[0], turns[MANY], turns[-2], turns[-1]) if self.is_long else turns

    def _turns(self) -> Iterator[Turn]:
        whole = self.whole
        if whole is None:
            return
        for index, kind in enumerate(self.scene.kinds):
            if self.is_assistant(index):
                yield self._turn(whole, index, kind)

    def _turn(self, whole: Printed, index: int, kind: str) -> Turn:
        start, end = _region(whole, index)
        printed = self._counts(index)
        own = tuple(
            each
            for each in whole.found
            if each.word.message == index
            and each.word.owner is Owner.GENERATED
            and start <= each.start < end
            and each.nth < printed.get(each.word.text, 0)
        )
        first = own[0].start if own else start
        last = own[-1].end if own else start
        foreign = [each for each in whole.found if each.word.message != index]
        return Turn(
            index,
            kind,
            own,
            before=next((each for each in reversed(foreign) if each.end <= first), None),
            after=next((each for each in whole.found if each.start >= last), None),
            next=next((each for each in foreign if each.start >= last), None),
        )

    def _counts(self, index: int) -> dict[str, int]:
        # A tool's turn may print the name of the call that it answers. Text that is printed without
        # that turn is the assistant's.
        calls = self.scene.conversation.messages[index].get("tool_calls")
        cut = self.cut(index + 1) if calls else None
        if cut is None:
            return dict.fromkeys(self.scene.words, 1)
        return Counter(each.word.text for each in cut.found)


def _region(whole: Printed, index: int) -> tuple[int, int]:
    said = [each for each in whole.found if each.word.says and each.word.message is not None]
    start = max((each.end for each in said if (each.word.message or 0) < index), default=0)
    end = min(
        (each.start for each in said if (each.word.message or 0) > index), default=len(whole.text)
    )
    return start, end
