"""Whether printed text stays the same when messages follow.

A trainer that appends a tool's result, or the next question, to tokens that it has already sampled
relies on this. A template may keep its text while the tokenizer merges across the boundary. Many
templates keep tool loops, but drop reasoning once the user speaks. So there are separate verdicts
for text and tokens, and for tool messages and user turns. If a turn ends in the next speaker's
header, and another speaker follows, the rest of the turn counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from rewriter.arguments import source_given, tokenizer_given
from rewriter.conversations.fixed import fixed_conversations
from rewriter.conversations.kinds import ASSISTANT, TOOL, USER
from rewriter.conversations.profiling import probed
from rewriter.conversations.rendering import Rendered, render
from rewriter.tokens.token_masks import as_applied
from rewriter.tracing.conversation import Conversation, conversations_given
from rewriter.tracing.render import TracedTemplate
from rewriter.turns.headers import agreement
from rewriter.turns.stop_headers import Stops, stops_printed
from rewriter.verification.kept_turns import is_answered, without_stop

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Level: TypeAlias = Literal["text", "tokens"]
Across: TypeAlias = Literal["tool messages", "user turns"]

LEVELS: Final[tuple[Level, ...]] = ("text", "tokens")
ACROSS: Final[tuple[Across, ...]] = ("tool messages", "user turns")
_SUBJECTS: Final = {"text": ("the text is", "character"), "tokens": ("the tokens are", "token")}
_TURNS: Final = {USER, ASSISTANT, TOOL}
_SHOWN: Final = 40


@dataclass(frozen=True, slots=True)
class PrefixBreak:
    """Text of a conversation that is no longer printed when messages follow.

    Attributes:
        shorter: a conversation that ends with the assistant.
        longer: the same with messages after it.
        at: the first character, or token, that differs.
        printed: the text of the shorter conversation there, up to a few words.
        instead: the text of the longer one.

    """

    shorter: Conversation
    longer: Conversation
    at: int
    printed: str
    instead: str


@dataclass(frozen=True, slots=True)
class PrefixVerdict:
    """The verdict on one kind of prefix preservation.

    Attributes:
        level: whether it is about the text or about a tokenizer's tokens.
        across: the messages that follow: tool messages, with the assistant's replies, or user
            turns.
        checked: the number of pairs of conversations that were checked.
        broken: the smallest pair that breaks it, if any.

    """

    level: Level
    across: Across
    checked: int
    broken: PrefixBreak | None

    @property
    def holds(self) -> bool | None:
        """Whether every prefix was kept; ``None`` if the template renders no such pair."""
        return self.broken is None if self.checked else None

    @property
    def message(self) -> str:
        """The verdict in a sentence."""
        subject, unit = _SUBJECTS[self.level]
        if not self.checked:
            return f"no conversation with {self.across} renders"
        if self.broken is None:
            return f"{subject} kept across {self.across} ({self.checked} pairs)"
        at, printed, instead = self.broken.at, self.broken.printed, self.broken.instead
        return (
            f"{subject} not kept across {self.across}: "
            f"at {unit} {at} {printed!r} becomes {instead!r}"
        )


def prefix_verdicts(
    source: str,
    tokenizer: PreTrainedTokenizerBase | None = None,
    conversations: Iterable[Conversation] | None = None,
) -> tuple[PrefixVerdict, ...]:
    """Whether prefixes are kept, with a verdict for tool messages and one for user turns.

    Args:
        source: the template.
        tokenizer: the tokenizer for the text; without one, only the text is judged.
        conversations: the conversations to cut after each assistant's turn; by default, those for
            every template, as far as this template accepts them.

    """
    source = source_given(source)
    if tokenizer is not None:
        tokenizer_given(tokenizer)
    conversations = conversations_given(conversations)
    if conversations is None:
        conversations = fixed_conversations(probed(source))
    levels = LEVELS[:1] if tokenizer is None else LEVELS
    checked = dict.fromkeys(product(levels, ACROSS), 0)
    broken: dict[tuple[Level, Across], PrefixBreak] = {}
    for shorter, longer, across in _cuts(conversations):
        for level, one, other in _printed(source, tokenizer, shorter, longer):
            checked[level, across] += 1
            if one.parts != other.parts[: len(one.parts)]:
                found = PrefixBreak(shorter, longer, *_difference(one, other))
                broken[level, across] = min(found, broken.get((level, across), found), key=_size)
    return tuple(PrefixVerdict(*kind, checked[kind], broken.get(kind)) for kind in checked)


def _cuts(
    conversations: Iterable[Conversation],
) -> Iterator[tuple[Conversation, Conversation, Across]]:
    """Each conversation, cut after each assistant's turn that is not the last message."""
    for longer in conversations:
        roles = [message.get("role") for message in longer.messages]
        for end in range(1, len(roles)):
            after = {*roles[end:]}
            is_cut = roles[end - 1] == ASSISTANT and is_answered(longer.messages, end)
            if is_cut and after <= _TURNS:
                shorter = replace(
                    longer, messages=longer.messages[:end], add_generation_prompt=False
                )
                yield shorter, longer, "user turns" if USER in after else "tool messages"


@dataclass(frozen=True, slots=True)
class _Print:
    """A text or its tokens, and how to show them."""

    parts: Sequence[object]
    shown: Callable[[Any], str]

    def from_(self, at: int) -> str:
        return self.shown(self.parts[at : at + _SHOWN])[:_SHOWN]


def _printed(
    source: str,
    tokenizer: PreTrainedTokenizerBase | None,
    shorter: Conversation,
    longer: Conversation,
) -> Iterator[tuple[Level, _Print, _Print]]:
    """The text of both, and its tokens, if both render."""
    pair = (shorter, longer)
    if tokenizer is not None:
        pair = (as_applied(tokenizer, shorter), as_applied(tokenizer, longer))
    one, other = (render(source, conversation) for conversation in pair)
    if isinstance(one, Rendered) and isinstance(other, Rendered):
        text = one.text
        if not other.text.startswith(text):
            text = without_stop(pair[0], text, _stops(source))
        yield "text", _Print(text, str), _Print(other.text, str)
        if tokenizer is not None:
            yield "tokens", _tokens(tokenizer, text), _tokens(tokenizer, other.text)


@lru_cache(maxsize=8)
def _stops(source: str) -> Stops | None:
    return stops_printed(TracedTemplate(source))


def _tokens(tokenizer: PreTrainedTokenizerBase, text: str) -> _Print:
    ids: list[int] = tokenizer(text, add_special_tokens=False)["input_ids"]
    return _Print(ids, lambda some: str(tokenizer.decode(some)))


def _difference(one: _Print, other: _Print) -> tuple[int, str, str]:
    """Where two prints first differ, and what each has there."""
    at = agreement(one.parts, other.parts)
    return at, one.from_(at), other.from_(at)


def _size(broken: PrefixBreak) -> tuple[int, int, str]:
    return broken.longer.size
