"""Open data in JSON, JSON lines, Parquet, Arrow, or a folder saved by `datasets`.

``datasets`` reads it, and keeps it on disk, so that no data is too large. A file that it cannot
read as one table is read line by line, so that errors can name single rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rewriter.auditing.columns import LINE
from rewriter.errors import BadInput

if TYPE_CHECKING:
    from datasets import Dataset

_BUILDERS: Final = {
    ".jsonl": "json",
    ".ndjson": "json",
    ".json": "json",
    ".parquet": "parquet",
    ".arrow": "arrow",
}
_SAVED: Final = ("state.json", "dataset_dict.json")
_KNOWN: Final = f"data is in {', '.join(_BUILDERS)}, or in a folder of these or that was saved"


@dataclass(frozen=True)
class Data:
    """Data that was opened.

    Attributes:
        name: its name.
        dataset: its rows.
        remarks: a sentence for each problem of the data as a whole.

    """

    name: str
    dataset: Dataset
    remarks: tuple[str, ...] = ()


def read_data(path: Path, split: str | None = None) -> Data:
    """The data in a file, or in a folder.

    Args:
        path: the file or folder.
        split: the split to read, if there are several.

    Raises:
        BadInput: it is not there, of no known kind, damaged, or has no such split.

    """
    check_data(path, split)
    try:
        import datasets
    except ImportError as error:
        hint = "pip install 'chat-template-rewriter[data]'"
        raise BadInput("datasets is not installed", name=str(path), hint=hint) from error
    if _is_saved(path):
        loaded = _attempted(lambda: datasets.load_from_disk(str(path)), path)
        return Data(str(path), _of_split(loaded, split, path))
    files = _files(path, split)
    builder = _BUILDERS[files[0].suffix.lower()]
    try:
        loaded = _loaded(builder, files)
    except BadInput as error:
        if builder != "json":
            raise
        return Data(str(path), _by_line(files), (f"it is not a table: {error.message}",))
    return Data(str(path), loaded)


def check_data(path: Path, split: str | None = None) -> None:
    """Check what can be known of the data without opening it.

    Raises:
        BadInput: it is not there, of no known kind, has no such split, or a pipe, a device or a
            socket is in its place, or among its files, where reading would never end.

    """
    if not path.exists():
        raise BadInput("no such file", name=str(path))
    if not path.is_dir():
        _check_regular([path])
    _check_regular(path.rglob("*") if _is_saved(path) else _files(path, split))


def _check_regular(paths: Iterable[Path]) -> None:
    for each in paths:
        if each.exists() and not (each.is_file() or each.is_dir()):
            raise BadInput("this is a pipe, a device or a socket, not a file", name=str(each))


def _is_saved(path: Path) -> bool:
    return path.is_dir() and any((path / name).exists() for name in _SAVED)


def _files(path: Path, split: str | None) -> list[Path]:
    """The files to read, all of one kind; of one split if it is named."""
    if path.is_file():
        if path.suffix.lower() not in _BUILDERS:
            raise BadInput(
                f"of no known kind: {path.suffix or 'no suffix'}", name=str(path), hint=_KNOWN
            )
        return [path]
    found = sorted(each for each in path.rglob("*") if each.suffix.lower() in _BUILDERS)
    if split:
        found = [
            each
            for each in found
            if split in (*each.relative_to(path).parts[:-1], *each.stem.split("-"))
        ]
    kinds = {_BUILDERS[each.suffix.lower()] for each in found}
    if len(kinds) != 1:
        what = (
            "no data in it" if not kinds else f"data of several kinds: {', '.join(sorted(kinds))}"
        )
        raise BadInput(what, name=str(path), hint=_KNOWN)
    return found


def _loaded(builder: str, files: list[Path]) -> Dataset:
    import datasets

    # datasets fails on a shard without rows, so skip it.
    files = [each for each in files if builder != "parquet" or _has_rows(each)]
    if not files:
        raise BadInput("there is no row in it")
    return _attempted(
        lambda: datasets.load_dataset(builder, data_files=[*map(str, files)], split="train"),
        files[0],
    )


def _has_rows(path: Path) -> bool:
    """Whether a Parquet file has rows; a damaged one is reported when it is loaded."""
    import pyarrow.parquet

    try:
        rows: int = pyarrow.parquet.read_metadata(path).num_rows
    except (OSError, ValueError):
        return True
    return rows > 0


def _attempted(load: Any, path: Path) -> Any:
    """Load the data; any error becomes bad input, in one line."""
    try:
        return load()
    except MemoryError:
        raise
    except Exception as error:
        cause = error
        while cause.__cause__ is not None and isinstance(cause.__cause__, Exception):
            cause = cause.__cause__
        said = str(cause).strip().split("\n")[0] or type(cause).__name__
        raise BadInput(f"cannot be read: {said[:300]}", name=str(path)) from error


def _of_split(loaded: Any, split: str | None, path: Path) -> Dataset:
    import datasets

    if isinstance(loaded, datasets.Dataset):
        return loaded
    if split is None and len(loaded) == 1:
        split = next(iter(loaded))
    if split not in loaded:
        hint = f"name one with --split: {', '.join(loaded)}"
        message = f"there is no split {split!r}" if split else "there are several splits"
        raise BadInput(message, name=str(path), hint=hint)
    found: Dataset = loaded[split]
    return found


def _by_line(files: list[Path]) -> Dataset:
    """Each line as a row of text; if the file is one list, each of its items."""
    import datasets

    if next(_lines([(str(each), 0, 0) for each in files]), None) is None:
        raise BadInput("there is no row in it", name=str(files[0]))
    # The fingerprint must change with the content of the files.
    states = [(str(each), each.stat().st_size, each.stat().st_mtime_ns) for each in files]
    features = datasets.Features({LINE: datasets.Value("string")})
    found: Dataset = datasets.Dataset.from_generator(
        _lines, features=features, gen_kwargs={"states": states}
    )
    return found


def _lines(states: list[tuple[str, int, int]]) -> Iterator[dict[str, str]]:
    for name, _, _ in states:
        with Path(name).open("rb") as file:
            items = _items(file.read()) if name.lower().endswith(".json") else None
            if items is None:
                file.seek(0)
                items = (line.decode("utf-8", errors="replace") for line in file)
            yield from ({LINE: each} for each in items if each.strip())


def _items(content: bytes) -> Iterator[str] | None:
    """The items of a file that is one list."""
    try:
        listed = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return map(json.dumps, listed) if isinstance(listed, list) else None
