"""Start the process of a worker: a fork of this one if that is safe, else a new process.

A fork has everything that this process has imported, which takes longer than many proofs. It is
safe if the process is our own and has no second thread that could hold a lock.
"""

from __future__ import annotations

import os
import pickle
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import IO, Final

from rewriter.confinement.serving import serve_forked

IS_OUR_OWN: ContextVar[bool] = ContextVar(
    "whether the process is this program's own", default=False
)
"""The command sets this; a library must not."""

# Unlike with multiprocessing, the user's main module does not run again.
_PROGRAM: Final = (
    "import pickle, sys; sys.path[:] = pickle.load(sys.stdin.buffer); "
    "from rewriter.confinement.serving import serve_spawned; serve_spawned()"
)


@dataclass(frozen=True, slots=True)
class Process:
    """A process that takes tasks and returns results; ``exit_code`` waits for its end."""

    tasks: IO[bytes]
    results: IO[bytes]
    kill: Callable[[], None]
    exit_code: Callable[[], int | None]

    def close(self) -> None:
        """End the process, and close everything that belongs to it."""
        self.kill()
        with suppress(BrokenPipeError):
            self.tasks.close()
        self.results.close()
        self.exit_code()


def can_fork() -> bool:
    """Whether a fork of this process is safe; macOS has libraries that do not survive one."""
    return sys.platform == "linux" and IS_OUR_OWN.get() and threading.active_count() == 1


def forked() -> Process:
    """Fork this process, with everything that it has imported."""
    from multiprocessing import get_context

    tasks, our_tasks = os.pipe()
    our_results, results = os.pipe()
    ours, theirs = (our_tasks, our_results), (tasks, results)
    process = get_context("fork").Process(target=serve_forked, args=(*theirs, ours), daemon=True)
    process.start()
    for each in theirs:
        os.close(each)

    def exit_code() -> int | None:
        process.join()
        return process.exitcode

    return Process(
        os.fdopen(our_tasks, "wb"), os.fdopen(our_results, "rb"), process.kill, exit_code
    )


def spawned() -> Process:
    """Start a new process, which has imported next to nothing."""
    import subprocess

    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1"},
        start_new_session=True,
    )
    assert process.stdin
    assert process.stdout
    with suppress(BrokenPipeError):  # the first task will fail and report it
        pickle.dump(sys.path, process.stdin)
    return Process(process.stdin, process.stdout, process.kill, process.wait)
