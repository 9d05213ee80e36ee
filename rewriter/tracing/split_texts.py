"""What a template splits texts at, and conversations in which the assistant's hold it.

A text that is split where it does not hold that has no second part, so that a forced test raises.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from jinja2 import nodes

from rewriter.source.walk import find_all

_SPLITS: Final = frozenset({"split", "rsplit", "partition", "rpartition"})


def split_at(tree: nodes.Template) -> tuple[str, ...]:
    """The texts that the template splits others at, but for white space."""
    found: dict[str, None] = {}
    for call in find_all(tree, nodes.Call):
        match call:
            case nodes.Call(
                node=nodes.Getattr(attr=method), args=[nodes.Const(value=str(text)), *_]
            ) if method in _SPLITS and text.strip():
                found[text] = None
    return tuple(found)


def said_in_parts(
    messages: Sequence[Mapping[str, Any]], separators: Iterable[str]
) -> list[Mapping[str, Any]]:
    """The messages with all ``separators`` in what the assistant says, after a word."""
    before = "".join(f"a part{each}" for each in separators)
    return [
        {**message, "content": before + message["content"]}
        if message.get("role") == "assistant" and isinstance(message.get("content"), str)
        else message
        for message in messages
    ]
