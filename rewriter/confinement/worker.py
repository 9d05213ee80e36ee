"""One worker: a process that does one task at a time, and can be stopped in the midst of it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pickle import UnpicklingError
from threading import Event, Timer
from typing import Final, TypeVar

from rewriter.confinement.messages import received, send
from rewriter.confinement.serving import READY, OutOfMemory
from rewriter.errors import Stopped
from rewriter.limits import Limits

T = TypeVar("T")

# Unlike multiprocessing's, such a process does not run the user's main module again.
_PROGRAM: Final = (
    "import pickle, sys; sys.path[:] = pickle.load(sys.stdin.buffer); "
    "from rewriter.confinement.serving import serve; serve()"
)


class Worker:
    """One process, which starts at once and imports what tasks need.

    It never sees Ctrl-C: that is for this process, after which it is for this one to stop it.
    """

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1"},
            start_new_session=True,
        )
        assert self._process.stdin
        assert self._process.stdout
        self._tasks, self._results = self._process.stdin, self._process.stdout
        send(sys.path, self._tasks)
        self._ready = False

    def work(self, task: Callable[[], T], limits: Limits) -> T:
        """What the task returns or raises.

        Raises:
            Stopped: it went over a limit, or the process died; there is no use for it any more.

        """
        self._wait_until_ready()
        overdue = Event()
        clock = Timer(limits.seconds or 0, self._stop, [overdue])
        clock.daemon = True
        if limits.seconds is not None:
            clock.start()
        try:
            send((task, limits), self._tasks)
            returned, result = received(self._results)
        except (EOFError, BrokenPipeError, UnpicklingError):
            raise (_out_of_time(limits) if overdue.is_set() else _died()) from None
        finally:
            clock.cancel()
        if overdue.is_set():
            raise _out_of_time(limits)
        if returned:
            return result  # type: ignore[no-any-return]
        raise _out_of_memory(limits) if isinstance(result, OutOfMemory) else result

    def _wait_until_ready(self) -> None:
        """So that its own start is nobody's time."""
        try:
            self._ready = self._ready or received(self._results) == READY
        except EOFError:
            raise _died() from None

    def _stop(self, overdue: Event) -> None:
        overdue.set()
        self._process.kill()

    def kill(self) -> None:
        """End it now, whatever it does."""
        self._process.kill()
        with suppress(BrokenPipeError), self._process:
            pass


def _out_of_time(limits: Limits) -> Stopped:
    return Stopped(
        f"the work on this template was stopped after {limits.seconds:g} s",
        limit=f"{limits.seconds:g} s",
        hint="it may never end; if it only needs longer, allow more (--time-limit)",
    )


def _out_of_memory(limits: Limits) -> Stopped:
    allowed = f"{limits.megabytes} MB" if limits.megabytes else "all memory"
    return Stopped(
        f"the work on this template took more than {allowed}",
        limit=allowed,
        hint="it may print without end; if it only needs more, allow it (--memory-limit)",
    )


def _died() -> Stopped:
    return Stopped(
        "the process that worked on this template died",
        limit="died",
        hint="a template that is nested without end does this, or a machine short of memory",
    )
