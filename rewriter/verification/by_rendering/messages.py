"""Messages of every kind, in which each field has words of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from rewriter.verification.by_rendering.words import Owner, Vocabulary

Message: TypeAlias = dict[str, Any]

# Keys of real messages, calls and blocks that no model writes.
NOBODYS: Final = (
    "observation", "context", "result", "output", "timestamp", "time", "date", "feedback",
    "metadata", "note", "label", "annotation", "weather", "source",
)  # fmt: skip
HEADERS: Final = ("name",)
# The vocabulary's name for the key that is itself a word.
STRANGE_KEY: Final = "strangekey"
# Fields of an assistant's message with the model's own text, besides its content.
WRITTEN: Final = ("reasoning_content", "reasoning", "thinking", "tool_plan", "refusal")
CODE: Final = "\n\n\tdef f(a):\n        return {0} ** 2  # 'A' \"B\" <b>C</b> #### 3.14\n\n* item\n"


@dataclass(slots=True)
class Author:
    """Writes the messages of one conversation.

    Attributes:
        fields: who writes fields, as the user declares.
        keys: more names of fields that the template may read.
        vocabulary: the words used so far.

    """

    fields: Mapping[str, str]
    keys: Sequence[str] = ()
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    calls: list[tuple[str, str]] = field(default_factory=list)

    def text(self, key: str, index: int | None, owner: Owner, *, says: bool = False) -> str:
        """Two words with other text between them."""
        one, two = (self.vocabulary.word(key, index, owner, says=says) for _ in "ab")
        return f"{one} and {two}"

    def long_text(self, key: str, index: int, owner: Owner, *, says: bool = False) -> str:
        """About a hundred words, lines and digits, so that a cut shows."""
        made = (self.vocabulary.word(key, index, owner, says=says) for _ in range(24))
        filling = " ".join(f"word{number}" for number in range(18))
        return "".join(f"{each} {filling}{CODE.format(at)}" for at, each in enumerate(made)) + (
            self.vocabulary.word(key, index, owner, says=says)
        )

    def owner(self, key: str) -> Owner:
        """Who writes a field that is not on the list of fields that models write."""
        if key in self.fields:
            return Owner(self.fields[key])
        return Owner.HEADER if key in HEADERS else Owner.NOBODY

    def unknown(self, index: int | None, present: Mapping[str, Any]) -> Message:
        """Every unknown field, and one whose name is itself a word."""
        names = dict.fromkeys((*HEADERS, *NOBODYS, *self.keys))
        made = {
            name: self.vocabulary.word(name, index, self.owner(name))
            for name in names
            if name not in present
        }
        strange = self.vocabulary.word(STRANGE_KEY, index, Owner.NOBODY)
        return {**made, strange: self.vocabulary.word("strange", index, Owner.NOBODY)}

    def user(self, index: int) -> Message:
        """A message of the user."""
        return {"role": "user", "content": self.text("user", index, Owner.GIVEN, says=True)}

    def system(self, index: int) -> Message:
        """A system prompt."""
        return {"role": "system", "content": self.text("system", index, Owner.GIVEN, says=True)}

    def result(self, index: int) -> Message:
        """The result of the first call that has none yet."""
        name, identifier = self.calls.pop(0) if self.calls else ("lookup", "call00000")
        content = self.text("toolresult", index, Owner.GIVEN, says=True)
        return {"role": "tool", "name": name, "tool_call_id": identifier, "content": content}

    def thinking(self, message: Message, index: int) -> Message:
        """A message of somebody else, with the texts that usually only the assistant has."""
        return {**{each: self.text(each, index, Owner.GIVEN) for each in WRITTEN}, **message}

    def answer(self, index: int) -> str:
        """An answer of the assistant."""
        return self.text("content", index, Owner.GENERATED, says=True)

    def thought(self, index: int) -> str:
        """A thought of the assistant."""
        return self.text("thought", index, Owner.GENERATED, says=True)

    def call(self, index: int, *, as_text: bool = False, flat: bool = False) -> Message:
        """A call of a tool."""
        word = self.vocabulary.word
        name, key = (word(each, index, Owner.GENERATED) for each in ("tool", "parameter"))
        arguments: Any = {
            key: word("argument", index, Owner.GENERATED),
            word("parameter", index, Owner.GENERATED): 3,
        }
        if as_text:
            arguments = json.dumps(arguments)
        # Nine letters and digits, as some templates require; it is not a word of the vocabulary.
        identifier = f"call{len(self.vocabulary.known):05}"
        self.calls.append((name, identifier))
        function = {"name": name, "arguments": arguments}
        if flat:
            return {"id": identifier, "type": "function", **function}
        return {"id": identifier, "type": "function", "function": function}


def said(content: Any, **more: Any) -> Message:
    """A message of the assistant's."""
    return {"role": "assistant", "content": content, **more}


