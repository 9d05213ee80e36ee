"""The progress bar of a long command: on stderr, if that is a terminal, after a second."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Final

from rewriter.cli.streams import QUIET

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn, Task, TaskID
    from rich.text import Text

# A shorter command needs no bar.
_SECONDS: Final = 1.0


@dataclass(slots=True)
class Bar:
    """A bar that shows how many files are done, and the name of the last."""

    _shown: Progress
    _task: TaskID
    _ended: Event = field(default_factory=Event)
    _lock: Lock = field(default_factory=Lock)

    def advance(self, name: str) -> None:
        """Count one more file, ``name``, as done."""
        self._shown.update(self._task, advance=1, description=name)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Hide the bar while something is printed."""
        with self._lock:
            was_shown = self._shown.live.is_started
            self._shown.stop()
            yield
            if was_shown:
                self._shown.start()

    def show_after(self, seconds: float) -> None:
        """Show the bar after some seconds, unless it has ended by then."""
        self._ended.wait(seconds)
        with self._lock:
            if not self._ended.is_set():
                self._shown.start()

    def end(self) -> None:
        """Remove the bar for good."""
        self._ended.set()
        with self._lock:
            self._shown.stop()


@contextmanager
def progress(total: int, what: str = "rewriting") -> Iterator[Bar]:
    """A bar for ``total`` files, or a spinner for one; nothing if stderr is not a terminal."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    name = TextColumn("{task.description}", markup=False)
    counted = (BarColumn(), MofNCompleteColumn()) if total > 1 else ()
    shown = _progress(SpinnerColumn(), name, *counted, TimeElapsedColumn())
    bar = Bar(shown, shown.add_task(what, total=total))
    waiting = Thread(target=bar.show_after, args=(_SECONDS,), daemon=True)
    if not shown.disable:
        waiting.start()
    try:
        yield bar
    finally:
        bar.end()
        if not shown.disable:
            waiting.join()


@contextmanager
def row_progress(name: str, rows: int) -> Iterator[Callable[[int], None]]:
    """A bar for rows, with the rate and the remaining time.

    Yields:
        the function to call with the number of rows that have been done since the last call.

    """
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        ProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        """Rows a second."""

        def render(self, task: Task) -> Text:
            speed = task.finished_speed or task.speed
            return Text(f"{speed:,.0f} rows/s" if speed else "… rows/s")

    described = TextColumn("{task.description}")
    left = TimeRemainingColumn()
    with _progress(described, BarColumn(), MofNCompleteColumn(), Rate(), left) as bar:
        task = bar.add_task(name, total=rows)
        yield lambda done: bar.advance(task, done)


def _progress(*columns: ProgressColumn) -> Progress:
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    hidden = QUIET.get() or not console.is_interactive
    return Progress(*columns, console=console, transient=True, disable=hidden)
