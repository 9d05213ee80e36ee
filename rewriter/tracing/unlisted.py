"""Conversations that set what a template reads and no list has: keys of messages, and variables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType
from typing import Any, Final, TypeGuard

from jinja2 import nodes

from rewriter.source.template import Template
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.fields import LISTED, Whose, is_listed, is_models
from rewriter.tracing.probes import SPECIAL_TOKENS, TOOLS
from rewriter.tracing.variables import GIVEN, PROVIDED, variables_of

_VALUE: Final = "a text"
# The key of a message whose every key is printed.
NOBODYS: Final = "a_key_that_nobody_knows"
_ANY_KEY: Final = frozenset({"items", "values", "dictsort", "itervalues"})
# With more keys than these, each is not set alone as well.
_MOST_ALONE: Final = 6
_MOST_EACH: Final = 16
# What the conversations have of themselves.
_ALWAYS: Final = frozenset({"tool_calls", "function", "arguments", "name", "type"})
_INSTRUCTION: Final = {"role": "system", "content": "be brief"}
_QUESTION: Final = {"role": "user", "content": "what now"}
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
# A text, a list of one, a mapping, and a list of mappings; each of the keys may be of the others.
_SHAPES: Final[tuple[Callable[[Sequence[str]], Any], ...]] = (
    lambda _: _VALUE,
    lambda _: [_VALUE],
    lambda names: {**dict.fromkeys(names, _VALUE), "text": _VALUE},
    lambda names: [{**dict.fromkeys(names, _VALUE), "text": _VALUE}],
)


@dataclass(frozen=True, slots=True)
class Unlisted:
    """What a template reads that is not known to be the model's.

    Attributes:
        keys: of messages, calls and blocks, that no list has, or only as given.
        variables: those that it may print, likewise.
        named: whether it reads the name of whoever says a message.
        prints_any_key: whether a loop may print keys of a message by no name.

    """

    keys: tuple[str, ...]
    variables: tuple[str, ...]
    named: bool
    prints_any_key: bool


def unlisted(template: Template) -> Unlisted:
    """What a template reads and no list has; no keys where it only asks for some."""
    read = dict(_reads(template.tree))
    found = {key: read[key] for key in sorted(read) if key != _NAME and not is_models(key)}
    keys = tuple(found) if any(found.values()) else ()
    walked = list(_walked(template.tree))
    names = {
        each.name
        for each, is_test in walked
        if isinstance(each, nodes.Name) and each.ctx == "load" and not is_test
    }
    stored = {n.name for n in template.tree.find_all(nodes.Name) if n.ctx == "store"}
    given = (names & variables_of(template.text)) - PROVIDED - GIVEN
    whose = {name: LISTED.of_variable(name) for name in sorted(given) if not is_models(name)}
    # A variable that is known, and that the template sets, is one of its own.
    unknown = (n for n, w in whose.items() if w and (w is Whose.UNKNOWN or n not in stored))
    any_key = _prints_any_key(template.tree)
    return Unlisted(keys, tuple(unknown), read.get(_NAME, False), any_key)


def conversations_with(found: Unlisted) -> Iterator[Conversation]:
    """Conversations in which it is set: all of it at once, and each by itself."""
    unknown = [key for key in found.keys if not is_listed(key)]
    if found.keys or found.variables:
        shapes = _SHAPES if unknown else _SHAPES[:1]
        yield from _setting(found.keys, found.variables, shapes)
    elif found.named:
        yield next(_setting((), (), _SHAPES[:1]))
    alone = [((key,), ()) for key in unknown], [((), (name,)) for name in found.variables]
    each = [one for some in alone for one in some]
    for keys, variables in each if 1 < len(each) <= _MOST_ALONE else ():
        yield from _setting(keys, variables, _SHAPES[:1])
    if found.prints_any_key:
        yield from islice(_setting((NOBODYS,), (), _SHAPES[:1]), 2)


def with_each_key(template: Template) -> Iterator[Conversation]:
    """Conversations in which each key that a template reads is set by itself, listed or not."""
    keys = [key for key in sorted(dict(_reads(template.tree))) if key not in _ALWAYS]
    for key in keys[:_MOST_EACH]:
        # Of others first: what their turns print too is not the assistant's alone.
        yield Conversation([{**message, key: _VALUE} for message in (_QUESTION, _RESULT)])
        yield from _setting((key,), (), _SHAPES)


def _setting(
    keys: Sequence[str], variables: Sequence[str], shapes: Sequence[Callable[[Sequence[str]], Any]]
) -> Iterator[Conversation]:
    flags = MappingProxyType({**SPECIAL_TOKENS, **dict.fromkeys(variables, _VALUE)})
    if variables and not keys:
        # What begins a turn behind others' is not the assistant's alone.
        yield Conversation([_INSTRUCTION, _QUESTION], flags=flags)
    for number, shape in enumerate(shapes):
        for messages in _chats(
            {key: GIVEN_SHAPES.get(key) or shape(keys) for key in keys}, briefly=number > 0
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
    made_from = _made_from(tree)
    own = {each.name for each in tree.find_all(nodes.NSRef)} | {"loop"}
    found: dict[str, bool] = {}
    for node, is_test in _walked(tree):
        key = _key_of(node)
        base = getattr(node, "node", None)
        if key is None or (isinstance(base, nodes.Name) and base.name in own):
            continue
        if "messages" in _origins(node, made_from) and key != "role":
            found[key] = found.get(key, False) or not is_test
    found.update(
        (key, True) for key in _looked_up(tree, made_from) if key not in ("role", "content")
    )
    yield from found.items()


def _looked_up(tree: nodes.Template, made_from: Mapping[str, set[str]]) -> Iterator[str]:
    """The keys that a template reads by what a name holds, or that a filter reads of each item."""
    names = {
        item.arg.name
        for item in tree.find_all(nodes.Getitem)
        if isinstance(item.arg, nodes.Name) and "messages" in _origins(item, made_from)
    }
    for target, value in (
        *((loop.target, loop.iter) for loop in tree.find_all(nodes.For)),
        *((assigned.target, assigned.node) for assigned in tree.find_all(nodes.Assign)),
    ):
        if isinstance(target, nodes.Name) and target.name in names:
            texts = (each.value for each in (value, *value.find_all(nodes.Const)) if _is_text(each))
            yield from (text for text in texts if text.isidentifier())
    for filtered in tree.find_all(nodes.Filter):
        for given in filtered.kwargs:
            if given.key == "attribute" and _is_text(given.value):
                yield given.value.value


def _is_text(node: nodes.Node) -> TypeGuard[nodes.Const]:
    return isinstance(node, nodes.Const) and isinstance(node.value, str)


def _key_of(node: nodes.Node) -> str | None:
    match node:
        case nodes.Call(node=nodes.Getattr(attr="get"), args=[nodes.Const(value=str(key)), *_]):
            return key
        case nodes.Getitem(arg=nodes.Const(value=str(key))):
            return key
        case nodes.Getattr(attr=key):
            return str(key)
    return None


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


def _made_from(tree: nodes.Template) -> Mapping[str, set[str]]:
    """The names that each name's values are made from, macros' arguments and loops' items too."""
    found: defaultdict[str, set[str]] = defaultdict(set)

    def bind(target: nodes.Node, value: nodes.Node) -> None:
        for each in (target, *target.find_all((nodes.Name, nodes.NSRef))):
            if isinstance(each, (nodes.Name, nodes.NSRef)):
                found[each.name] |= _names(value)

    for loop in tree.find_all(nodes.For):
        bind(loop.target, loop.iter)
    for assigned in tree.find_all(nodes.Assign):
        bind(assigned.target, assigned.node)
    for captured in tree.find_all(nodes.AssignBlock):
        bind(captured.target, captured)
    parameters = {macro.name: macro.args for macro in tree.find_all(nodes.Macro)}
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name):
            for target in parameters.get(call.node.name, ()):
                bind(target, call)
    return found


def _names(node: nodes.Node) -> set[str]:
    own = {node.name} if isinstance(node, nodes.Name) else set()
    return own | {each.name for each in node.find_all(nodes.Name)}


def _origins(node: nodes.Node, made_from: Mapping[str, set[str]]) -> set[str]:
    """The names that an expression's value is made from, and theirs in turn."""
    found: set[str] = set()
    new = _names(node)
    while new:
        found |= new
        new = {name for each in new for name in made_from.get(each, ())} - found
    return found


def _prints_any_key(tree: nodes.Template) -> bool:
    """Whether a loop may print keys of a message by no name."""
    named: Iterable[nodes.Node] = tree.find_all((nodes.Getattr, nodes.Filter))
    return any(
        getattr(each, "attr", None) in _ANY_KEY or getattr(each, "name", None) in _ANY_KEY
        for each in named
    )
