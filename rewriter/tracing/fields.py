"""The fields of a message that a template reads beside those that every conversation knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from jinja2 import nodes

from rewriter.source.template import Template

_KNOWN: Final = frozenset(
    {"role", "content", "tool_calls", "tool_call_id", "name", "get", "items", "keys", "values"}
    | {"reasoning_content", "reasoning", "thinking"}
)


def message_fields(template: Template) -> tuple[str, ...]:
    """The names of those fields, sorted; a message is whatever has its ``role`` read."""
    reads = list(_reads(template.tree))
    messages = {name for name, field in reads if field == "role"}
    return tuple(sorted({field for name, field in reads if name in messages} - _KNOWN))


def _reads(tree: nodes.Template) -> Iterator[tuple[str, str]]:
    """Each member of a variable that is read, asked for or tested."""
    for node in tree.find_all((nodes.Getattr, nodes.Getitem, nodes.Call, nodes.Compare)):
        match node:
            case nodes.Getattr(node=nodes.Name(name=name), attr=str(field)):
                yield name, field
            case nodes.Getitem(node=nodes.Name(name=name), arg=nodes.Const(value=str(field))):
                yield name, field
            case nodes.Call(
                node=nodes.Getattr(node=nodes.Name(name=name), attr="get"),
                args=[nodes.Const(value=str(field)), *_],
            ):
                yield name, field
            case nodes.Compare(
                expr=nodes.Const(value=str(field)),
                ops=[nodes.Operand(op="in" | "notin", expr=nodes.Name(name=name))],
            ):
                yield name, field
