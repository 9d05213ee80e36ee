"""The progress of a long command."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


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
