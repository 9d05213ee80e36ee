"""The messages of the conversations that every template is checked on.

Each has caught an error, or is one that every user of a chat model will have.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any, Final, TypeAlias

from rewriter.conversations.vocabulary import ARGUMENTS, FILM, IMAGES, REASONING_FIELDS

Message: TypeAlias = dict[str, Any]
Chat: TypeAlias = tuple[Message, ...]

SYSTEM: Final[Message] = {"role": "system", "content": "Be brief."}
USER: Final[Message] = {"role": "user", "content": "What now?"}
_AGAIN: Final[Message] = {"role": "user", "content": "And then?"}
_ANSWER: Final[Message] = {"role": "assistant", "content": "This."}
_SECOND: Final[Message] = {"role": "assistant", "content": "That."}
_REASONED: Final[Message] = {**_SECOND, "reasoning_content": "Hm."}
_INLINE: Final[Message] = {"role": "assistant", "content": "<think>\nHm.\n</think>\n\nThat."}
_ANONYMOUS: Final[Message] = {"role": "tool", "content": "found"}
_UNNAMED: Final[Message] = {**_ANONYMOUS, "tool_call_id": "call00100"}
_FOUND: Final[Message] = {**_UNNAMED, "name": "look"}
_PLACE: Final = {"at": "home"}


def _calls(*arguments: Any, name: str = "look", **fields: Any) -> Message:
    calls = [
        {
            "id": f"call001{number:02}",
            "type": "function",
            "function": {"name": name, "arguments": given},
        }
        for number, given in enumerate(arguments)
    ]
    return {"role": "assistant", "content": "", **fields, "tool_calls": calls}


def _blocks(*texts: str) -> list[dict[str, str]]:
    return [{"type": "text", "text": text} for text in texts]


CALL: Final = _calls(_PLACE)
PLAIN: Final[tuple[Chat, ...]] = (
    (USER,),
    (USER, _ANSWER),
    (SYSTEM, USER, _ANSWER),
    (SYSTEM, USER, _ANSWER, _AGAIN, _SECOND),
    (USER, _ANSWER, _AGAIN),
    (USER, _ANSWER, _SECOND),
    (USER, _ANSWER, _AGAIN, {**_AGAIN, "content": "Please."}, _SECOND, USER),
    (USER, _ANSWER, SYSTEM, _AGAIN, _SECOND),
    ({"role": "developer", "content": "Be brief."}, USER, _ANSWER),
    (USER, _REASONED),
    (USER, _REASONED, _AGAIN, _REASONED),
    (USER, _INLINE, _AGAIN, _INLINE),
    ({**USER, "content": _blocks("What", " now?")}, {**_ANSWER, "content": _blocks("This.")}),
    (SYSTEM, {**SYSTEM, "content": "Be kind."}, USER, _ANSWER),
    # several roles may say the same, and a role may be spelled differently
    tuple({"role": role, "content": "So be it."} for role in ("system", "user", "assistant")),
    ({**SYSTEM, "role": "System"}, {**USER, "role": "User"}, _ANSWER),
    (USER, {**_ANSWER, "content": ""}, _AGAIN),
    (USER, {**_ANSWER, "content": "  This.\n"}, _AGAIN, {**_SECOND, "content": "\n\nThat. "}),
)
# A thought without content, and empty thoughts, which a prompt may prefill.
THOUGHTS: Final[tuple[Chat, ...]] = (
    (USER, {**_REASONED, "content": ""}, _AGAIN),
    (USER, {**_REASONED, "reasoning_content": "\n"}),
    *(
        (USER, {**_SECOND, "content": thought})
        for thought in ("<think>\n\n</think>\n\nThat.", "</think>That.", "</think>")
    ),
)
TOOLED: Final[tuple[Chat, ...]] = (
    (USER, CALL),
    (USER, CALL, _AGAIN),
    (USER, _calls(_PLACE, content="I look."), _FOUND),
    (USER, _calls(_PLACE, content=None), _FOUND, _ANSWER),
    (SYSTEM, USER, CALL, _FOUND, _ANSWER, _AGAIN, _SECOND),
    (USER, CALL, _FOUND, _AGAIN, _ANSWER),
    (USER, _calls(_PLACE, {"at": "work"}), _FOUND, _FOUND, _REASONED),
    (USER, _calls(_PLACE, reasoning_content="Hm."), _FOUND, CALL, _FOUND, _REASONED),
    (USER, _calls('{"at": "home"}', content=None), _FOUND, _ANSWER),
    (USER, _calls({}), {**_FOUND, "content": _blocks("found")}, _ANSWER, _FOUND),
)

# White space at both edges of every text, including a call's name and arguments.
_LOUDLY: Final = {"name": " look\n", "arguments": {" at\n": ["über"]}}
_EDGES: Final[Chat] = (
    {**SYSTEM, "content": " Be brief.\n"},
    {**USER, "content": "\n What now? "},
    _calls({"at": " home\n"}, content=" I look.\n", reasoning_content="\nHm. "),
    {**_FOUND, "content": " found\n"},
    {
        **_calls({}, content="\nI look. "),
        "tool_calls": [{"id": "call00100", "type": "function", "function": _LOUDLY}],
    },
    {**_FOUND, "content": "\nfound "},
    {**_REASONED, "content": "\nThat. ", "reasoning_content": " Hm.\n"},
)
_ARGUMENTS_AT_EDGES: Final = ' {"at": "home"}\n'
_WHITE_SPACE: Final[tuple[Chat, ...]] = (
    _EDGES,
    _EDGES[1:4],
    (
        {**USER, "content": _blocks(" What ", "now?\n")},
        {**_ANSWER, "content": _blocks("\nThis. ")},
    ),
    (USER, _calls(_ARGUMENTS_AT_EDGES, _ARGUMENTS_AT_EDGES), _FOUND),
    (
        USER,
        _calls(_ARGUMENTS_AT_EDGES, _ARGUMENTS_AT_EDGES, name=" look\n", content=None),
        _FOUND,
    ),
    # a single call without reasoning, since some templates refuse anything else
    (USER, _calls(_PLACE, name=" look\n", content=" I look.\n"), _FOUND),
    (USER, CALL, {**_FOUND, "name": " look\n"}, _ANSWER),
)
# Under each key, beside a call and without one, and under all keys at once.
_REASONING: Final[tuple[Chat, ...]] = (
    *((USER, _ANSWER, _AGAIN, {**CALL, name: " Hm.\n"}) for name in REASONING_FIELDS),
    *((USER, {**_SECOND, name: " Hm.\n"}) for name in REASONING_FIELDS),
    (USER, {**_SECOND, **{name: f"By {name}." for name in REASONING_FIELDS}}),
)
_RESPONSES: Final = [{"name": "look", "response": each} for each in ({"found": "tea"}, "found")]
_CALLS_AND_RESULTS: Final[tuple[Chat, ...]] = (
    *((USER, _calls(form, content=None), _FOUND) for form in ARGUMENTS),
    *((USER, _calls(form, content=None), _FOUND) for form in ("null", _ARGUMENTS_AT_EDGES)),
    # the values that data sets have in place of calls
    (USER, {**_ANSWER, "tool_calls": None}, _AGAIN),
    (USER, {**_ANSWER, "tool_calls": None}, _AGAIN, CALL, _UNNAMED),
    (USER, CALL, {**_FOUND, "content": None}, _ANSWER),
    # results in the message of the call, as a mapping and as text
    (USER, {**_calls(_PLACE, _PLACE), "tool_responses": _RESPONSES}, _ANSWER),
)
_FIRST: Final[tuple[Chat, ...]] = (
    ({"role": "system"}, USER, _ANSWER),
    (_FOUND, USER, _ANSWER),
    ({**_FOUND, "content": _blocks("found")}, USER, _ANSWER),
    (_ANSWER, USER, _SECOND),
)
# For a medium, templates check the type, the key, or either.
_HALVES: Final = ({"type": "video"}, {"video": "a.mp4"}, {"image": "a.png"}, {"image_url": "a.png"})
_MEDIA: Final = tuple([dict(medium), *_blocks("This.")] for medium in (*IMAGES, FILM, *_HALVES))
ONCE: Final[tuple[Chat, ...]] = (
    *_WHITE_SPACE,
    *_REASONING,
    *_CALLS_AND_RESULTS,
    *_FIRST,
    # A data set with columns has every key in every message.
    tuple({**each, "tool_calls": None} for each in (SYSTEM, USER, _ANSWER, _AGAIN, _SECOND)),
    tuple({**each, "tool_calls": []} for each in (SYSTEM, USER, _ANSWER, _AGAIN, _SECOND)),
    *(({**USER, "content": media}, _ANSWER) for media in _MEDIA),
    *((USER, {**_ANSWER, "content": media}, USER) for media in _MEDIA),
)
# Media are counted, and numbered under some flags.
_SHOWN: Final = [dict(medium) for medium in (*IMAGES[:1], FILM) * 2]
SHOWN: Final[tuple[Chat, ...]] = (
    ({**USER, "content": _SHOWN}, {**_ANSWER, "content": _SHOWN}),
    (USER, CALL, {**_FOUND, "content": _SHOWN}),
)
# Rare messages, for which some templates have a branch, if only to refuse them. With documents,
# some templates go through all messages in another way.
READING: Final[tuple[Chat, ...]] = (
    (USER, _ANSWER),
    (SYSTEM, USER, _ANSWER, _AGAIN, _SECOND),
    (USER, _calls(_PLACE, content="I look."), _FOUND, _ANSWER, _AGAIN, _REASONED),
)
_ATTACHED: Final = tuple(
    [block, *_blocks("so")]
    for block in (
        {"type": "image", "image": "a.png"},
        {"type": "image_url", "image_url": {"url": "a.png"}},
        {"type": "video", "video": "a.mp4"},
        {"type": "audio", "audio": "a.wav"},
        {"type": "input_audio", "input_audio": {"data": "YQ==", "format": "wav"}},
        {"type": "file", "file": {"file_id": "a"}},
    )
)
ODD: Final[tuple[Chat, ...]] = (
    (),
    (SYSTEM,),
    (_ANSWER,),
    (USER, CALL, {**_FOUND, "name": None}, _ANSWER),
    (USER, CALL, _UNNAMED),
    (USER, CALL, _ANONYMOUS),
    *(
        (USER, {**message, "content": attached})
        for message in (SYSTEM, USER, _ANSWER, _FOUND)
        for attached in _ATTACHED
    ),
    *(({**SYSTEM, "content": attached}, USER) for attached in _ATTACHED),
    *((USER, {**_ANSWER, "content": content}) for content in ([{"type": "text"}], [])),
    # a single block or call where a list is expected
    ({**USER, "content": _blocks("so")[0]}, {**_ANSWER, "content": _blocks("so")[0]}),
    (USER, {**_ANSWER, "tool_calls": CALL["tool_calls"][0]}),
)


def looked_for(text: str) -> Iterator[Chat]:
    """A text that a template looks for: at one end, at the other, and alone.

    Both speakers say it, at the start, and beside earlier calls.
    """
    said = (f"{text}a", f"a{text}", text)
    yield tuple({"role": role, "content": each} for each in said for role in ("user", "assistant"))
    yield from (({"role": "user", "content": each}, _ANSWER) for each in said)
    yield (USER, *chain.from_iterable(({**CALL, "content": e}, _FOUND) for e in said), _AGAIN)
