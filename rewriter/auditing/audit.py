"""Audit one data set: guess its columns, run an engine, and add up the figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, Literal

from rewriter.auditing.columns import Columns, Row
from rewriter.auditing.engines import Advance, Chunk, Work, over_dataset, over_ray, over_rows
from rewriter.auditing.figures import Figures
from rewriter.auditing.guessed_columns import LOOKED_AT, guessed_columns
from rewriter.auditing.training import Training
from rewriter.limits import Limits

Engine = Literal["datasets", "ray"]
Watch = Callable[[int, Mapping[str, Any]], object]


@dataclass(frozen=True)
class Audit:
    """What training on one data set would see.

    Attributes:
        name: the data set's name.
        training: the template and tokenizer that it would be trained with.
        columns: the columns of its conversations.
        figures: the figures.
        remarks: a sentence for each problem of the data as a whole.

    """

    name: str
    training: Training
    columns: Columns
    figures: Figures
    remarks: tuple[str, ...] = ()


def audited(
    dataset: Any,
    training: Training,
    *,
    name: str = "data",
    columns: Columns | None = None,
    given: Mapping[str, str] | None = None,
    roles: Mapping[str, str] | None = None,
    engine: Engine = "datasets",
    num_proc: int | None = None,
    limits: Limits | None = None,
    advance: Advance = lambda _: None,
    watch: Watch | None = None,
) -> Audit:
    """Run `batch` over a data set, and add up the results.

    Args:
        dataset: a data set of ``datasets`` or Ray, or any iterable of rows.
        training: the template and tokenizer that it would be trained with.
        name: the data set's name.
        columns: the columns of the conversations; guessed if ``None``.
        given: names of columns that need not be guessed.
        roles: new names for roles, by the names in the data.
        engine: the engine that runs `batch`.
        num_proc: how many processes ``datasets`` uses.
        limits: the limits for a row; ``None`` for no limits, in the engine's own processes.
        advance: called with the number of rows done since the last call.
        watch: called for each chunk, with the number of its first row and its columns of figures.

    Raises:
        BadInput: no column holds messages, or what the engine needs is not installed.

    """
    # A stream can only be read once.
    rows = dataset if _is_rays(dataset) or _is_dataset(dataset) else iter(dataset)
    if columns is None:
        names, looked_at, rows = _looked_at(rows)
        columns = guessed_columns(names, looked_at, given or {}, roles or {})
    figures = Figures()
    for first, found in _chunks(rows, Work(training, columns, limits), engine, num_proc, advance):
        figures += Figures.of(found, first)
        if watch:
            watch(first, found)
    return Audit(name, training, columns, figures)


def _chunks(
    rows: Any, work: Work, engine: Engine, num_proc: int | None, advance: Advance
) -> Iterator[Chunk]:
    if engine == "ray" or _is_rays(rows):
        return over_ray(rows, work, advance)
    if _is_dataset(rows):
        return over_dataset(rows, work, advance, num_proc)
    return over_rows(rows, work, advance)


def _is_rays(dataset: Any) -> bool:
    return hasattr(dataset, "map_batches")


def _is_dataset(dataset: Any) -> bool:
    return hasattr(dataset, "select") and hasattr(dataset, "column_names")


def _looked_at(rows: Any) -> tuple[list[str], list[Row], Any]:
    """The names of the columns, the first rows, and all rows, including the first."""
    if _is_rays(rows):
        looked_at = rows.take(LOOKED_AT)
        return list(rows.columns() or ()), looked_at, rows
    if _is_dataset(rows):
        return list(rows.column_names), list(islice(rows, LOOKED_AT)), rows
    looked_at = list(islice(rows, LOOKED_AT))
    names = dict.fromkeys(name for row in looked_at if isinstance(row, Mapping) for name in row)
    return list(names), looked_at, chain(looked_at, rows)
