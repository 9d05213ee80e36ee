"""Show texts side by side, or one above the other, without uninteresting lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, groupby, zip_longest
from typing import Final, TypeAlias

from rich.cells import chop_cells
from rich.text import Text

_BETWEEN: Final = " │ "
# A narrower column is hard to read.
_NARROWEST: Final = 24
# How many plain lines to show before and after lines that are marked or differ.
_CONTEXT: Final = 2

# A panel: a heading and a text.
Panel: TypeAlias = tuple[Text, Text]
# A row: one line of each text; empty after its end.
Row: TypeAlias = tuple[Text | None, ...]


def in_columns(panels: Sequence[Panel], width: int) -> list[Text]:
    """Each panel as a column; ``None`` for a single panel, or without room for two.

    A line that is too long continues below, in its column, so that lines can be compared.
    """
    if len(panels) < 2:
        return []
    rows = list(_rows(panels))
    columns = zip(*rows, strict=True)
    widths = [max(cell.cell_len if cell else 0 for cell in column) for column in columns]
    room = width - len(_BETWEEN) * (len(panels) - 1)
    if sum(widths) > room:
        widths = [room // len(panels)] * len(panels)
        if widths[0] < _NARROWEST:
            return []
    return [line for row in rows for line in _lines_of(row, widths)]


def stacked(panels: Sequence[Panel]) -> list[Text]:
    """Each panel below the one before it."""
    columns = zip(*_rows(panels), strict=True)
    return [cell for column in columns for cell in column if cell is not None]


def _rows(panels: Sequence[Panel]) -> Iterator[Row]:
    """The headings, then the lines of all texts, without uninteresting ones."""
    yield tuple(heading for heading, _ in panels)
    rows = list(zip_longest(*(_lines(text) for _, text in panels)))
    marked = [number for number, row in enumerate(rows) if _tells(row)]
    shown = {near for at in marked for near in range(at - _CONTEXT, at + _CONTEXT + 1)}
    for kept, group in groupby(enumerate(rows), lambda pair: pair[0] in shown):
        found = [row for _, row in group]
        if kept or len(found) == 1 or not marked:
            yield from found
        else:
            yield (Text(f"⋮ {len(found)} lines", style="dim"),) * len(panels)


def _tells(row: Row) -> bool:
    """Whether a row is marked, or its lines differ."""
    first = None if row[0] is None else row[0].plain
    return any(cell is None or cell.spans or cell.plain != first for cell in row)


def _lines(text: Text) -> list[Text]:
    # A tab's width depends on its position, so it would misalign the columns after it.
    shown = text.copy()
    shown.plain = shown.plain.replace("\t", "␉")
    return list(shown.split("\n", allow_blank=True))


def _lines_of(row: Row, widths: Sequence[int]) -> Iterator[Text]:
    folded = [_folded(cell, wide) for cell, wide in zip(row, widths, strict=True)]
    for cells in zip_longest(*folded, fillvalue=Text()):
        yield _joined(cells, widths)


def _folded(cell: Text | None, wide: int) -> list[Text]:
    if cell is None or cell.cell_len <= wide:
        return [cell or Text()]
    *parts, _ = chop_cells(cell.plain, wide)
    return list(cell.divide(accumulate(map(len, parts))))


def _joined(cells: Sequence[Text], widths: Sequence[int]) -> Text:
    padded = [cell.copy() for cell in cells]
    for cell, wide in zip(padded, widths, strict=True):
        cell.append(" " * (wide - cell.cell_len))
    row = Text(_BETWEEN).join(padded)
    row.rstrip()
    return row
