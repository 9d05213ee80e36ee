"""Rare values that templates may treat differently.

A test of a flag may check for ``false``, or for any falsy value; only a role of two words shows how
its second word is written. Two templates that agree on ordinary conversations may differ on these.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any, Final

from rewriter.conversations.chats import PLAIN, THOUGHTS, TOOLED, Message
from rewriter.conversations.long_chats import ROLES
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.probes import TOOLS

# Spellings of roles: several words, capitals, underscores, blanks, and those of other formats.
_ROLES: Final = (
    *ROLES,
    *("tool use", "Tool_Use", "TOOL", "ASSISTANT", "Assistant", "User", "SYSTEM", "tool_response"),
    *("function", "ipython", "observation", "model", "bot", "human", "gpt", "context", "documents"),
    *("user ", " assistant", "assistant2", "it's a-b_c", "X", ""),
    # parts of the usual roles, since a template may test for a substring
    *("use", "ser", "users", "assistan", "ssistant", "too", "tools", "syste", "systems"),
)
# Block types of APIs, in addition to those that every template is probed with.
_TYPES: Final = (
    *("input_text", "output_text", "refusal", "thinking", "reasoning", "input_image", "image_url"),
    *(
        "audio",
        "input_audio",
        "video",
        "file",
        "document",
        "json",
        "tool_use",
        "tool_result",
        "Text",
    ),
)
# Keys of documents in model cards and in APIs.
_OF_DOCUMENTS: Final = ("title", "text", "content", "contents", "snippet", "id", "url", "source")
# A falsy and a truthy value of each type.
ODD_VALUES: Final[tuple[Any, ...]] = (
    *("", None, 0, [], {}, False, True, 1, 2, -1, 0.5, " ", "0", "false", "text", ["a"], {"a": 1}),
)
_ARGUMENTS: Final[tuple[Any, ...]] = (
    {"b": 1, "a": -2.50, "C": None, "d": True, "e": False, "f": "007", "g": [], "h": {}, "i": ""},
    {"z": 1e21, "y": 12345678901234567890, "x": [{"b": [1, "a"], "a": None}], "w": 1e-7, "v": 2.0},
    {"a": 0, "b": -1, "c": 1, "d": 0.0, "e": "0", "f": [0, -1, False, None, ""], "g": {"h": 0}},
    {"at": 'it\'s "so" </b> & <é> \\ \u2028\t'},
    *(
        "[]",
        "null",
        "0",
        "  ",
        "[1]",
        '{"a": 1',
        '"a"',
        '{"b":1,"a":"é"}',
        "",
        {},
        None,
        [],
        0,
        ["a"],
    ),
)
_FUNCTION: Final = {"name": "look", "arguments": {"at": "home"}}
_CALL: Final = {"id": "call00100", "type": "function", "function": _FUNCTION}
# Other values in the place of calls, and calls of other forms.
_CALLS: Final[tuple[Any, ...]] = (
    *(
        [],
        None,
        False,
        "",
        {},
        [_FUNCTION],
        [{"function": _FUNCTION}],
        [_CALL, {**_CALL, "id": "b"}],
    ),
    *([{**_CALL, "id": given}] for given in (None, "", "a", "call-00000000000000000001")),
    *([{**_CALL, "type": "other"}], [{**_CALL, "name": "seek"}], [{**_FUNCTION, "id": "a"}]),
    [{"function": {**_FUNCTION, "name": ""}}],
)
_UNSAID: Final = ({"role": "system"}, *PLAIN[1])
_SAID: Final = (PLAIN[3], TOOLED[4], TOOLED[7], PLAIN[11], THOUGHTS[0])


def odd_roles(roles: Iterable[str]) -> Iterator[Conversation]:
    """Somebody of each role speaks first, between and last; ``roles`` may be the templates' own."""
    asked, answer = (
        {"role": "user", "content": "What now?"},
        {"role": "assistant", "content": "So."},
    )
    for role in dict.fromkeys((*_ROLES, *roles)):
        said = {"role": role, "content": "So be it."}
        yield Conversation((said, asked, answer))
        yield Conversation((asked, answer, said, asked, answer), tools=TOOLS)
        yield Conversation((asked, said), add_generation_prompt=True)


