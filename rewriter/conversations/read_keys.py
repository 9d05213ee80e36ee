"""The keys that a template reads, and conversations that set them on every speaker's messages.

A key that is read without a test, such as ``message.get('name', '')``, shows on no path: it is
printed only if it is set. Finding the keys renders nothing, so planning can use them too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from jinja2 import TemplateError, nodes

from rewriter.conversations.boundaries import in_blocks
from rewriter.conversations.tool_use import written_down
from rewriter.conversations.vocabulary import REASONING_FIELDS
from rewriter.source.environment import parsed
from rewriter.source.walk import find_all
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.fields import given_keys, is_models
from rewriter.tracing.probes import SPECIAL_TOKENS, TOOLS
from rewriter.tracing.unlisted_conversations import GIVEN_SHAPES
from rewriter.tracing.variables import GIVEN, PROVIDED, WITHHELD, variables_of

# A key that no template can know: it shows where all keys of a message are printed.
UNHEARD_OF: Final = "unheard_of"
# The text by which each kind of value is found in the output.
TEXT: Final = "set here"
# A text that any limit, or change of white space, must change.
_LONG: Final = "set here, \tat  length #### \n    so\n" * 80
_VALUES: Final[tuple[Any, ...]] = (TEXT, [TEXT, "and here"], {TEXT: "and here"}, True, False)
# Keys that every conversation has in their place, and attributes that Python defines.
_ORDINARY: Final = frozenset({"role", "content", "tool_calls", "function", "arguments", "messages"})
_ASSISTANTS_OWN: Final = frozenset({*REASONING_FIELDS, *given_keys()})
# Keys of JSON Schema: tools have these already, and messages never do.
_OF_SCHEMAS: Final = frozenset(
    {
        *("properties", "required", "parameters", "items", "enum", "default", "description"),
        *("anyOf", "oneOf", "allOf", "nullable", "additionalProperties", "return", "response"),
        *("title", "format", "const", "$ref", "$defs", "pattern", "minimum", "maximum"),
    }
)
_OF_PYTHON: Final = frozenset(
    name for kind in (str, dict, list, int) for name in dir(kind) if name[:1] != "_"
)
_OF_LOOPS: Final = frozenset(
    {
        *("index", "index0", "revindex", "revindex0", "first", "last", "length", "depth", "depth0"),
        *("previtem", "nextitem", "changed", "cycle"),
    }
)
_BY_ATTRIBUTE: Final = frozenset({"selectattr", "rejectattr", "attr", "groupby"})
_MOST_KEYS: Final = 24
# How many messages of these conversations come before the first answer.
_UNANSWERED: Final = 4


@lru_cache(maxsize=16)
def keys_of(source: str) -> tuple[str, ...]:
    """The keys that a template reads from anything that may be a message, call or block, in order.

    Without those that every conversation has in their place; none if the template does not parse.
    """
    try:
        tree = parsed(source)
    except TemplateError:
        return ()
    namespaces = {
        node.target.name
        for node in find_all(tree, nodes.Assign)
        if isinstance(node.target, nodes.Name)
        and isinstance(node.node, nodes.Call)
        and getattr(node.node.node, "name", None) == "namespace"
    }
    no_keys = _ORDINARY | _OF_SCHEMAS
    found = (key for key in _keys(tree, namespaces | {"loop"}) if key not in no_keys)
    return tuple(dict.fromkeys(found))[:_MOST_KEYS]


@lru_cache(maxsize=16)
def variables_read(source: str) -> tuple[str, ...]:
    """The variables that a template may be given in addition to those of every render.

    If the template sets a name that is also a field that models write, only messages supply it;
    nobody passes it as a variable, even where a branch leaves it unset.
    """
    try:
        tree = parsed(source)
        stored = {each.name for each in find_all(tree, nodes.Name) if each.ctx == "store"}
        known = GIVEN | PROVIDED | WITHHELD | SPECIAL_TOKENS.keys()
        given = variables_of(tree) - known
    except TemplateError:
        return ()
    return tuple(sorted(name for name in given if name not in stored or not is_models(name)))


def _keys(tree: nodes.Template, own: set[str]) -> Iterator[str]:
    for node in find_all(tree, nodes.Getattr):
        is_own = isinstance(node.node, nodes.Name) and node.node.name in own
        if not is_own and node.attr not in _OF_PYTHON | _OF_LOOPS:
            yield node.attr
    for item in find_all(tree, nodes.Getitem):
        yield from _named([item.arg])
    for call in find_all(tree, nodes.Call):
        if isinstance(call.node, nodes.Getattr) and call.node.attr in {"get", "pop"}:
            yield from _named(call.args[:1])
    for compared in find_all(tree, nodes.Compare):
        if any(operand.op in {"in", "notin"} for operand in compared.ops):
            yield from _named([compared.expr])
    for filtered in find_all(tree, nodes.Filter):
        if filtered.name in _BY_ATTRIBUTE:
            yield from _named(filtered.args[:1])
        yield from _named([each.value for each in filtered.kwargs if each.key == "attribute"])


def _named(expressions: list[Any]) -> Iterator[str]:
    for each in expressions:
        if isinstance(each, nodes.Const) and isinstance(each.value, str):
            yield from [each.value] if each.value.isidentifier() else []


def setting_keys(*sources: str) -> Iterator[Conversation]:
    """Conversations that set the keys that templates read: each by itself, then all of them."""
    keys = tuple(dict.fromkeys(key for source in sources for key in keys_of(source)))
    variables = dict.fromkeys(name for source in sources for name in variables_read(source))
    for key in (*keys, UNHEARD_OF):
        for value in _values(key):
            yield _set({key: value})
        yield from _apart({key: GIVEN_SHAPES.get(key, TEXT)})
    for text in (TEXT, _LONG):
        numbered = {key: f"{number} {text}" for number, key in enumerate(keys)}
        yield _set({key: GIVEN_SHAPES.get(key, each) for key, each in numbered.items()})
    for name in variables:
        for value in _VALUES:
            yield Conversation(_said({}, None), flags={name: value})
    if len(variables) > 1:
        for value in (TEXT, True, False):
            yield Conversation(_said({}, None), tools=TOOLS, flags=dict.fromkeys(variables, value))


def _values(key: str) -> tuple[Any, ...]:
    """The values for a key; a key with a fixed shape has only that."""
    if key in GIVEN_SHAPES:
        return (GIVEN_SHAPES[key],)
    return _VALUES[:1] if key == UNHEARD_OF else _VALUES


def _set(fields: Mapping[str, Any]) -> Conversation:
    """A conversation with the fields on everything in it, unless they would replace its content."""
    return Conversation(_said(fields, None), tools=TOOLS)


def _apart(fields: Mapping[str, Any]) -> Iterator[Conversation]:
    """The fields on messages of one role, or inside them, since some places exclude each other."""
    for role in ("system", "user", "assistant", "tool"):
        if role == "assistant" or not fields.keys() & _ASSISTANTS_OWN:
            yield Conversation(_said(fields, role), tools=TOOLS)
    yield Conversation(_said(fields, "block"), tools=TOOLS)
    yield Conversation(_said(fields, "call"), tools=TOOLS)
    # some print content beside a call only if no answer has followed yet
    said = _said(fields, None)
    yield Conversation(said[:_UNANSWERED], tools=TOOLS)
    # others have branches for calls without content, for the first call, and for its form
    yield Conversation(tuple(map(_unsaid, said)), tools=TOOLS)
    # content in blocks has a branch of its own, which may read a message's keys too
    yield Conversation(tuple(map(in_blocks, said)), tools=TOOLS)


def _said(fields: Mapping[str, Any], where: str | None) -> tuple[dict[str, Any], ...]:
    """A message of every role, with the fields on all messages, or on their content."""
    call = {"name": "look", "arguments": {"at": "home"}}
    calls: list[dict[str, Any]] = [{"id": "call00200", "type": "function", "function": call}]
    content: Any = "I look."
    if where == "call":
        calls = [{**fields, **calls[0], "function": {**fields, **call}}]
    if where == "block":
        content = [{**fields, "type": "text", "text": content}]
    asked = {"role": "user", "content": content if where == "block" else "What now?"}
    messages: tuple[dict[str, Any], ...] = (
        {"role": "system", "content": "Be brief."},
        asked,
        {"role": "assistant", "content": content, "tool_calls": calls},
        {"role": "tool", "content": "found", "name": "look", "tool_call_id": "call00200"},
        {"role": "assistant", "content": "This."},
        {"role": "user", "content": "And then?"},
        {"role": "assistant", "content": "That."},
    )
    return tuple(_with(fields, message, where) for message in messages)


def _unsaid(message: dict[str, Any]) -> dict[str, Any]:
    if calls := message.get("tool_calls"):
        return {**message, "content": "", "tool_calls": [*calls, *map(written_down, calls)]}
    return message


def _with(fields: Mapping[str, Any], message: dict[str, Any], where: str | None) -> dict[str, Any]:
    role = message["role"]
    if where not in (None, role):
        return message
    own = _ASSISTANTS_OWN if role != "assistant" else frozenset[str]()
    return {**message, **{key: value for key, value in fields.items() if key not in own}}
