"""Limit the memory and processor time of this process for a while."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rewriter.limits import Limits

# Of the two time limits, the one in whole seconds is a fallback if the other is disabled.
_GRACE: Final = 2
# How many times the limit of processor time the work may take in wall-clock time: other programs
# may need the processors too, and a verdict must not depend on them.
_PATIENCE: Final = 10
_STATM: Final = Path("/proc/self/statm")
_DATA_PAGES: Final = 5

if sys.platform == "win32":
    TIME_IS_UP: Final = frozenset[int]()

    def seconds_to_wait(limits: Limits) -> float | None:
        """How long to wait for the work by the clock on the wall."""
        return limits.seconds

    @contextmanager
    def bounded(_: Limits) -> Iterator[None]:
        """Set no limits: there are none for memory here, and the caller limits the time."""
        yield

else:
    import resource
    import signal

    TIME_IS_UP: Final = frozenset({-signal.SIGPROF, -signal.SIGXCPU})
    """The exit codes of a process that exceeded its processor time."""

    def seconds_to_wait(limits: Limits) -> float | None:
        """How long to wait for the work by the clock on the wall."""
        return None if limits.seconds is None else limits.seconds * _PATIENCE

    @contextmanager
    def bounded(limits: Limits) -> Iterator[None]:
        """Limit memory and processor time; the process ends when its time is up."""
        with (
            _timed(limits.seconds),
            _lowered(resource.RLIMIT_CPU, _processor_seconds(limits)),
            _lowered(resource.RLIMIT_DATA, _data_bytes(limits)),
        ):
            yield

    @contextmanager
    def _timed(seconds: float | None) -> Iterator[None]:
        signal.setitimer(signal.ITIMER_PROF, seconds or 0)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)

    @contextmanager
    def _lowered(what: int, limit: int | None) -> Iterator[None]:
        before, most = resource.getrlimit(what)
        bounds = [each for each in (limit, before, most) if each is not None]
        finite = [each for each in bounds if each != resource.RLIM_INFINITY]
        resource.setrlimit(what, (min(finite, default=before), most))
        try:
            yield
        finally:
            resource.setrlimit(what, (before, most))

    def _processor_seconds(limits: Limits) -> int | None:
        if limits.seconds is None:
            return None
        used = resource.getrusage(resource.RUSAGE_SELF)
        return int(used.ru_utime + used.ru_stime + limits.seconds) + _GRACE

    def _data_bytes(limits: Limits) -> int | None:
        """The memory that the process has now, plus that for the work."""
        if limits.megabytes is None or not _STATM.exists():
            return None
        pages = int(_STATM.read_text().split()[_DATA_PAGES])
        return pages * resource.getpagesize() + int(limits.megabytes * 2**20)
