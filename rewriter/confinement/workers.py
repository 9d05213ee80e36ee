"""The workers of this process.

Starting one takes a moment, and importing what it needs takes longer. So workers are kept for later
calls. They are the only thing in this program that outlives a call.
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
"""Modules for most tasks, imported first so that they do not count towards a task's limits."""


@dataclass(slots=True)
class _Workers:
    idle: list[Worker] = field(default_factory=list)
    busy: list[Worker] = field(default_factory=list)


def confined(task: Callable[[], T], limits: Limits, needs: Sequence[str] = PROVING) -> T:
    """Do ``task`` in a process of its own, which is stopped at the limits.

    Args:
        task: a function of a module, or a ``partial`` of one.
        limits: the limits for the task.
        needs: modules to import before its time starts.

    Raises:
        Stopped: it exceeded a limit, or the process died.
        InternalError: it raised something other than a `RewriteError`.

    """
    with _worker(needs) as worker:
        return worker.work(task, limits, needs)


def prepare(count: int) -> None:
    """Start ``count`` workers that can prove, while this process goes on."""
    workers = _workers(os.getpid())
    for worker in workers.idle:
        worker.prepare(PROVING)
    while len(workers.idle) < count:
        workers.idle.append(Worker(PROVING))


def close() -> None:
    """Stop every worker, even busy ones: their callers get an error."""
    workers = _workers(os.getpid())
    for worker in (*workers.busy, *workers.idle):
        worker.kill()
    workers.idle.clear()


@cache
def _workers(_process: int) -> _Workers:
    """The workers of this process; a fork must not use those of its parent."""
    atexit.register(close)
    return _Workers()


@contextmanager
def _worker(needs: Sequence[str]) -> Iterator[Worker]:
    """Borrow an idle worker; one that was stopped is not used again."""
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
        workers.idle.append(worker)  # the task failed, not the worker
        raise
    else:
        workers.idle.append(worker)
    finally:
        workers.busy.remove(worker)
