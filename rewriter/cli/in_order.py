"""Work on several files with a progress bar, and print the messages about each together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import click

from rewriter.cli.held_back import held_back
from rewriter.cli.progress import progress
from rewriter.cli.side_by_side import side_by_side

T = TypeVar("T")
R = TypeVar("R")


def in_order(
    work: Callable[[T], R],
    items: Sequence[T],
    *,
    what: str,
    name: Callable[[T], str],
    jobs: int = 1,
) -> list[R]:
    """The result for each item, in order; the messages about an item are printed when it is done.

    Args:
        work: the function to call with each item.
        items: the items.
        what: what is being done, which the bar shows until the first item is done.
        name: gives an item's name, for the bar.
        jobs: how many items to work on at a time.

    """
    context = click.get_current_context()

    def worked(number: int) -> tuple[R, list[Callable[[], None]]]:
        # click's context belongs to one thread.
        with context.scope(cleanup=False), held_back() as said:
            return work(items[number]), said

    done: list[R] = []
    waiting: dict[int, tuple[R, list[Callable[[], None]]]] = {}
    with progress(len(items), what) as bar:
        for number, result in side_by_side(worked, range(len(items)), jobs):
            waiting[number] = result
            bar.advance(name(items[number]))
            with bar.aside():
                while len(done) in waiting:
                    value, said = waiting.pop(len(done))
                    done.append(value)
                    for say in said:
                        say()
    return done
