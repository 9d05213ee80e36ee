"""Rare values that templates may treat differently.

A test of a flag may check for ``false``, or for any falsy value; some filters read a text of digits
as a number; only a role of two words shows how its second word is written. Two templates that agree
on ordinary conversations may differ on these.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, permutations, product
from json import dumps
from typing import Any, Final

from rewriter.conversations.boundaries import saying, saying_at_work
from rewriter.conversations.chats import PLAIN, THOUGHTS, TOOLED, Message
from rewriter.conversations.kinds import KINDS
from rewriter.conversations.long_chats import ROLES
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.probes import TOOLS

_LIKE_DATA: Final = (
    *("007", "0", "-7", "+7", "7.50", "1e3", "1_000", "0x1F", "inf", "nan", "²½٣", "x" * 3),
    *("None", "none", "null", "True", "true", "False", "false", "[]", "{}", "['a']", '["a"]'),
    *('"a"', "'a'", "{'a': 1}", '{"b": 1, "a": 2}', "a: 1", "<b>a</b>", "http://a.example/?b=1&c"),
)
_LIKE_WORDS: Final = (
    *("A", "É", "ß", "a b", "a B", "A B", "it's a-b_c d", "iPhone iPHONE", "ABC DEF", "a-b-c"),
    *(
        "a\u0301",
        "a\tb",
        "a\r\nb\rc",
        "a\x0bb\x0cc\x85d\u2028e",
        "a \n b",
        "a\n \n\nb",
        "\\n",
        "a\x00b",
    ),
    *(
        "a\U0001f600b",
        "\U0001f600",
        "?",
        "a? b! c.",
        ".a",
        "a:",
        "- a\n- b",
        "*",
        "#",
        "a" * 70 + " " + "b" * 90,
    ),
)
_OF_EACH_KIND: Final = ("42", "-7", "WHY NOT", "why", "Why Not", "a_b2")
# What people and tools often say.
_OFTEN_SAID: Final = (
    "1. Look.\n2. Go on.\n",
    "- one\n- two",
    "# So\n\n**It** is `so`.",
    "Great!",
    "Is it so?",
    "https://so.example/a?b=1",
    "```python\nso = 1\n```",
    '{"so": [1, 2], "is": null}\n',
    dumps({f"so{number}": ["it", "is"] for number in range(60)}, indent=2),
    "<p>So it is.</p>",
    "\u6f22\u5b57\u3002",
    "\u0627\u0644\u0633",
    "\U0001f600",
    "Error: it is not so.\n  at line 1\n",
)
# White space of each kind, of two kinds in both orders, and characters that only look like it.
_WHITE_SPACE: Final = (
    *(" ", "\t", "\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x85", "\u00a0", "\u2028"),
    *(" \n", "\n ", "\t\n", "\n\t", "\n\n", "  ", "\u200b", "\ufeff"),
)
# What contents often begin with, which a template may tell apart.
_BEGINNINGS: Final = ("{", "[", "<", "**", "- ", "# ", "`", '"', "1", "a", "A", "\u6f22", "\u0627")
_LAID_OUT: Final = "a  b\tc\r\nd\n\n\n    e True, {'f': \"g\"}"
_AROUND_MARKS: Final = (" ", "\t", "\n", " \n", "\n ", "\r\n", "\n\n")
_MOST_MARKS: Final = 12
_MOST_PAIRED: Final = 5

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


def odd_texts(texts: Iterable[str]) -> Iterator[Conversation]:
    """Everybody says texts that look like data, with white space of each kind, and around marks.

    ``texts`` are those that the templates look for.
    """
    marks = [text for text in dict.fromkeys(texts) if text not in KINDS][:_MOST_MARKS]
    edges = (each + "a" + each for each in _WHITE_SPACE)
    spellings = chain.from_iterable((m.upper(), m.title(), m[:-1], m[1:]) for m in marks)
    begun = _laid_out((*_BEGINNINGS, *marks, *KINDS))
    made = (*_LIKE_DATA, *_LIKE_WORDS, *edges, *_WHITE_SPACE, *spellings, *_marked(marks), *begun)
    for text in dict.fromkeys(filter(None, made)):
        yield from saying(text)


def texts_of_each_kind() -> Iterator[Conversation]:
    """Everybody says a text of each kind that the tests and methods of texts tell apart."""
    yield from chain.from_iterable(map(saying, _OF_EACH_KIND))
    yield from map(saying_at_work, _OFTEN_SAID)


def _laid_out(beginnings: Iterable[str]) -> Iterator[str]:
    """Each beginning before white space of many kinds, which may change only after that."""
    for beginning in beginnings:
        yield f"{beginning}{_LAID_OUT}\n"
        yield f"{beginning}{_LAID_OUT} "
        yield f" \n{beginning}{_LAID_OUT}"


def _marked(marks: list[str]) -> Iterator[str]:
    """One text with white space on both sides of each mark, and of each pair of marks."""
    yield " ".join(marks)
    yield "\n".join(reversed(marks))
    for mark in marks:
        for space in _AROUND_MARKS:
            yield f"{space}a{space}{mark}{space}b{space}"
    for one, other in permutations(marks[:_MOST_PAIRED], 2):
        yield f"{one}a{other}b"
        yield f"a{other} {one} \tb\t {other} c"
        yield f"{one}\n a \n{other}\n b"


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
