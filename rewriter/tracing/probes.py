"""A few conversations that show what a template does.

Together they cover what templates distinguish: content or none, reasoning as a field or inline,
tool calls with arguments of each kind, several turns, and each role at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any, Final, TypeAlias

from rewriter.tracing.fields import names_of

Conversation: TypeAlias = list[dict[str, Any]]

_SYSTEM: Final = {"role": "system", "content": "be brief"}
QUESTION: Final = {"role": "user", "content": "what now"}
_ANSWER: Final = {"role": "assistant", "content": "an answer"}
_REASONED: Final = {**_ANSWER, "reasoning_content": "a thought"}
_INLINE: Final = {"role": "assistant", "content": "<think>\na thought\n</think>\n\nan answer"}
_BLOCKS: Final = {"role": "assistant", "content": [{"type": "text", "text": "an answer"}]}
_ASKED: Final = {"role": "user", "content": [{"type": "text", "text": "what now"}]}
_SHOWN: Final = {
    "role": "user",
    "content": [{"type": "image"}, {"type": "video"}, {"type": "text", "text": "what now"}],
}
# A user's first message, in each form that a template may require.
QUESTIONS: Final[tuple[dict[str, Any], ...]] = (QUESTION, _ASKED)
ANSWERS: Final[tuple[dict[str, Any], ...]] = (_ANSWER, _BLOCKS)
_RESULT: Final = {"role": "tool", "name": "look", "tool_call_id": "call00001", "content": "found"}

_LOOK: Final = {
    "name": "look",
    "description": "Looks.",
    "parameters": {
        "type": "object",
        "properties": {"at": {"type": "string", "description": "where"}},
        "required": ["at"],
    },
    "parameter_definitions": {"at": {"type": "str", "description": "where", "required": True}},
}
# Some templates read what is in the function from the tool itself; Cohere's API v1 calls its
# parameters otherwise.
TOOLS: Final = ({"type": "function", "function": _LOOK, **_LOOK},)


def _call(arguments: Any, **fields: Any) -> dict[str, Any]:
    function = {"name": "look", "arguments": arguments}
    call = {"id": "call00001", "type": "function", "function": function}
    return {"role": "assistant", "tool_calls": [call], **fields}


def in_any_order(roles: Iterable[str]) -> Iterator[tuple[Conversation, dict[str, Any]]]:
    """An answer after any three messages, of any role and kind, and a question after it."""
    said = {**dict.fromkeys(roles, "found"), "user": "what now", "assistant": "an answer"}
    for speakers in product(said, repeat=3):
        before = [_RESULT if r == "tool" else {"role": r, "content": said[r]} for r in speakers]
        yield [*before, _ANSWER, QUESTION], {**SPECIAL_TOKENS}


def twice(message: Mapping[str, Any]) -> dict[str, Any]:
    """A message that makes its calls once more."""
    return {**message, "tool_calls": [*message["tool_calls"], *message["tool_calls"]]}


_NAMED: Final = {"at": "home", "depth": 2}

PLAIN: Final[tuple[Conversation, ...]] = (
    [QUESTION, _ANSWER],
    [QUESTION, _ANSWER, QUESTION, _ANSWER],
    [_SYSTEM, QUESTION, _REASONED, QUESTION, _INLINE],
    [QUESTION, _REASONED],
    [QUESTION, _BLOCKS],
    [_ASKED, _BLOCKS],
    [_ASKED, _ANSWER],
    [_SHOWN, {**_SHOWN, "role": "assistant"}],
    [_SYSTEM, QUESTION, _ANSWER, QUESTION],
    # A data set with columns has every key in every message.
    [{**each, "tool_calls": None} for each in (_SYSTEM, QUESTION, _ANSWER, QUESTION)],
)
WITH_TOOLS: Final[tuple[Conversation, ...]] = (
    [QUESTION, _call(_NAMED, content="looking"), _RESULT, _ANSWER, QUESTION],
    [QUESTION, twice(_call(_NAMED, content="")), _RESULT, _RESULT, _REASONED],
    [QUESTION, _call('{"at": "home"}', content="looking"), _RESULT, _ANSWER],
    [QUESTION, twice(_call('{"at": "home"}', content=None)), _RESULT],
    [QUESTION, _call(_NAMED, content="", reasoning_content="a thought")],
    [QUESTION, _call(_NAMED, content="looking"), _RESULT],
    [QUESTION, _call(_NAMED, reasoning_content="a thought"), _RESULT, _ANSWER],
)
# A call of each form, and what the tool says.
CALLED: Final[tuple[Conversation, ...]] = (
    [QUESTION, _call(_NAMED, content="looking"), _RESULT],
    [QUESTION, _call('{"at": "home"}', content="looking"), _RESULT],
    [QUESTION, _call({"at": "home"}, content="looking"), _RESULT],
)
# A call without content.
CALLED_ALONE: Final[Conversation] = [QUESTION, _call({"at": "home"}, content=""), _RESULT]
# With a system message too.
INSTRUCTED: Final[tuple[Conversation, ...]] = ([_SYSTEM, QUESTION, _ANSWER],)
CALLED_IN_BLOCKS: Final[tuple[Conversation, ...]] = tuple(
    [*called, {**_RESULT, "content": [{"type": "text", "text": "found"}]}] for *called, _ in CALLED
)
_WORDS: Final = {"at": "home", "for": "tea"}
_LOOKS: Final = _call(_WORDS, content="")
_HEARD: Final = {
    "role": "user",
    "content": [{"type": "audio"}, {"type": "text", "text": "what now"}],
}
# Other things that some templates distinguish.
_RARER: Final[tuple[Conversation, ...]] = (
    [QUESTION, _LOOKS, _RESULT, _LOOKS, _RESULT, _ANSWER, QUESTION, _ANSWER],
    [QUESTION, _call('{"at": "home"}', content=None), _RESULT] * 2 + [_ANSWER, _ANSWER],
    [QUESTION, _LOOKS, _RESULT, QUESTION, _call(_WORDS, content=None), _RESULT, _INLINE],
    [QUESTION, _call("at home", content="looking"), _RESULT, _ANSWER],
    [QUESTION, _call(_WORDS, thinking="a thought"), _RESULT, QUESTION],
    [QUESTION, _call(_WORDS, tool_plan="a plan"), _RESULT, _ANSWER],
    [QUESTION, _call(_WORDS, content=_SHOWN["content"]), _RESULT, QUESTION],
    [QUESTION, {"role": "assistant", "thinking": "a thought"}, QUESTION, _REASONED],
    [QUESTION, {**_BLOCKS, "reasoning_content": "a thought"}, QUESTION, _INLINE, QUESTION],
    [_SYSTEM, QUESTION, {"role": "assistant", "content": ""}, QUESTION, _REASONED, QUESTION],
    [QUESTION, _call(_NAMED, content=_BLOCKS["content"]), _RESULT, _ANSWER],
    [QUESTION, _call({"at": "home", "room": "hall"}, content="looking"), _RESULT, _ANSWER],
    [_HEARD, {**_HEARD, "role": "assistant"}],
)
# The values of flags: switches, names of tools, and levels.
_FLAG_VALUES: Final[tuple[Any, ...]] = (True, False, ["look"], "low", "high")
DOCUMENTS: Final = ({"title": "a title", "text": "a text"}, {"title": "another", "text": "more"})
SPECIAL_TOKENS: Final = {
    "bos_token": "<s>",
    "eos_token": "</s>",
    "pad_token": "<pad>",
    "sep_token": "<sep>",
}


def probes() -> Iterator[tuple[Conversation, dict[str, Any]]]:
    """Each conversation, with the variables to render it with."""
    for conversation in PLAIN:
        yield conversation, dict(SPECIAL_TOKENS)
    for conversation in WITH_TOOLS:
        yield conversation, {**SPECIAL_TOKENS, "tools": TOOLS}


def repetitions() -> Iterator[tuple[Conversation, dict[str, Any]]]:
    """Conversations whose last message has several texts of one kind, or a thought."""
    for calls in (_call(_NAMED, content="looking"), _call('{"at": "home"}', content=None)):
        yield [QUESTION, twice(calls)], {**SPECIAL_TOKENS, "tools": TOOLS}
    for content in (_BLOCKS["content"], _SHOWN["content"]):
        yield [_ASKED, {**_BLOCKS, "content": [*content, *content]}], dict(SPECIAL_TOKENS)
    thought = dict.fromkeys(names_of("reasoning", "message"), "a thought")
    for thinking in ({**_ANSWER, **thought}, _INLINE):
        yield [QUESTION, thinking], dict(SPECIAL_TOKENS)


def with_fields_of_the_assistant() -> Iterator[tuple[Conversation, dict[str, Any]]]:
    """Others' messages with what usually only the assistant's have: thoughts, and calls."""
    thought = dict.fromkeys(names_of("reasoning", "message"), "a thought")
    yield [{**QUESTION, **thought}, _ANSWER, {**QUESTION, **thought}], dict(SPECIAL_TOKENS)
    calls = {"tool_calls": _call(_NAMED)["tool_calls"]}
    given = {**SPECIAL_TOKENS, "tools": TOOLS}
    yield [{**QUESTION, **calls}, _ANSWER, {**QUESTION, **calls}], given
    # Where only messages without calls must alternate, no answer can follow this one.
    yield [{**QUESTION, **calls}], given
    # A data set with columns has every key in every message.
    yield [{**each, "tool_calls": []} for each in (QUESTION, _ANSWER, QUESTION)], given
    called = _call(_NAMED, content="looking")
    yield [QUESTION, called, {**_RESULT, **thought}, _ANSWER], given


def further_probes(
    flags: Iterable[str], *, documents: bool
) -> Iterator[tuple[Conversation, dict[str, Any]]]:
    """More conversations, for what the first do not reach; then some of all under each flag.

    ``documents`` adds some with documents, with which a few templates print everything differently.
    """
    given = {**SPECIAL_TOKENS, "tools": TOOLS}
    for conversation in _RARER:
        yield conversation, given
    for conversation in (*PLAIN[1:3], *WITH_TOOLS, *_RARER[4:6]) if documents else ():
        yield conversation, {**SPECIAL_TOKENS, "documents": DOCUMENTS}
    for flag in sorted(flags):
        for value in _FLAG_VALUES:
            for conversation in (*PLAIN[1:3], WITH_TOOLS[0], *_RARER[:4:3], *_RARER[6:8]):
                yield conversation, {**given, flag: value}


def _distinct(history: Conversation) -> Conversation:
    """The history without equal messages, since templates may compare them."""
    return [
        {
            name: f"{value} {number}"
            if name in _SAID and isinstance(value, str) and value
            else value
            for name, value in message.items()
        }
        for number, message in enumerate(history)
    ]


_SAID: Final = frozenset({"content", "reasoning_content"})
_THOUGHTFUL: Final = _call(_NAMED, content="", reasoning_content="a thought")
_REMINDED: Final = [_SYSTEM, QUESTION, _REASONED, QUESTION, _REASONED, QUESTION]
# Long histories: reasoning of each kind, and everything that may follow it.
HISTORIES: Final[tuple[Conversation, ...]] = (
    _distinct(_REMINDED),
    _distinct([QUESTION, _INLINE, QUESTION, _ANSWER, QUESTION, _INLINE]),
    _distinct([QUESTION, _REASONED] * 6),
)
HISTORIES_WITH_TOOLS: Final[tuple[Conversation, ...]] = (
    _distinct(_REMINDED[1:]),
    _distinct([QUESTION, _THOUGHTFUL, _RESULT, _REASONED, QUESTION, _ANSWER]),
    _distinct([QUESTION, _LOOKS, _RESULT, _ANSWER]),
    _distinct(
        [
            QUESTION,
            _call(_NAMED, content="<think>\na thought\n</think>\n\nlooking"),
            _RESULT,
            _call(_NAMED, content=""),
            _RESULT,
            _REASONED,
            QUESTION,
            _INLINE,
        ]
    ),
)
