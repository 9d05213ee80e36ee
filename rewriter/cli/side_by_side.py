"""Work on several files at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextvars import copy_context
from threading import Thread
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
        # An interruption may come while the first work is done and the last not yet submitted.
        try:
            running = {pool.submit(copy_context().run, work, item): item for item in items}
            for future in as_completed(running):
                yield running[future], future.result()
        except (KeyboardInterrupt, GeneratorExit):
            stopping = Thread(target=pool.shutdown, kwargs={"cancel_futures": True})
            stopping.start()
            # Work that had only just begun may start a process later.
            while stopping.is_alive():
                close()
                stopping.join(_PAUSE)
            raise
