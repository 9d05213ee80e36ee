"""Conversations in JSON files, to save a counterexample and replay it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from rewriter.carriers.files import decoded, encoded, read_bytes, write_all
from rewriter.errors import BadInput, Place
from rewriter.tracing.conversation import Conversation, are_messages

_EXPECTED: Final = (
    'a conversation is {"messages": [{"role": …, "content": …}, …]}, with whatever else it is '
    "rendered with beside the messages; or the messages alone; or several of these in a list"
)


def read_conversations(path: Path) -> tuple[Conversation, ...]:
    """The conversations in a file, which holds one or a list of them.

    Raises:
        BadInput: the file cannot be read, is not JSON, or holds something else.

    """
    text = decoded(read_bytes(path), str(path))
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        place = Place.at(text, error.pos)
        raise BadInput(f"not JSON: {error.msg}", name=str(path), place=place) from error
    except ValueError as error:
        # Python refuses to read numbers of more than a few thousand digits.
        raise BadInput(f"no conversation: {error}", name=str(path)) from error
    except RecursionError:
        raise BadInput("the JSON is nested too deeply to be read", name=str(path)) from None
    listed = data if isinstance(data, list) and data and not are_messages(data) else [data]
    return tuple(_conversation(each, str(path)) for each in listed)


def write_conversation(
    path: Path, conversation: Mapping[str, Any], before: bytes | None
) -> tuple[str, ...]:
    """Write one conversation so that `read_conversations` can read it.

    Args:
        path: the file.
        conversation: what `Conversation.as_json` gives.
        before: what the file holds, as `before_writing` has it.

    Returns:
        A sentence for each property of the file that could not be kept.

    Raises:
        BadInput: the file cannot be written, or has changed meanwhile; it is left untouched.

    """
    text = json.dumps(conversation, indent=2, ensure_ascii=False) + "\n"
    return write_all({path: encoded(text, "utf-8", str(path))}, {path: before})


def _conversation(data: object, name: str) -> Conversation:
    try:
        return Conversation.from_data(data)
    except ValueError as error:
        raise BadInput(str(error), name=name, hint=_EXPECTED) from error
