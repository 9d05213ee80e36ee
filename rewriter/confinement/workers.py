"""The workers of this process.

To start one takes a moment, and more until it has imported what it needs. So they are kept for
the calls to come, and are the one thing in this program that outlives a call.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TypeVar

from rewriter.confinement.worker import Worker
from rewriter.errors import Stopped
from rewriter.limits import Limits

T = TypeVar("T")


@dataclass(slots=True)
class _Workers:
    idle: list[Worker] = field(default_factory=list)
    busy: list[Worker] = field(default_factory=list)


def confined(task: Callable[[], T], limits: Limits) -> T:
    """What ``task`` returns or raises, in a process of its own that is stopped at the limits.

    Args:
        task: a function of a module, or a ``partial`` of one.
        limits: what it may take.

    Raises:
        Stopped: it went over a limit, or the process died.

    """
    with _worker() as worker:
        return worker.work(task, limits)


def prepare(count: int) -> None:
    """Start so many workers, while this process does something else."""
    workers = _workers(os.getpid())
    while len(workers.idle) < count:
        workers.idle.append(Worker())


def close() -> None:
    """Stop every worker, also those at work: whoever waits for one gets an error."""
    workers = _workers(os.getpid())
    for worker in (*workers.busy, *workers.idle):
        worker.kill()
    workers.idle.clear()


@cache
def _workers(_process: int) -> _Workers:
    """Those of a process that this one was forked from are not this one's to use."""
    atexit.register(close)
    return _Workers()


@contextmanager
def _worker() -> Iterator[Worker]:
    """A worker that has nothing else to do; one that was stopped is not used again."""
    workers = _workers(os.getpid())
    try:
        worker = workers.idle.pop()
    except IndexError:
        worker = Worker()
    workers.busy.append(worker)
    try:
        yield worker
    except (Stopped, KeyboardInterrupt, SystemExit):
        worker.kill()
        raise
    except Exception:
        workers.idle.append(worker)  # it was the task that failed
        raise
    else:
        workers.idle.append(worker)
    finally:
        workers.busy.remove(worker)
