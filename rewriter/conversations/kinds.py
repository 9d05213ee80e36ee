"""The kinds of messages and contents that templates distinguish."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

START: Final = ""
SYSTEM: Final = "system"
DEVELOPER: Final = "developer"
USER: Final = "user"
ASSISTANT: Final = "assistant"
CALLS: Final = "calls"
TOOL: Final = "tool"
OTHER: Final = "guest"
KINDS: Final = (USER, ASSISTANT, CALLS, TOOL, SYSTEM, DEVELOPER, OTHER)

TEXT: Final = "text"
BLOCKS: Final = "blocks"
EMPTY: Final = "empty"
NONE: Final = "none"
MISSING: Final = "missing"
IMAGE: Final = "image"
VIDEO: Final = "video"
SHAPES: Final = (TEXT, BLOCKS, EMPTY, NONE, MISSING, IMAGE, VIDEO)


def kind_of(message: Mapping[str, Any]) -> str:
    """The role, where an assistant that calls tools is a kind of its own."""
    role = str(message.get("role"))
    return CALLS if role == ASSISTANT and message.get("tool_calls") else role


def shape_of(message: Mapping[str, Any]) -> str:
    """The shape of a message's content."""
    if "content" not in message:
        return MISSING
    content = message["content"]
    if content is None:
        return NONE
    if isinstance(content, str):
        return TEXT if content else EMPTY
    media = [str(block.get("type")) for block in content if isinstance(block, Mapping)]
    if any(VIDEO in kind for kind in media):
        return VIDEO
    return IMAGE if any(IMAGE in kind for kind in media) else BLOCKS


def said(message: Mapping[str, Any]) -> str:
    """The text of a message's content, with the text of its blocks joined."""
    return "".join(_texts(message.get("content")))


def _texts(content: object) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, (list, tuple)):
        for block in content:
            yield from _texts(block.get("text") if isinstance(block, Mapping) else block)
