"""Messages that a template makes of those that it is given, before it prints them.

Neighbours of one role are merged into new messages, the system's text is moved into the first of
the user's, fields are left out. Whose turn such a message prints follows from where its text comes
from.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from jinja2 import nodes

from rewriter.tracing.inputs import Message
from rewriter.tracing.provenance import Field, Origin, origins_in, reowned

_ROLE = "role"


def makes_message(node: nodes.Node) -> bool:
    """Whether an expression makes a mapping with a role: a literal, or a call of ``dict``."""
    if isinstance(node, nodes.Dict):
        return any(isinstance(k, nodes.Const) and k.value == _ROLE for k in _keys(node))
    called = node.node if isinstance(node, nodes.Call) else None
    return isinstance(called, nodes.Name) and called.name == "dict"


def _keys(node: nodes.Dict) -> list[nodes.Expr]:
    return [pair.key for pair in node.items]


def rebuilt(value: Any, assistants: Container[int]) -> Any:
    """What was made as a message, as one that knows its index: that of the first that it is of.

    Its text is of the turn that prints it, and not of the one that it was put together in; merged
    messages of the assistant's, whose indices are ``assistants``, are one. Anything else is left
    as it is.
    """
    if not isinstance(value, Mapping) or _ROLE not in value:
        return value
    messages = {each.message for each in origins_in(value) if isinstance(each, Field)}
    if not messages:
        return value
    own = {each for each in messages if each in assistants}
    index = min(own if value[_ROLE] == "assistant" and own else messages)

    def merged(origin: Origin) -> Origin:
        if isinstance(origin, Field) and origin.message in own:
            return Field(index, origin.path)
        return origin

    return Message.of(reowned(value, merged), index)
