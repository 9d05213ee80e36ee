"""Write the rows that a notice is about as JSON lines, with the reason."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any

from rewriter.errors import BadInput

if TYPE_CHECKING:
    from datasets import Dataset

    from rewriter.verification.notice import NoticeId


@dataclass
class OffendingRows:
    """A file that is written row by row, but put in place only once it is complete.

    Attributes:
        path: the file.
        chosen: the ids of the notices to write rows for.

    """

    path: Path
    chosen: frozenset[NoticeId]
    _stack: ExitStack = field(default_factory=ExitStack)
    _temporary: Path = Path()
    _file: IO[bytes] | None = None

    def __enter__(self) -> OffendingRows:
        from rewriter.carriers.files import make_folder
        from rewriter.carriers.temporary import temporary_beside

        make_folder(self.path.parent)
        try:
            self._temporary, self._file = self._stack.enter_context(temporary_beside(self.path))
        except OSError as error:
            raise BadInput(f"cannot be written: {error.strerror}", name=str(self.path)) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._stack:
            if kind is None and self._file is not None:
                self._file.flush()
                self._temporary.replace(self.path)

    def watch(
        self, name: str, dataset: Dataset, first: int, columns: Mapping[str, Sequence[Any]]
    ) -> None:
        """Write the rows of a chunk that a chosen notice is about.

        Args:
            name: the data set's name.
            dataset: the chunk's rows.
            first: the number of the chunk's first row.
            columns: the rows' figures.

        """
        flagged = {
            at
            for each in self.chosen & columns.keys()
            for at, is_so in enumerate(columns[each])
            if is_so
        }
        for at in sorted(flagged):
            figures = {column: values[at] for column, values in columns.items()}
            notices = sorted(each for each in self.chosen if figures.get(each))
            details = {
                key: figures[key] for key in ("reason", "unprinted", "roles") if figures[key]
            }
            self._write(
                {"data": name, "row": first + at + 1, "notices": notices, **details},
                dataset[first + at],
            )

    def _write(self, details: dict[str, Any], row: Any) -> None:
        if self._file is not None:
            line = json.dumps({**details, "content": row}, default=str)
            self._file.write(line.encode() + b"\n")
