"""Engines that run `batch` over a data set: ``datasets`` on one machine, Ray Data on several.

All yield figures chunk by chunk, in order, with the number of the chunk's first row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from rewriter import __version__
from rewriter.auditing.batch import FLAGS, NUMBERS, Rows, batch
from rewriter.auditing.columns import Columns, Row
from rewriter.auditing.limited_batch import limited_batch
from rewriter.auditing.training import Training
from rewriter.errors import BadInput
from rewriter.limits import Limits

if TYPE_CHECKING:
    from datasets import Dataset

Chunk: TypeAlias = tuple[int, Mapping[str, Sequence[Any]]]
Advance: TypeAlias = Callable[[int], object]

_BATCH: Final = 256
# The most rows that each process repeats after an interruption.
_CHUNK: Final = 16_384


@dataclass(frozen=True)
class Work:
    """The work on each row, and its limits."""

    training: Training
    columns: Columns
    limits: Limits | None = None

    def __call__(self, rows: Rows) -> dict[str, list[Any]]:
        """The figures of some rows."""
        if self.limits is None:
            return batch(rows, self.training, self.columns)
        return limited_batch(rows, self.training, self.columns, self.limits)

    @property
    def key(self) -> str:
        """A key that differs for any other work with other figures."""
        return f"{__version__} {self.training.key} {self.columns!r} {self.limits!r}"


def over_rows(rows: Iterable[Row], work: Work, advance: Advance) -> Iterator[Chunk]:
    """Work in this process, row by row: for lists and streams."""
    chunk: list[Row] = []
    first = 0
    for row in rows:
        chunk.append(row)
        if len(chunk) == _BATCH:
            yield first, work(chunk)
            advance(len(chunk))
            first, chunk = first + len(chunk), []
    if chunk:
        yield first, work(chunk)
        advance(len(chunk))


def over_dataset(
    dataset: Dataset, work: Work, advance: Advance, num_proc: int | None = None
) -> Iterator[Chunk]:
    """Work with ``datasets.map``, whose cache lets an interrupted run continue."""
    step = _CHUNK * (num_proc or 1)
    for first in range(0, len(dataset), step):
        rows = dataset.select(range(first, min(first + step, len(dataset))))
        yield first, _mapped(rows, work, advance, num_proc)


def _mapped(
    rows: Dataset, work: Work, advance: Advance, num_proc: int | None
) -> Mapping[str, Sequence[Any]]:
    key = sha256(f"{rows._fingerprint} {work.key}".encode(errors="surrogatepass"))  # noqa: SLF001
    cache = _cache_folder() / f"{key.hexdigest()[:32]}.arrow"
    done = 0

    def counted(columns: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
        nonlocal done
        figures = work(columns)
        done += len(figures["length"])
        advance(len(figures["length"]))
        return figures

    is_alone = (num_proc or 1) == 1
    figures = rows.map(
        counted if is_alone else work,
        batched=True,
        batch_size=_BATCH,
        remove_columns=rows.column_names,
        features=_features(),
        cache_file_name=str(cache),
        new_fingerprint=key.hexdigest()[:32],
        num_proc=None if is_alone else num_proc,
    )
    advance(len(rows) - done)
    columns: Mapping[str, Sequence[Any]] = figures[:]
    return columns


def _cache_folder() -> Path:
    from datasets import config

    folder = Path(config.HF_DATASETS_CACHE) / "rewriter-audit"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _features() -> Any:
    from datasets import Features, List, Value

    return Features(
        {
            **{name: Value("int64") for name in NUMBERS},
            **{str(name): Value("bool") for name in FLAGS},
            "reason": Value("string"),
            "unprinted": List(Value("string")),
            "roles": List(Value("string")),
        }
    )


def over_ray(dataset: Any, work: Work, advance: Advance) -> Iterator[Chunk]:
    """Work with Ray Data's ``map_batches``; ``dataset`` is from Ray or ``datasets``.

    Raises:
        BadInput: Ray is not installed.

    """
    try:
        import ray.data
    except ImportError as error:
        raise BadInput("Ray is not installed", hint="pip install 'ray[data]'") from error
    features = None
    if not isinstance(dataset, ray.data.Dataset):
        features = dataset.features
        dataset = ray.data.from_huggingface(dataset)
    # Keep the order: a row's number is its position.
    ray.data.DataContext.get_current().execution_options.preserve_order = True
    run = partial(_on_table, work, features)
    mapped = dataset.map_batches(run, batch_size=_BATCH, batch_format="pyarrow")
    first = 0
    for table in mapped.iter_batches(batch_size=_CHUNK, batch_format="pyarrow"):
        yield first, table.to_pydict()
        advance(len(table))
        first += len(table)


def _on_table(work: Work, features: Any, table: Any) -> Any:
    """The figures of a table's rows, as a table; ``features`` are their types in ``datasets``."""
    import pyarrow

    rows = table.to_pydict()
    figures = work(features.decode_batch(rows) if features else rows)
    return pyarrow.table(figures, schema=_features().arrow_schema)
