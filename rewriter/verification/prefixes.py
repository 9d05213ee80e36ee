"""Whether what is printed stays as it is once messages follow.

A trainer that appends a tool's result, or the next question, to tokens that it has already
sampled relies on this. A template may keep its text and a tokenizer still merge across the
seam; and many keep a tool loop as it is and drop reasoning once a user speaks. So text and
tokens, tool messages and user turns are told apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from rewriter.verification.conversation import Conversation
from rewriter.verification.kinds import ASSISTANT, TOOL, USER
from rewriter.verification.probing import probed
from rewriter.verification.render import Rendered, render
from rewriter.verification.standing import standing
from rewriter.verification.tokens import as_applied

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Level: TypeAlias = Literal["text", "tokens"]
Across: TypeAlias = Literal["tool messages", "user turns"]

LEVELS: Final[tuple[Level, ...]] = ("text", "tokens")
ACROSS: Final[tuple[Across, ...]] = ("tool messages", "user turns")
_SHOWN: Final = 40


@dataclass(frozen=True, slots=True)
class PrefixBreak:
    """What was printed for a conversation, and is no more once messages follow.

    Attributes:
        shorter: a conversation that the assistant ends.
        longer: the same with messages after it.
        at: the first character, or token, that differs.
        printed: what the shorter conversation has there, up to a few words of it.
        instead: what the longer one has.

    """

    shorter: Conversation
    longer: Conversation
    at: int
    printed: str
    instead: str


@dataclass(frozen=True, slots=True)
class PrefixVerdict:
    """What is known of one kind of prefix preservation.

    Attributes:
        level: of what: the text, or the tokens that a tokenizer makes of it.
        across: what follows: tool messages, with what the assistant says to them; or turns of
            the user.
        checked: on how many pairs of conversations.
        broken: the smallest that breaks it, if one does.

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
        if self.broken is None:
            seen = f"on {self.checked} pairs" if self.checked else "nowhere: nothing renders"
            return f"the {self.level} is kept across {self.across} ({seen})"
        broken = self.broken
        unit = "character" if self.level == "text" else "token"
        return (
            f"the {self.level} is not kept across {self.across}: at {unit} {broken.at} "
            f"{broken.printed!r} becomes {broken.instead!r}"
        )


def prefix_verdicts(
    source: str,
    tokenizer: PreTrainedTokenizerBase | None = None,
    conversations: Iterable[Conversation] | None = None,
) -> tuple[PrefixVerdict, ...]:
    """Whether prefixes are kept, across tool messages and user turns each on its own.

    Args:
        source: the template.
        tokenizer: what makes tokens of the text; without one, only the text is judged.
        conversations: what to cut after each assistant's turn; by default the conversations
            that every template is checked on, as far as this one takes them.

    """
    if conversations is None:
        conversations = standing(probed(source))
    levels = LEVELS if tokenizer else LEVELS[:1]
    checked = dict.fromkeys(product(levels, ACROSS), 0)
    broken: dict[tuple[Level, Across], PrefixBreak] = {}
    for shorter, longer, across in _cuts(conversations):
        for level, one, other in _printed(source, tokenizer, shorter, longer):
            key = (level, across)
            checked[key] += 1
            if one != other[: len(one)]:
                found = _break(shorter, longer, one, other)
                broken[key] = min(found, broken.get(key, found), key=_size)
    return tuple(PrefixVerdict(*key, checked[key], broken.get(key)) for key in checked)


def _cuts(
    conversations: Iterable[Conversation],
) -> Iterator[tuple[Conversation, Conversation, Across]]:
    """Each conversation, cut after each of the assistant's turns that something follows."""
    for longer in conversations:
        roles = [message.get("role") for message in longer.messages]
        for end in range(1, len(roles)):
            if roles[end - 1] != ASSISTANT or not {USER, TOOL} & {*roles[end:]}:
                continue
            across: Across = "user turns" if USER in roles[end:] else "tool messages"
            shorter = replace(longer, messages=longer.messages[:end], add_generation_prompt=False)
            yield shorter, longer, across


def _printed(
    source: str,
    tokenizer: PreTrainedTokenizerBase | None,
    shorter: Conversation,
    longer: Conversation,
) -> Iterator[tuple[Level, Sequence[str], Sequence[str]]]:
    """What both print, if both render: as text, and as the texts of tokens."""
    pair = (shorter, longer)
    if tokenizer is not None:
        pair = (as_applied(tokenizer, shorter), as_applied(tokenizer, longer))
    one, other = (render(source, conversation) for conversation in pair)
    if isinstance(one, Rendered) and isinstance(other, Rendered):
        yield "text", one.text, other.text
        if tokenizer is not None:
            yield "tokens", _tokens(tokenizer, one.text), _tokens(tokenizer, other.text)


def _tokens(tokenizer: PreTrainedTokenizerBase, text: str) -> Sequence[str]:
    tokens: list[str] = tokenizer.tokenize(text, add_special_tokens=False)
    return tokens


def _break(
    shorter: Conversation, longer: Conversation, one: Sequence[str], other: Sequence[str]
) -> PrefixBreak:
    pairs: Any = zip(one, other, strict=False)
    at = next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
    printed, instead = ("".join(each[at : at + _SHOWN])[:_SHOWN] for each in (one, other))
    return PrefixBreak(shorter, longer, at, printed, instead)


def _size(found: PrefixBreak) -> tuple[int, int, str]:
    return found.longer.size
