"""Conversations that every template is checked on, before any is generated.

Each is one that has caught a fault, or that every user of a chat model will have.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, product
from typing import Any, Final

from rewriter.tracing.conversation import Conversation
from rewriter.tracing.probes import TOOLS
from rewriter.verification.profile import Profile
from rewriter.verification.schemas import THOROUGH
from rewriter.verification.vocabulary import ARGUMENTS, DOCUMENTS, FILM, IMAGES, REASONING_FIELDS

_SYSTEM: Final = {"role": "system", "content": "Be brief."}
_USER: Final = {"role": "user", "content": "What now?"}
_AGAIN: Final = {"role": "user", "content": "And then?"}
_ANSWER: Final = {"role": "assistant", "content": "This."}
_SECOND: Final = {"role": "assistant", "content": "That."}
_REASONED: Final = {**_SECOND, "reasoning_content": "Hm."}
_INLINE: Final = {"role": "assistant", "content": "<think>\nHm.\n</think>\n\nThat."}
_FOUND: Final = {"role": "tool", "name": "look", "tool_call_id": "call00100", "content": "found"}


def _calls(*arguments: Any, name: str = "look", **fields: Any) -> dict[str, Any]:
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


_PLACE: Final = {"at": "home"}
_ROLES: Final = ("system", "user", "assistant")
_PLAIN: Final[tuple[tuple[dict[str, Any], ...], ...]] = (
    (_USER,),
    (_USER, _ANSWER),
    (_SYSTEM, _USER, _ANSWER),
    (_SYSTEM, _USER, _ANSWER, _AGAIN, _SECOND),
    (_USER, _ANSWER, _AGAIN),
    (_USER, _ANSWER, _SECOND),
    (_USER, _ANSWER, _AGAIN, {**_AGAIN, "content": "Please."}, _SECOND, _USER),
    (_USER, _ANSWER, _SYSTEM, _AGAIN, _SECOND),
    ({"role": "developer", "content": "Be brief."}, _USER, _ANSWER),
    (_USER, _REASONED),
    (_USER, _REASONED, _AGAIN, _REASONED),
    (_USER, _INLINE, _AGAIN, _INLINE),
    ({**_USER, "content": _blocks("What", " now?")}, {**_ANSWER, "content": _blocks("This.")}),
    (_SYSTEM, {**_SYSTEM, "content": "Be kind."}, _USER, _ANSWER),
    # what one says, another may say too, and a role may be written otherwise
    tuple({"role": role, "content": "So be it."} for role in _ROLES),
    ({**_SYSTEM, "role": "System"}, {**_USER, "role": "User"}, _ANSWER),
    (_USER, {**_ANSWER, "content": ""}, _AGAIN),
    (_USER, {**_ANSWER, "content": "  This.\n"}, _AGAIN, {**_SECOND, "content": "\n\nThat. "}),
)
_TOOLED: Final[tuple[tuple[dict[str, Any], ...], ...]] = (
    (_USER, _calls(_PLACE)),
    (_USER, _calls(_PLACE), _AGAIN),
    (_USER, _calls(_PLACE, content="I look."), _FOUND),
    (_USER, _calls(_PLACE, content=None), _FOUND, _ANSWER),
    (_SYSTEM, _USER, _calls(_PLACE), _FOUND, _ANSWER, _AGAIN, _SECOND),
    (_USER, _calls(_PLACE), _FOUND, _AGAIN, _ANSWER),
    (_USER, _calls(_PLACE, {"at": "work"}), _FOUND, _FOUND, _REASONED),
    (_USER, _calls(_PLACE, reasoning_content="Hm."), _FOUND, _calls(_PLACE), _FOUND, _REASONED),
    (_USER, _calls('{"at": "home"}', content=None), _FOUND, _ANSWER),
    (_USER, _calls({}), {**_FOUND, "content": _blocks("found")}, _ANSWER, _FOUND),
)
# What few send, and some templates have a branch for, if only to refuse it.
_ATTACHED: Final = (
    {"type": "image", "image": "a.png"},
    {"type": "image_url", "image_url": {"url": "a.png"}},
    {"type": "video", "video": "a.mp4"},
    {"type": "audio", "audio": "a.wav"},
    {"type": "input_audio", "input_audio": {"data": "YQ==", "format": "wav"}},
    {"type": "file", "file": {"file_id": "a"}},
)
_ODD: Final[tuple[tuple[dict[str, Any], ...], ...]] = (
    (),
    (_SYSTEM,),
    (_ANSWER,),
    (_USER, _calls(_PLACE), {**_FOUND, "name": None}, _ANSWER),
    (_USER, _calls(_PLACE), {"role": "tool", "tool_call_id": "call00100", "content": "found"}),
    (_USER, _calls(_PLACE), {"role": "tool", "content": "found"}),
    *(
        ({"role": "user", "content": "What now?"}, {**message, "content": [block, *_blocks("so")]})
        for message in (_SYSTEM, _USER, _ANSWER, _FOUND)
        for block in _ATTACHED
    ),
    *(({**_SYSTEM, "content": [block, *_blocks("so")]}, _USER) for block in _ATTACHED),
    *((_USER, {**_ANSWER, "content": [{"type": "text"}]}), (_USER, {**_ANSWER, "content": []})),
)
# With documents some templates take another way through all of the messages.
_READING: Final = (
    (_USER, _ANSWER),
    (_SYSTEM, _USER, _ANSWER, _AGAIN, _SECOND),
    (_USER, _calls(_PLACE, content="I look."), _FOUND, _ANSWER, _AGAIN, _REASONED),
)
_LOUDLY: Final = {"name": " look\n", "arguments": {" at\n": ["über"]}}
# White space at both edges of all that is said, a call's name and argument among it.
_EDGES: Final = (
    {**_SYSTEM, "content": " Be brief.\n"},
    {**_USER, "content": "\n What now? "},
    _calls({"at": " home\n"}, content=" I look.\n", reasoning_content="\nHm. "),
    {**_FOUND, "content": " found\n"},
    {
        **_calls({}, content="\nI look. "),
        "tool_calls": [{"id": "call00100", "type": "function", "function": _LOUDLY}],
    },
    {**_FOUND, "content": "\nfound "},
    {**_REASONED, "content": "\nThat. ", "reasoning_content": " Hm.\n"},
)
_IN_BLOCKS: Final = (
    {**_USER, "content": _blocks(" What ", "now?\n")},
    {**_ANSWER, "content": _blocks("\nThis. ")},
)
# Of a medium, templates ask for the type, or for the key, or for either.
_HALVES: Final = ({"type": "video"}, {"video": "a.mp4"}, {"image": "a.png"}, {"image_url": "a.png"})
_SHOWN: Final = [dict(medium) for medium in (*IMAGES[:1], FILM) * 2]
_SHOWN_BY_BOTH: Final = ({**_USER, "content": _SHOWN}, {**_ANSWER, "content": _SHOWN})
_SHOWN_BY_A_TOOL: Final = (_USER, _calls(_PLACE), {**_FOUND, "content": _SHOWN})
_WRITTEN: Final = ("null", ' {"at": "home"}\n')
_MEDIA: Final = tuple([dict(medium), *_blocks("This.")] for medium in (*IMAGES, FILM, *_HALVES))
_ONCE: Final[tuple[tuple[dict[str, Any], ...], ...]] = (
    _EDGES,
    _EDGES[1:4],
    _IN_BLOCKS,
    (_USER, _calls(_WRITTEN[1], _WRITTEN[1]), _FOUND),
    (_USER, _calls(_WRITTEN[1], _WRITTEN[1], name=" look\n", content=None), _FOUND),
    # what data sets write where other messages have calls
    (_USER, {**_ANSWER, "tool_calls": None}, _AGAIN),
    (_USER, _calls(_PLACE), {**_FOUND, "content": None}, _ANSWER),
    *((_USER, _ANSWER, _AGAIN, _calls(_PLACE, **{name: " Hm.\n"})) for name in REASONING_FIELDS),
    (_FOUND, _USER, _ANSWER),
    ({**_FOUND, "content": _blocks("found")}, _USER, _ANSWER),
    (_ANSWER, _USER, _SECOND),
    *((_USER, _calls(form, content=None), _FOUND) for form in (*ARGUMENTS, *_WRITTEN)),
    *(({**_USER, "content": media}, _ANSWER) for media in _MEDIA),
    *((_USER, {**_ANSWER, "content": media}, _USER) for media in _MEDIA),
)


def _looked_for(text: str) -> Iterator[tuple[dict[str, Any], ...]]:
    """What a template looks for, at one end, at the other, and alone: said by both, and first."""
    said = (f"{text}a", f"a{text}", text)
    yield tuple({"role": role, "content": each} for each in said for role in ("user", "assistant"))
    yield from (({"role": "user", "content": each}, _ANSWER) for each in said)


def standing(profile: Profile) -> Iterator[Conversation]:
    """The conversations, most with and without the generation prompt and under every flag."""
    sought = chain.from_iterable(map(_looked_for, profile.sought))
    for messages in (*_ONCE, *sought):
        yield replace(_conversation(profile, messages, False, {}), tools=TOOLS)
    flags: list[dict[str, Any]] = [{}]
    flags += [{name: value} for name, values in profile.flags.items() for value in values]
    for chosen in flags:
        for messages in (_SHOWN_BY_BOTH, _SHOWN_BY_A_TOOL):
            yield _conversation(profile, messages, False, chosen)
        for messages, prompted in product(_PLAIN, (False, True)):
            yield _conversation(profile, messages, prompted, chosen)
        for messages, prompted in product(_TOOLED, (False, True)):
            bare = _conversation(profile, messages, prompted, chosen)
            yield bare
            yield replace(bare, tools=TOOLS)
    for messages, tools in product(_READING if profile.documents else (), (None, TOOLS)):
        bare = _conversation(profile, messages, False, {})
        yield replace(bare, documents=DOCUMENTS, tools=tools)
    for tools, system in product(THOROUGH, ((), (_SYSTEM,))):
        yield replace(
            _conversation(profile, (*system, _USER, _calls(_PLACE)), False, {}), tools=tools
        )
    for messages, tools in product(_ODD, (None, TOOLS)):
        yield replace(_conversation(profile, messages, False, {}), tools=tools)


def _conversation(
    profile: Profile, messages: tuple[dict[str, Any], ...], prompted: bool, flags: dict[str, Any]
) -> Conversation:
    return Conversation(
        messages, add_generation_prompt=prompted, flags={**profile.constants, **flags}
    )
