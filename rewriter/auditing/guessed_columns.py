"""Guess columns from their names, and from the first rows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from rewriter.auditing.columns import LINE, Columns, Row
from rewriter.errors import BadInput

# How many rows to look at.
LOOKED_AT: Final = 20
# Usual names; the first that a data set has is taken.
_CALLED: Final[Mapping[str, tuple[str, ...]]] = {
    "messages": ("messages", "conversations", "conversation", "dialogue", "dialog", "chat"),
    "prompt": ("prompt",),
    "completion": ("completion",),
    "tools": ("tools", "functions"),
    "flags": ("chat_template_kwargs",),
    "role": ("role", "from"),
    "content": ("content", "value"),
}
# ShareGPT's names of roles.
_SHAREGPT: Final = MappingProxyType({"human": "user", "gpt": "assistant"})


def guessed_columns(
    names: Iterable[str], rows: Sequence[Row], given: Mapping[str, str], roles: Mapping[str, str]
) -> Columns:
    """The columns of a data set; those that are not given are guessed.

    Args:
        names: the names of its columns.
        rows: some of its rows.
        given: names of columns and keys, by the names of the attributes of `Columns`.
        roles: new names for roles, in addition to those for ShareGPT's.

    Raises:
        BadInput: no column holds messages, or a column that was given is not there.

    """
    names = tuple(names)
    packed = LINE if names == (LINE,) else ""
    if packed:
        rows = [row for each in rows if isinstance(row := _tried(each[packed]), Mapping)]
        names = tuple(dict.fromkeys(name for row in rows for name in row))
    _check(given, names, is_known=not packed)
    parted = "messages" not in given and ("prompt" in given or "completion" in given)
    messages = "" if parted else given.get("messages") or _messages_column(names, rows)
    wanted = ("tools", "flags") if messages else ("prompt", "completion", "tools", "flags")
    found: dict[str, Any] = {
        what: given.get(what) or _first(_CALLED[what], names) for what in wanted
    }
    if not messages and not (found["prompt"] and found["completion"]):
        raise _no_messages(names)
    columns = replace(Columns(messages=messages, packed=packed), **found)
    return _spelled(columns, rows, given, roles)


def _spelled(
    columns: Columns, rows: Sequence[Row], given: Mapping[str, str], roles: Mapping[str, str]
) -> Columns:
    """The columns, with the keys of their messages."""
    messages = [each for row in rows for each in _maps(row, columns)]
    keys = {key for message in messages for key in message}
    spelled = {what: given.get(what) or _first(_CALLED[what], keys) for what in ("role", "content")}
    is_sharegpt = spelled["role"] == "from"
    return replace(
        columns,
        role=spelled["role"] or "role",
        content=spelled["content"] or "content",
        roles={**(_SHAREGPT if is_sharegpt else {}), **roles},
    )


def _maps(row: Row, columns: Columns) -> Iterator[Mapping[str, Any]]:
    for column in (columns.messages, columns.prompt, columns.completion):
        value = row.get(column) if column else None
        if isinstance(value, str):
            value = _tried(value)
        if isinstance(value, list):
            yield from (each for each in value if isinstance(each, Mapping))


def _check(columns: Mapping[str, str], names: Sequence[str], *, is_known: bool) -> None:
    for what, name in columns.items():
        if what not in _CALLED:
            raise BadInput(f"there is no {what!r} to map", hint=f"there are {', '.join(_CALLED)}")
        if is_known and what not in ("role", "content") and name not in names:
            raise BadInput(f"there is no column {name!r}", hint=f"there are {', '.join(names)}")


def _messages_column(names: Sequence[str], rows: Sequence[Row]) -> str:
    called = _first(_CALLED["messages"], names)
    if called:
        return called
    if {"prompt", "completion"} <= {*names}:
        return ""
    for name in names:
        values = [row.get(name) for row in rows]
        if any(isinstance(v, list) and v and _is_like_message(v[0]) for v in values):
            return name
    return ""


def _is_like_message(value: Any) -> bool:
    return isinstance(value, Mapping) and any(key in value for key in _CALLED["role"])


def _no_messages(names: Sequence[str]) -> BadInput:
    return BadInput(
        f"no column holds messages; there are {', '.join(map(repr, names[:20])) or 'none'}",
        hint="name it, as in --column messages=NAME, or prompt=NAME and completion=NAME",
    )


def _first(wanted: Iterable[str], names: Iterable[str]) -> str:
    names = {*names}
    return next((name for name in wanted if name in names), "")


def _tried(value: Any) -> Any:
    try:
        return json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return None
