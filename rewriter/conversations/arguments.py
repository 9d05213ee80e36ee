"""Conversations with tool arguments as text."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from rewriter.tracing.conversation import Conversation
from rewriter.tracing.installed_transformers import prepared


def with_arguments_as_text(conversation: Conversation) -> Conversation | None:
    """The same, with each object of arguments as JSON text; ``None`` if there is no such object.

    The text is written as by transformers' ``tojson``.
    """
    messages = prepared(conversation.messages)
    written = [_message(message) for message in messages]
    return replace(conversation, messages=tuple(written)) if written != messages else None


def _message(message: dict[str, Any]) -> dict[str, Any]:
    calls = message.get("tool_calls")
    return (
        {**message, "tool_calls": list(map(_call, calls))} if isinstance(calls, list) else message
    )


def _call(call: Any) -> Any:
    if not isinstance(call, dict):
        return call
    if isinstance(call.get("function"), dict):
        return {**call, "function": _call(call["function"])}
    if isinstance(call.get("arguments"), dict):
        return {**call, "arguments": json.dumps(call["arguments"], ensure_ascii=False)}
    return call
