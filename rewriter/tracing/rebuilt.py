"""Messages that a template builds from the given ones before it prints them.

Templates merge consecutive messages of one role, move the system's text into the first user's
message, or drop fields. The origin of its text decides whose turn such a message is.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from jinja2 import nodes

from rewriter.tracing.inputs import Message
from rewriter.tracing.origins import Field, Origin
from rewriter.tracing.provenance import origins_in, reowned

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
    """A message that the template built, with the index of the first message that it comes from.

    Its text belongs to the turn that prints it, not to the one that built it; merged messages of
    the assistant, whose indices are ``assistants``, become one. Anything else is returned as it is.
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