def odd_blocks(types: Iterable[str]) -> Iterator[Conversation]:
    """Blocks of each type, with and without text, first and after another, for every speaker.

    ``types`` may be the templates' own texts.
    """
    system, asked = {"role": "system"}, {"role": "user", "content": "What now?"}
    answer, found = {"role": "assistant", "content": "So."}, dict(TOOLED[2][2])
    text = {"type": "text", "text": "b"}
    for kind in dict.fromkeys((*_TYPES, *types)):
        full = {"type": kind, "text": "a", kind: "c", "content": "d"}
        one = {"type": kind, "text": "a"}
        for shown in ([one], [text, full, text], [{"type": kind}, {kind: "a"}]):
            content = {"content": shown}
            yield Conversation(({**asked, **content}, answer))
            yield Conversation((asked, {**answer, **content}, asked))
            yield Conversation(({**system, **content}, asked, TOOLED[0][1], {**found, **content}))
    odd: tuple[list[Any], ...] = (["a", text], [{"text": "a"}], [{**text, "text": ""}])
    for shown in (*odd, [{"type": None, "text": "a"}]):
        content = {"content": shown}
        yield Conversation(({**asked, **content}, answer))
        yield Conversation((asked, {**answer, **content}, asked))


def odd_settings(variables: Iterable[str]) -> Iterator[Conversation]:
    """Each variable set to values of every kind, and empty tools and documents."""
    for number, name in enumerate(variables):
        for place, value in enumerate(ODD_VALUES):
            for chat in (PLAIN[4], _SAID[(number + place) % len(_SAID)]):
                yield Conversation(chat, add_generation_prompt=True, flags={name: value})
            chat = _SAID[(number + place + 1) % len(_SAID)]
            yield Conversation(chat, tools=TOOLS, flags={name: value})
    for chat, prompted in product((*_SAID, _UNSAID), (False, True)):
        yield Conversation(chat, tools=[], documents=[], add_generation_prompt=prompted)


def empty_tokens(names: Iterable[str]) -> Iterator[Conversation]:
    """Each special token empty, as in tokenizers without it."""
    for name, chat, prompted in product(names, _SAID, (False, True)):
        yield Conversation(chat, add_generation_prompt=prompted, flags={name: ""})


def odd_keys(keys: Iterable[str]) -> Iterator[Conversation]:
    """Each key set to values of every kind on all messages."""
    for key in keys:
        for value in ODD_VALUES:
            yield Conversation(_with({key: value}, TOOLED[4]), tools=TOOLS)
            yield Conversation(_with({key: value}, PLAIN[3]))


def odd_documents(keys: Iterable[str]) -> Iterator[Conversation]:
    """Documents with one of the keys, and with all but one."""
    named = [*dict.fromkeys((*_OF_DOCUMENTS, *keys))]
    for key in named:
        others = {each: f"a {each}" for each in named if each != key}
        yield Conversation(PLAIN[3], documents=[{key: "a text"}, others])


def odd_calls() -> Iterator[Conversation]:
    """Calls of many forms, and values that are not calls, whatever a template accepts."""
    given: list[Any] = [
        [{**_CALL, "function": {**_FUNCTION, "arguments": each}}] for each in _ARGUMENTS
    ]
    for calls, content in product((*_CALLS, *given), ("", None, "I look.")):
        message = {"role": "assistant", "content": content, "tool_calls": calls}
        yield Conversation((*TOOLED[0][:1], message, *TOOLED[4][3:]), tools=TOOLS)


def _with(fields: Message, chat: tuple[Message, ...]) -> tuple[Message, ...]:
    return tuple({**message, **fields} for message in chat)
