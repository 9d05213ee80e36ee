"""Messages as GitHub Actions annotations."""

from __future__ import annotations

from rewriter.report.message import Message


def annotation(message: Message) -> str:
    """The workflow command for a message, in one line."""
    place = message.place
    properties = {
        "file": message.path,
        "line": str(place.line) if place else "",
        "col": str(place.column) if place else "",
        "title": message.kind,
    }
    given = ",".join(f"{name}={_property(value)}" for name, value in properties.items() if value)
    text = f"{message.message}\n{message.hint}" if message.hint else message.message
    command = "notice" if message.level == "note" else message.level
    return f"::{command} {given}::{_escaped(text)}"


def _property(value: str) -> str:
    return _escaped(value).replace(":", "%3A").replace(",", "%2C")


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
