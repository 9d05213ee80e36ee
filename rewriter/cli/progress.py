"""The progress of a long command."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Task
    from rich.text import Text


@contextmanager
def progress(total: int) -> Iterator[Callable[[str], None]]:
    """A bar on stderr where that is a terminal, and nothing elsewhere.

    Yields:
        what to call, with its name, when one of the ``total`` is done.

    """
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("rewriting", total=total)
        yield lambda name: bar.update(task, advance=1, description=name)


@contextmanager
def row_progress(name: str, rows: int) -> Iterator[Callable[[int], None]]:
    """A bar likewise, with how many rows a second are done and how long the rest will take.

    Yields:
        what to call when so many more of the ``rows`` are done.

    """
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
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

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate())
    left = TimeRemainingColumn()
    disable = not console.is_terminal
    with Progress(*columns, left, console=console, transient=True, disable=disable) as bar:
        task = bar.add_task(name, total=rows)
        yield lambda done: bar.advance(task, done)
