"""Unified diffs of two texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.text import Text

_STYLES = {"+++": "bold", "---": "bold", "@@": "cyan", "+": "green", "-": "red"}


def unified_diff(before: str, after: str, old_name: str, new_name: str) -> str:
    """The unified diff from ``before`` to ``after``; an empty string where they are equal.

    Only a line feed ends a line, and a missing final newline is marked, as in ``patch`` and git.
    """
    from difflib import unified_diff as compared

    lines = compared(_lines(before), _lines(after), old_name, new_name)
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def coloured(diff: str) -> Text:
    """The diff for a terminal."""
    from rich.text import Text

    return Text().join(Text(line, style=_style(line)) for line in _lines(diff))


def _lines(text: str) -> list[str]:
    *whole, rest = text.split("\n")
    return [f"{line}\n" for line in whole] + ([rest] if rest else [])


def _style(line: str) -> str:
    return next((style for start, style in _STYLES.items() if line.startswith(start)), "")
