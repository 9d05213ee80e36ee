"""Conversations that set unlisted keys and variables that a template reads."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType
from typing import Any, Final

from jinja2 import nodes

from rewriter.source.template import Template
from rewriter.source.walk import find_all
from rewriter.tracing.block_types import TypesAsked, types_asked
from rewriter.tracing.chosen_keys import choosing, looked_up
from rewriter.tracing.compared_keys import compared_texts
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.fields import LISTED, Whose, given_types, is_listed, is_models
from rewriter.tracing.held_whole import messages_held
from rewriter.tracing.made_from import key_of, made_from, origins
from rewriter.tracing.probes import SPECIAL_TOKENS, TOOLS
from rewriter.tracing.variables import GIVEN, PROVIDED, variables_of

_VALUE: Final = "a text"
# The key of a message whose every key is printed.
NOBODYS: Final = "a_key_that_nobody_knows"
_ANY_KEY: Final = frozenset({"items", "values", "dictsort", "itervalues"})
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


@dataclass(frozen=True, slots=True)
class Unlisted:
    """The keys and variables that a template reads and that are not known to be the model's.

    Attributes:
        keys: of messages, calls and blocks, that no list has, or only as given.
        variables: those that it may print, likewise.
        compared: of some of these keys, the texts that the template tells apart.
        misplaced: keys of messages that the list has for calls or blocks alone.
        beside: keys that models write, and that are read by the same name as some of ``keys``.
        named: whether it reads the name of whoever says a message.
        prints_any_key: whether it may print keys of a message by no name.
        choosing: the keys and variables whose values say which key of a message is read.
        types: what it asks the types of blocks, calls and messages for.

    """

    keys: tuple[str, ...]
    variables: tuple[str, ...]
    compared: Mapping[str, tuple[str, ...]]
    misplaced: tuple[str, ...]
    beside: tuple[str, ...]
    named: bool
    prints_any_key: bool
    choosing: frozenset[str]
    types: TypesAsked


def unlisted(template: Template) -> Unlisted:
    """The unlisted keys and variables of a template; no keys if it only tests for some."""
    read = dict(_reads(template.tree))
    found = {key: read[key] for key in sorted(read) if key != _NAME and not is_models(key)}
    keys = tuple(found) if any(found.values()) else ()
    walked = list(_walked(template.tree))
    names = {
        each.name
        for each, is_test in walked
        if isinstance(each, nodes.Name) and each.ctx == "load" and not is_test
    }
    stored = {n.name for n in find_all(template.tree, nodes.Name) if n.ctx == "store"}
    given = (names & variables_of(template.tree)) - PROVIDED - GIVEN
    whose = {name: LISTED.of_variable(name) for name in sorted(given) if not is_models(name)}
    # A variable that is known, and that the template sets, is one of its own.
    unknown = (n for n, w in whose.items() if w and (w is Whose.UNKNOWN or n not in stored))
    chosen_by = _choosing(template.tree, given)
    any_key = bool(chosen_by) or _prints_any_key(template.tree)
    return Unlisted(
        keys,
        tuple(unknown),
        compared_texts(template.tree, frozenset(each for each in keys if not is_listed(each))),
        tuple(sorted(_misplaced(template.tree))),
        tuple(sorted(_beside(template.tree, found))),
        read.get(_NAME, False),
        any_key,
        chosen_by,
        types_asked(template.tree),
    )


def _misplaced(tree: nodes.Template) -> Iterator[str]:
    printed = {id(each) for each, is_test in _walked(tree) if not is_test}
    read = messages_held(tree).keys_in(tree)
    for key in {key for key, node in read if id(node) in printed}:
        if is_listed(key) and LISTED.of_path((key,)) is Whose.UNKNOWN:
            yield key


def _beside(tree: nodes.Template, given: Container[str]) -> Iterator[str]:
    """The keys that models write, if others are looked up in the same way: ``m[key]``."""
    read = set(looked_up(tree, made_from(tree)))
    if any(key in given for key in read):
        yield from (key for key in read if is_models(key) and key not in (_NAME, "content"))


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
    keys = sorted(dict(_reads(template.tree)))
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


def _reads(tree: nodes.Template) -> Iterator[tuple[str, bool]]:
    """The keys that are read of messages, and whether one is read where it may be printed."""
    names = made_from(tree)
    own = {each.name for each in find_all(tree, nodes.NSRef)} | {"loop"}
    found: dict[str, bool] = {}
    for node, is_test in _walked(tree):
        key = key_of(node)
        base = getattr(node, "node", None)
        if key is None or (isinstance(base, nodes.Name) and base.name in own):
            continue
        if "messages" in origins(node, names) and key != "role":
            found[key] = found.get(key, False) or not is_test
    found.update((key, True) for key in looked_up(tree, names) if key not in ("role", "content"))
    yield from found.items()


def _choosing(tree: nodes.Template, given: Set[str]) -> frozenset[str]:
    """The keys and the ``given`` variables that say which key of a message is read."""
    variables = {each.name for each in find_all(tree, nodes.Name)} - frozenset(given)
    found = frozenset(choosing(tree, made_from(tree)))
    return found - variables - {"role"}


def _walked(node: nodes.Node, is_test: bool = False) -> Iterator[tuple[nodes.Node, bool]]:
    """All nodes but methods that are called, and whether each stands in a test."""
    for name in node.fields:
        value = getattr(node, name)
        asks = is_test or name == "test" or isinstance(node, (nodes.Test, nodes.Compare))
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, nodes.Node):
                continue
            if isinstance(node, nodes.Call) and name == "node" and isinstance(child, nodes.Getattr):
                yield from _walked(child, asks)
                continue
            yield child, asks
            yield from _walked(child, asks)


def _prints_any_key(tree: nodes.Template) -> bool:
    """Whether a loop may print keys of a message by no name."""
    named: Iterable[nodes.Node] = find_all(tree, (nodes.Getattr, nodes.Filter))
    return any(
        getattr(each, "attr", None) in _ANY_KEY or getattr(each, "name", None) in _ANY_KEY
        for each in named
    )