def _blocks(author: Author, index: int, count: int) -> list[Message]:
    return [{"type": "text", "text": author.answer(index)} for _ in range(count)]


def _unknown(author: Author, index: int) -> Message:
    message = said(author.answer(index))
    return {**message, **author.unknown(index, message)}


def _unknown_of_calls(author: Author, index: int) -> Message:
    call = author.call(index)
    within = {"id": 0, "type": 0, "name": 0, "arguments": 0, "function": 0}
    call["function"].update(author.unknown(index, within))
    return said(author.answer(index), tool_calls=[{**call, **author.unknown(index, within)}])


def _unknown_of_blocks(author: Author, index: int) -> Message:
    within = {"type": 0, "text": 0, "content": 0}
    mixed = {"type": "text", "text": author.answer(index), **author.unknown(index, within)}
    result = {"type": "tool_result", **author.unknown(index, within)}
    return said([mixed, result])


def _written(author: Author, index: int) -> Message:
    more = {each: author.text(each, index, Owner.GENERATED) for each in WRITTEN[3:]}
    return said(author.answer(index), **more)


def _thinking_block(author: Author, index: int) -> Message:
    return said(
        [{"type": "thinking", "thinking": author.thought(index)}, *_blocks(author, index, 1)]
    )


def _long(author: Author, index: int) -> Message:
    thought = author.long_text("thought", index, Owner.GENERATED, says=True)
    content = author.long_text("content", index, Owner.GENERATED, says=True)
    return said(content, reasoning_content=thought)


Kind: TypeAlias = Callable[[Author, int], Message]
PLAIN: Final = "answer"
NOTHING_SAID: Final = "nothing"
KINDS: Final[Mapping[str, Kind]] = {
    PLAIN: lambda author, at: said(author.answer(at)),
    "thought": lambda author, at: said(author.answer(at), reasoning_content=author.thought(at)),
    "reasoning": lambda author, at: said(author.answer(at), reasoning=author.thought(at)),
    "thinking": lambda author, at: said(author.answer(at), thinking=author.thought(at)),
    "thought alone": lambda author, at: said("", reasoning_content=author.thought(at)),
    "thought in content": lambda author, at: said(
        f"<think>\n{author.thought(at)}\n</think>\n\n{author.answer(at)}"
    ),
    "call": lambda author, at: said("", tool_calls=[author.call(at)]),
    "call without content": lambda author, at: said(None, tool_calls=[author.call(at)]),
    "call in words": lambda author, at: said("", tool_calls=[author.call(at, as_text=True)]),
    "flat call": lambda author, at: said("", tool_calls=[author.call(at, flat=True)]),
    "answer and call": lambda author, at: said(author.answer(at), tool_calls=[author.call(at)]),
    "answer and call in words": lambda author, at: said(
        author.answer(at), tool_calls=[author.call(at, as_text=True)]
    ),
    "thought and call": lambda author, at: said(
        "", reasoning_content=author.thought(at), tool_calls=[author.call(at)]
    ),
    "all": lambda author, at: said(
        author.answer(at),
        reasoning_content=author.thought(at),
        tool_calls=[author.call(at), author.call(at)],
    ),
    "two calls": lambda author, at: said("", tool_calls=[author.call(at), author.call(at)]),
    "seven calls": lambda author, at: said("", tool_calls=[author.call(at) for _ in range(7)]),
    "two calls in words": lambda author, at: said(
        "", tool_calls=[author.call(at, as_text=True), author.call(at, as_text=True)]
    ),
    "block": lambda author, at: said(_blocks(author, at, 1)),
    "blocks": lambda author, at: said(_blocks(author, at, 7)),
    "block and call": lambda author, at: said(_blocks(author, at, 1), tool_calls=[author.call(at)]),
    "thinking block": _thinking_block,
    NOTHING_SAID: lambda _author, _at: said(""),
    "long": _long,
    "written": _written,
    "unknown": _unknown,
    "unknown of calls": _unknown_of_calls,
    "unknown of blocks": _unknown_of_blocks,
}
# The kinds with unknown fields.
OF_NOBODY: Final = frozenset(name for name in KINDS if name.startswith("unknown"))
