"""Work on several files at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextvars import copy_context
from time import sleep
from typing import Final, TypeVar

from rewriter.confinement.workers import close, prepare

T = TypeVar("T")
R = TypeVar("R")

# In seconds. This is only waited for work that is being stopped.
_PAUSE: Final = 0.05


def side_by_side(work: Callable[[T], R], items: Sequence[T], jobs: int) -> Iterator[tuple[T, R]]:
    """Each item with the result of ``work``, as soon as it is known.

    Args:
        work: the function to call, which mostly waits for a process of its own.
        items: the items, in the order to start them.
        jobs: how many to work on at a time.

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
            # Work that had only just begun may have started a process since.
            while not all(each.done() for each in running):
                sleep(_PAUSE)
                close()
            raise
