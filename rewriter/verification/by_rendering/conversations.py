"""The conversations that the judge renders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any, Final

from rewriter.tracing.conversation import Conversation
from rewriter.turns.parts import EmptyThoughts
from rewriter.verification.by_rendering.messages import KINDS, PLAIN, Author, Message
from rewriter.verification.by_rendering.words import Owner, Word

NOTHING: Final[Mapping[str, Any]] = {}
TOKENS: Final[Mapping[str, Any]] = {
    "bos_token": "<|qzbos|>",
    "eos_token": "<|qzeos|>",
    "sep_token": "<|qzsep|>",
}
FLAGS: Final[Mapping[str, Sequence[Any]]] = {
    "enable_thinking": (True, False),
    "thinking": (True, False),
}


@dataclass(frozen=True, slots=True)
class Given:
    """What the caller knows about a template.

    Attributes:
        fields: who writes an unknown field or variable: ``generated``, ``environment`` or
            ``header``.
        keys: names that the template reads from messages, calls, functions or blocks.
        variables: names of variables that it reads.
        flags: switches, each with the values to try.
        constants: variables of every conversation: the special tokens.
        stops: headers of the next turn at which the model stops, and which are trained.
        texts: texts that the template may look for in messages.
        empty_thoughts: who writes empty thoughts that the template inserts, if that was chosen.
        may_train_alike: whether the mask may hold results of tools, or developers' turns, if the
            template knows no such role and prints them as answers.

    """

    fields: Mapping[str, str] = field(default_factory=dict)
    keys: Sequence[str] = ()
    variables: Sequence[str] = ()
    flags: Mapping[str, Sequence[Any]] = field(default_factory=lambda: FLAGS)
    constants: Mapping[str, Any] = field(default_factory=lambda: TOKENS)
    stops: Sequence[str] = ()
    texts: Sequence[str] = ()
    empty_thoughts: EmptyThoughts | None = None
    may_train_alike: bool = True


@dataclass(frozen=True, slots=True)
class Scene:
    """A conversation and its words.

    Attributes:
        kinds: for each message, its kind or role.

    """

    conversation: Conversation
    words: Mapping[str, Word]
    kinds: tuple[str, ...]

    def first(self, count: int, *, prompt: bool = False) -> Conversation:
        """The conversation's first ``count`` messages."""
        messages = self.conversation.messages[:count]
        return replace(self.conversation, messages=messages, add_generation_prompt=prompt)

    def saying(self, text: str) -> Scene:
        """The conversation, with ``text`` before everything else in the first message."""
        first, *others = self.conversation.messages
        first = {**first, "content": f"{text} {first['content']}"}
        return replace(self, conversation=replace(self.conversation, messages=(first, *others)))

    def saying_after(self, count: int, text: str) -> Scene:
        """The conversation, with ``text`` in every message after the first ``count``."""
        messages = self.conversation.messages
        later = (
            {**each, "content": f"{text} {each['content']} {text}"} for each in messages[count:]
        )
        changed = replace(self.conversation, messages=(*messages[:count], *later))
        return replace(self, conversation=changed)

    def followed(self, count: int) -> Conversation:
        """The conversation's first ``count`` messages, followed by a user's."""
        messages = (*self.conversation.messages[:count], {"role": "user", "content": FOLLOWING})
        return replace(self.conversation, messages=messages, add_generation_prompt=False)


FOLLOWING: Final = "qzfollowing0x"
THINKING: Final = " with thoughts"
_SPEAKERS: Final = ("user", PLAIN, "system", "tool", "developer")
_CALLING: Final = frozenset(name for name in KINDS if "call" in name or name == "all")
_COUNTS: Final[Mapping[str, int]] = {
    "two calls": 2, "two calls in words": 2, "all": 2, "seven calls": 7,
}  # fmt: skip


def scene(script: Sequence[str], given: Given, **options: Any) -> Scene:
    """A conversation with messages of these kinds; ``options`` are those of `Conversation`."""
    author = Author(given.fields, given.keys)
    messages = tuple(_message(author, kind, at) for at, kind in enumerate(script))
    if any(kind in _CALLING for kind in script):
        options.setdefault("tools", tools(author, 1))
    flags = {**given.constants, **options.pop("flags", NOTHING)}
    conversation = Conversation(messages, flags=flags, **options)
    return Scene(conversation, author.vocabulary.known, tuple(script))


def _message(author: Author, kind: str, at: int) -> Message:
    match kind:
        case "user":
            return author.user(at)
        case "system":
            return author.system(at)
        case "developer":
            return {**author.system(at), "role": "developer"}
        case "tool":
            return author.result(at)
    if kind.endswith(THINKING):
        return author.thinking(_message(author, kind.removesuffix(THINKING), at), at)
    return KINDS[kind](author, at)


