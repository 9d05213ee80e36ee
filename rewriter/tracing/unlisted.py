"""Conversations that set what a template reads and no list has: keys of messages, and variables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from jinja2 import nodes

from rewriter.source.template import Template
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.fields import LISTED, Within, is_generated
from rewriter.tracing.probes import SPECIAL_TOKENS, TOOLS
from rewriter.tracing.variables import PROVIDED, variables_of

_VALUE: Final = "a text"
# The key of a message whose every key is printed.
NOBODYS: Final = "a_key_that_nobody_knows"
_ANY_KEY: Final = frozenset({"items", "values", "dictsort", "itervalues"})
# With more keys than these, each is not set alone as well.
_MOST_ALONE: Final = 6
_QUESTION: Final = {"role": "user", "content": "what now"}
_RESULT: Final = {"role": "tool", "name": "look", "tool_call_id": "call00001", "content": "found"}
_PLACES: Final[tuple[Within, ...]] = ("message", "call", "block")
_SHAPES: Final = (lambda _: _VALUE, lambda _: [_VALUE], lambda name: {name: _VALUE, "text": _VALUE})


@dataclass(frozen=True, slots=True)
class Unlisted:
    """What a template reads that is not known to be the model's.

    Attributes:
        keys: of messages, calls and blocks; the same key may be known in one of them.
        variables: those that it may print.

    """

    keys: tuple[str, ...]
    variables: tuple[str, ...]


def unlisted(template: Template) -> Unlisted:
    """What a template reads and no list has; no keys where it only asks for some."""
    found = dict(sorted(_reads(template.tree)))
    keys = tuple(found) if any(found.values()) else ()
    names = {
        each.name
        for each, is_test in _walked(template.tree)
        if isinstance(each, nodes.Name) and each.ctx == "load" and not is_test
    }
    given = variables_of(template.text) - PROVIDED - {"messages", "tools", "documents"}
    unknown = (n for n in sorted(names & given) if LISTED.of_variable(n) is not None)
    return Unlisted(keys, tuple(unknown))


def conversations_with(template: Template) -> Iterator[Conversation]:
    """Conversations in which it is set: all of it at once, and each by itself."""
    found = unlisted(template)
    if found.keys or found.variables:
        yield from _setting(found.keys, found.variables)
    each = [((key,), ()) for key in found.keys], [((), (name,)) for name in found.variables]
    alone = [one for some in each for one in some]
    if 1 < len(alone) <= _MOST_ALONE:
        for keys, variables in alone:
            yield from _setting(keys, variables)
    if _prints_any_key(template.tree):
        yield from _setting((NOBODYS,), (), shapes=1)


def _setting(
    keys: tuple[str, ...], variables: tuple[str, ...], shapes: int = len(_SHAPES)
) -> Iterator[Conversation]:
    for shape in _SHAPES[:shapes] if keys else _SHAPES[:1]:
        flags = MappingProxyType({**SPECIAL_TOKENS, **dict.fromkeys(variables, _VALUE)})
        of = {
            within: {key: shape(key) for key in keys if not is_generated(within, key)}
            for within in _PLACES
        }
        for messages in _chats(of["message"], of["call"], of["block"]):
            yield Conversation(messages, tools=TOOLS, flags=flags)
            if not keys:
                yield Conversation(messages, flags=flags)


def _chats(
    message: Mapping[str, Any], call: Mapping[str, Any], block: Mapping[str, Any]
) -> Iterator[list[dict[str, Any]]]:
    def said(content: Any, **more: Any) -> dict[str, Any]:
        return {"role": "assistant", "content": content, **message, **more}

    yield [_QUESTION, said("an answer"), _QUESTION, said("an answer")]
    yield [_QUESTION, said("")]
    for arguments in ({"at": "home"}, '{"at": "home"}'):
        function = {"name": "look", "arguments": arguments, **call}
        calls = [{"id": "call00001", "type": "function", "function": function, **call}]
        yield [_QUESTION, said("looking", tool_calls=calls), _RESULT, said("an answer")]
    if block:
        text = {"type": "text", "text": "an answer"}
        asked = {"role": "user", "content": [{"type": "text", "text": "what now"}]}
        for question in (_QUESTION, asked):
            yield [question, said([text, {"type": "text", **block}, {**text, **block}])]


def _reads(tree: nodes.Template) -> Iterator[tuple[str, bool]]:
    """The keys that are read of messages, and whether one is read where it may be printed."""
    made_from = _made_from(tree)
    found: dict[str, bool] = {}
    for node, is_test in _walked(tree):
        key = _key_of(node)
        if key and "messages" in _origins(node, made_from):
            known = all(is_generated(w, key) for w in _PLACES)
            if not known and key not in ("role", "content", "tool_calls"):
                found[key] = found.get(key, False) or not is_test
    yield from found.items()


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
