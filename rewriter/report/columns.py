"""Texts side by side, where there is room for them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Final

from rich.text import Text

_BETWEEN: Final = " │ "


def beside(panels: Sequence[tuple[Text, Text]], width: int) -> list[Text]:
    """Each panel, a heading and a text, as a column; nothing where they do not fit.

    No line is folded or cut: a person compares them line by line.
    """
    columns = [[heading, *_lines(text)] for heading, text in panels]
    widths = [max(line.cell_len for line in column) for column in columns]
    if len(columns) < 2 or sum(widths) + len(_BETWEEN) * (len(columns) - 1) > width:
        return []
    return [_row(row, widths) for row in zip_longest(*columns, fillvalue=Text())]


def _lines(text: Text) -> list[Text]:
    # A tab is as wide as where it stands, so that no column after it would be straight.
    shown = text.copy()
    shown.plain = shown.plain.replace("\t", "␉")
    return list(shown.split("\n", allow_blank=True))


def _row(cells: Sequence[Text], widths: Sequence[int]) -> Text:
    padded = [cell.copy() for cell in cells]
    for cell, wide in zip(padded, widths, strict=True):
        cell.append(" " * (wide - cell.cell_len))
    row = Text(_BETWEEN).join(padded)
    row.rstrip()
    return row