def tools(author: Author, count: int) -> list[Message]:
    """Schemas of tools, with words for all texts."""
    word = author.vocabulary.word

    def given(key: str) -> str:
        return word(key, None, Owner.GIVEN)

    return [
        {
            "type": "function",
            "function": {
                "name": given("toolname"),
                "description": given("description"),
                "parameters": {
                    "type": "object",
                    "properties": {
                        given("property"): {"type": "string", "description": given("about")}
                    },
                    "required": [],
                },
            },
        }
        for _ in range(count)
    ]


def scenes(given: Given) -> Iterator[Scene]:
    """Every conversation, the shortest first."""
    for script in _scripts():
        yield scene(script, given)
    yield from _with_tools(given)
    yield from _with_variables(given)


def _scripts() -> Iterator[tuple[str, ...]]:
    yield (PLAIN,)
    yield ("user", PLAIN)
    yield ("system", "user", PLAIN)
    for kind in KINDS:
        if kind != PLAIN:
            yield ("user", kind)
    for kind in KINDS:
        if kind in _CALLING:
            results = ("tool",) * _COUNTS.get(kind, 1)
            yield ("user", kind, *results, PLAIN, "user")
        else:
            yield ("user", kind, "user", kind)
    yield ("user", PLAIN, PLAIN, "user")
    yield ("user", "user", PLAIN, "user")
    yield ("user", "system", PLAIN, "user")
    yield ("system", "user", PLAIN, "system", "user", PLAIN)
    yield ("user", "call", "tool", "call", "tool", "thought", "user", PLAIN)
    yield ("user", "thought and call", "tool", "thought and call", "tool", "thought", "user")
    yield ("user", PLAIN, "call", "tool", PLAIN)
    yield ("user", "call", "user")
    yield ("system", *("user", PLAIN) * 22)


def orders(given: Given) -> Iterator[Scene]:
    """Every order of three speakers.

    A call comes before a result, and a question before everything. What is said first is thought
    over, since a later turn may depend on it. Results also come after earlier ones that were
    answered, since a template may open those of a conversation only once.
    """
    for before, own, after in product(_SPEAKERS, repeat=3):
        calls = "thought and call" if own == "tool" else "thought"
        first = ("user",) if before == "user" else ("user", calls if before == PLAIN else before)
        script = (*first, "call" if (own, after) == (PLAIN, "tool") else own, after)
        yield scene(script, given)
        if own == "tool":
            yield scene(("user", "call", "tool", PLAIN, *script), given)


def thoughts_of_others(given: Given) -> Iterator[Scene]:
    """Users and tools whose messages have thoughts, as simulated users' do."""
    yield scene((f"user{THINKING}", PLAIN, f"user{THINKING}"), given)
    yield scene(("user", "call", f"tool{THINKING}", PLAIN, "user"), given)


def _with_tools(given: Given) -> Iterator[Scene]:
    for count in (1, 7):
        author = Author(given.fields, given.keys)
        messages = (author.system(0), author.user(1), KINDS[PLAIN](author, 2))
        documents = [
            {
                "title": author.text("title", None, Owner.GIVEN),
                "text": author.text("document", None, Owner.GIVEN),
            }
        ]
        shown = tools(author, count)
        for options in ({"tools": shown}, {"documents": documents}):
            conversation = Conversation(messages, flags=dict(given.constants), **options)
            yield Scene(conversation, author.vocabulary.known, ("system", "user", PLAIN))


def _with_variables(given: Given) -> Iterator[Scene]:
    names = [name for name in given.variables if name not in given.constants]
    # All together first, then one by one: a variable that must not be text spoils only its own.
    for group in ([names] if len(names) > 1 else []) + [[name] for name in names]:
        author = Author(given.fields, given.keys)
        flags = {name: author.vocabulary.word(name, None, author.owner(name)) for name in group}
        script = ("user", PLAIN, "user", PLAIN)
        messages = tuple(_message(author, kind, at) for at, kind in enumerate(script))
        conversation = Conversation(messages, flags={**given.constants, **flags})
        yield Scene(conversation, author.vocabulary.known, script)


FLAGGED: Final = (
    ("user", PLAIN, "user", PLAIN),
    ("user", "thought", "user", "thought"),
    ("user", "thought and call", "tool", "thought"),
)
ASKED: Final = (("user", PLAIN), ("user", "thought"), ("user", "call", "tool", PLAIN))
