"""The workers of this process.

To start one takes a moment, and more until it has imported what it needs. So they are kept for
the calls to come, and are the one thing in this program that outlives a call.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Final, TypeVar

from rewriter.confinement.worker import Worker
from rewriter.errors import Stopped
from rewriter.limits import Limits

T = TypeVar("T")

PROVING: Final = (
    "rewriter.api",
    "rewriter.verification.check",
    "transformers.utils.chat_template_utils",
)
"""What most tasks need: imported before the first, it is not that one's time or memory."""


@dataclass(slots=True)
class _Workers:
    idle: list[Worker] = field(default_factory=list)
    busy: list[Worker] = field(default_factory=list)


def confined(task: Callable[[], T], limits: Limits, needs: Sequence[str] = PROVING) -> T:
    """What ``task`` returns or raises, in a process of its own that is stopped at the limits.

    Args:
        task: a function of a module, or a ``partial`` of one.
        limits: what it may take.
        needs: modules that are imported before its time begins.

    Raises:
        Stopped: it went over a limit, or the process died.
        InternalError: it raised something that is no `RewriteError`.

    """
    with _worker(needs) as worker:
        return worker.work(task, limits, needs)


def prepare(count: int) -> None:
    """Start so many workers that can prove, while this process does something else."""
    workers = _workers(os.getpid())
    for worker in workers.idle:
        worker.prepare(PROVING)
    while len(workers.idle) < count:
        workers.idle.append(Worker(PROVING))


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
def _worker(needs: Sequence[str]) -> Iterator[Worker]:
    """A worker that has nothing else to do; one that was stopped is not used again."""
    workers = _workers(os.getpid())
    try:
        worker = workers.idle.pop()
    except IndexError:
        worker = Worker(needs)
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
