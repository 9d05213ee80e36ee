"""Conversations that set unlisted keys and variables that a template reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from types import MappingProxyType
from typing import Any, Final

from rewriter.source.template import Template
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.fields import given_types, is_listed
from rewriter.tracing.probes import SPECIAL_TOKENS, TOOLS
from rewriter.tracing.unlisted import Unlisted, keys_read

_VALUE: Final = "a text"
# The key of a message whose every key is printed.
NOBODYS: Final = "a_key_that_nobody_knows"
# With more keys than these, each is not set alone as well.
_MOST_ALONE: Final = 6
_MOST_EACH: Final = 16
# With more keys than these, mappings of mappings of all of them are for one key at a time too.
_MOST_NESTED: Final = 12
# What the conversations have of themselves.
_ALWAYS: Final = frozenset({"tool_calls", "function", "arguments", "name", "type"})
# What blocks of results need not have.
_SAID_IN_BLOCKS: Final = frozenset({"text"})
# The types that the probes have.
_ORDINARY: Final = frozenset({"text", "function", "object", "array", "string"})
_INSTRUCTION: Final = {"role": "system", "content": "be brief"}
_QUESTION: Final = {"role": "user", "content": "what now"}
_ANSWER: Final = {"role": "assistant", "content": "an answer"}
_RESULT: Final = {"role": "tool", "name": "look", "tool_call_id": "call00001", "content": "found"}
_NAME: Final = "name"
# What is listed as given has a shape of its own.
GIVEN_SHAPES: Final = {
    "tool_responses": [
        {"name": "look", "response": {"found": _VALUE}},
        {"name": "look", "response": _VALUE},
    ],
    "tools": [*TOOLS],
}
# What holds text within something that nobody knows, whatever else has keys of that name.
_WITHIN: Final = {"text": _VALUE, "content": _VALUE}
# A block that is a call, or a result, has these keys itself.
_CALLED: Final = {"id": "call00001", "name": "look", "input": {"at": "home"}}
# A text, a list of one, a mapping, a list of mappings, a mapping of mappings, and a list of those;
# each of the keys may be of the others. The last is for one key at a time: with all it is large.
_SHAPES: Final[tuple[Callable[[Sequence[str]], Any], ...]] = (
    lambda _: _VALUE,
    lambda _: [_VALUE],
    lambda names: {**dict.fromkeys(names, _VALUE), **_WITHIN},
    lambda names: [{**dict.fromkeys(names, _VALUE), **_WITHIN}],
    lambda names: {name: {**dict.fromkeys(names, _VALUE), **_WITHIN} for name in names},
    lambda names: [{name: {**dict.fromkeys(names, _VALUE), **_WITHIN} for name in names}],
)


def conversations_with(unlisted: Unlisted) -> Iterator[Conversation]:
    """Conversations in which these are set: all at once, and each by itself."""
    unknown = [key for key in unlisted.keys if not is_listed(key)]
    if unlisted.keys or unlisted.variables:
        most = len(_SHAPES) - (2 if len(unlisted.keys) > _MOST_NESTED else 1)
        shapes = _SHAPES[:most] if unknown else _SHAPES[:1]
        yield from _setting(unlisted.keys, unlisted.variables, shapes)
    elif unlisted.named:
        yield next(_setting((), (), _SHAPES[:1]))
    alone = [((key,), ()) for key in unknown], [((), (name,)) for name in unlisted.variables]
    each = [one for some in alone for one in some]
    each = each if 1 < len(each) <= _MOST_ALONE else []
    for keys, variables in (*each, *(((key,), ()) for key in unlisted.beside)):
        yield from _setting(keys, variables, _SHAPES[:1])
    for key, texts in unlisted.compared.items():
        flags = MappingProxyType({**SPECIAL_TOKENS})
        for text in texts[:_MOST_ALONE]:
            speakers = (_INSTRUCTION, _QUESTION, _ANSWER, _QUESTION, _ANSWER)
            yield Conversation([{**each, key: text} for each in speakers], flags=flags)
    if unlisted.misplaced:
        flags = MappingProxyType({**SPECIAL_TOKENS})
        for shape in _SHAPES[:4]:
            held = {key: shape(()) for key in unlisted.misplaced}
            yield Conversation([{**_QUESTION, **held}, {**_ANSWER, **held}], flags=flags)
    yield from _of_types(unlisted)
    if unlisted.prints_any_key:
        choosing = dict.fromkeys(unlisted.choosing, NOBODYS)
        flags = MappingProxyType({**SPECIAL_TOKENS, **choosing})
        for messages in islice(_chats({NOBODYS: _VALUE, **choosing}, briefly=False), 2):
            yield Conversation(messages, tools=TOOLS, flags=flags)


def _of_types(unlisted: Unlisted) -> Iterator[Conversation]:
    """Answers that are, or have, something of each type, and all that it may hold."""
    flags = MappingProxyType({**SPECIAL_TOKENS})
    held = {**_CALLED, **dict.fromkeys(unlisted.keys, _VALUE), **_WITHIN, "output": _VALUE}
    for kind in [each for each in unlisted.types.of("block") if each not in _ORDINARY][:_MOST_EACH]:
        content = [{"type": "text", "text": "an answer"}, {"type": kind, **held}]
        # Of others first: what their turns print too is not the assistant's alone.
        for role in ("user", "system", "tool", "assistant"):
            yield Conversation([_QUESTION, {"role": role, "content": content}], flags=flags)
    for kind in [each for each in unlisted.types.of("block") if each in given_types()][:_MOST_EACH]:
        bare = {key: held[key] for key in held if key not in _SAID_IN_BLOCKS}
        content = [{"type": "text", "text": "an answer"}, {"type": kind, **bare}]
        yield Conversation([_QUESTION, {"role": "assistant", "content": content}], flags=flags)
    for key, value, within in unlisted.types.results:
        field = {key: value or _VALUE}
        blocks = [{"type": "text", "text": "an answer"}, {"type": "text", **held, **field}]
        said = {"content": blocks} if within == "block" else {"content": "an answer", **field}
        yield Conversation([_QUESTION, {"role": "assistant", **said}], flags=flags)
    for kind in sorted(unlisted.types.foreign("message")):
        answer = {"role": "assistant", "content": "an answer", "type": kind}
        yield Conversation([_QUESTION, answer], flags=flags)
    for kind in sorted(unlisted.types.foreign("call")):
        function = {"name": "look", "arguments": '{"at": "home"}'}
        calls = [{"id": "call00001", "function": function, **held, "type": kind}]
        message = {"role": "assistant", "content": "looking", "tool_calls": calls}
        yield Conversation([_QUESTION, message, _RESULT], tools=TOOLS, flags=flags)


def with_each_key(template: Template) -> Iterator[Conversation]:
    """Conversations in which each key that a template reads is set by itself, listed or not."""
    keys = sorted(dict(keys_read(template.tree)))
    for key in [each for each in keys if each not in _ALWAYS][:_MOST_EACH]:
        # Of others first: what their turns print too is not the assistant's alone.
        others = (_INSTRUCTION, _QUESTION, _RESULT)
        yield Conversation([{**message, key: _VALUE} for message in others])
        yield from _setting((key,), (), _SHAPES, within=keys)


def _setting(
    keys: Sequence[str],
    variables: Sequence[str],
    shapes: Sequence[Callable[[Sequence[str]], Any]],
    within: Sequence[str] = (),
) -> Iterator[Conversation]:
    flags = MappingProxyType({**SPECIAL_TOKENS, **dict.fromkeys(variables, _VALUE)})
    if variables and not keys:
        # What begins a turn after others' is not the assistant's alone.
        yield Conversation([_INSTRUCTION, _QUESTION], flags=flags)
    for number, shape in enumerate(shapes):
        for messages in _chats(
            {key: GIVEN_SHAPES.get(key) or shape(within or keys) for key in keys},
            briefly=number > 0,
        ):
            yield Conversation(messages, tools=TOOLS, flags=flags)
            if variables and not keys:
                yield Conversation(messages, flags=flags)


def _chats(given: Mapping[str, Any], *, briefly: bool) -> Iterator[list[dict[str, Any]]]:
    """Answers, calls and blocks with what is ``given`` beside what they hold."""

    def said(content: Any, **more: Any) -> dict[str, Any]:
        return {"role": "assistant", "content": content, _NAME: "bob", **given, **more}

    yield [_QUESTION, said("an answer"), _QUESTION, said("an answer")]
    if not briefly:
        yield [_QUESTION, said("")]
    for arguments in ({"at": "home"}, '{"at": "home"}')[: 1 if briefly else 2]:
        function = {"name": "look", "arguments": arguments, **given}
        calls = [{"id": "call00001", "type": "function", "function": function, **given}]
        yield [_QUESTION, said("looking", tool_calls=calls), _RESULT, said("an answer")]
    if given:
        text = {"type": "text", "text": "an answer"}
        asked = {"role": "user", "content": [{"type": "text", "text": "what now"}]}
        for question in (_QUESTION, asked)[: 1 if briefly else 2]:
            yield [question, said([text, {"type": "text", **given}, {**text, **given}])]
