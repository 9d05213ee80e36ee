"""Several files worked on at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextvars import copy_context
from time import sleep
from typing import Final, TypeVar

from rewriter.confinement.workers import close, prepare

T = TypeVar("T")
R = TypeVar("R")

# In seconds; nothing is waited for that is not being stopped.
_PAUSE: Final = 0.05


def side_by_side(work: Callable[[T], R], items: Sequence[T], jobs: int) -> Iterator[tuple[T, R]]:
    """Each item with what ``work`` makes of it, as soon as that is known.

    Args:
        work: what is to be done; most of its time it waits for a process of its own.
        items: in the order in which they are begun.
        jobs: how many are worked on at a time.

    """
    workers = min(jobs, len(items))
    if workers <= 1:
        yield from ((item, work(item)) for item in items)
        return
    prepare(workers)
    with ThreadPoolExecutor(workers) as pool:
        running = {pool.submit(copy_context().run, work, item): item for item in items}
        try:
            for future in as_completed(running):
                yield running[future], future.result()
        except (KeyboardInterrupt, GeneratorExit):
            pool.shutdown(wait=False, cancel_futures=True)
            close()
            # What had only just begun may have begun a process since.
            while not all(each.done() for each in running):
                sleep(_PAUSE)
                close()
            raise
