"""Text in a row that the template does not print."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from rewriter.auditing.printed_parts import spellings
from rewriter.auditing.said import (
    ARGUMENTS,
    ASSISTANT,
    INLINE_THOUGHT,
    arguments,
    function,
    texts_in,
)
from rewriter.tracing.fields import is_listed

# Keys of a message's metadata, which is usually not printed.
_METADATA: Final = frozenset({"role", "id", "type", "name", "tool_call_id", "index", "call_id"})
# The most values of an object or list to search for, so that long ones do not take long.
_MOST_VALUES: Final = 50
_TOOLS: Final = "tools"


def unprinted(
    text: str, messages: Sequence[Mapping[str, Any]], tools: Sequence[Any] | None
) -> set[str]:
    """The names of texts that are not printed, except the assistant's own.

    A text of another speaker is named by its key and role.
    """
    lost: set[str] = set()
    for message in messages:
        if message["role"] == ASSISTANT:
            if not all(_is_printed(text, each) for each in arguments(message)):
                lost.add(ARGUMENTS)
        elif not all(_stands(text, each) for each in texts_in(message.get("content"))):
            lost.add(f"content of {message['role']}")
        lost |= {key for key in message if _is_lost(text, message, key)}
    names = [function(tool).get("name") for tool in tools or ()]
    if not all(_stands(text, name) for name in names if isinstance(name, str)):
        lost.add(_TOOLS)
    return lost


def is_said(name: str) -> bool:
    """Whether a text of that name is said by somebody, rather than being metadata."""
    return name.startswith("content of ") or name in (_TOOLS, ARGUMENTS) or _is_models(name)


def _is_models(name: str) -> bool:
    return name == INLINE_THOUGHT or is_listed(name)


def _is_lost(text: str, message: Mapping[str, Any], key: str) -> bool:
    """Whether it is a text under an unknown key, and is not printed."""
    value = message[key]
    if key in _METADATA or is_listed(key) or not isinstance(value, str):
        return False
    return bool(value.strip()) and not _stands(text, value.strip())


def _is_printed(text: str, value: Any) -> bool:
    """Whether every text in an argument is printed."""
    if isinstance(value, str):
        stands = not value.strip() or _stands(text, value.strip())
        return stands or _is_decoded(text, value)
    if isinstance(value, Mapping):
        return all(_is_printed(text, each) for each in [*value.values()][:_MOST_VALUES])
    if isinstance(value, list):
        return all(_is_printed(text, each) for each in value[:_MOST_VALUES])
    return True


def _is_decoded(text: str, value: str) -> bool:
    """Whether it is JSON, and the template prints its content."""
    try:
        decoded = json.loads(value)
    except (ValueError, RecursionError):
        return False
    return isinstance(decoded, (dict, list)) and _is_printed(text, decoded)


def _stands(text: str, wanted: str) -> bool:
    return any(each in text for each in spellings(wanted))
