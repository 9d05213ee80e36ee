"""What a worker's process runs: it takes one task after another and sends back what comes of it."""

from __future__ import annotations

import gc
import os
import sys
import traceback
from collections.abc import Callable
from importlib import import_module
from typing import IO, Any, Final

from rewriter.confinement.bounds import bounded
from rewriter.confinement.messages import received, send
from rewriter.limits import Limits

# Imported before the first task, so that it does not count as that one's time or memory.
_NEEDS: Final = (
    "rewriter.api",
    "rewriter.verification.check",
    "transformers.utils.chat_template_utils",
)


READY: Final = "ready"
# So many new objects, rather than 700.
_COLLECTED_EVERY: Final = 20_000


class OutOfMemory(Exception):
    """A task asked for more memory than it may take, or than there is."""


def serve() -> None:
    """Say when ready, and work until nobody is left who could send a task."""
    tasks, results = sys.stdin.buffer, _kept_for_results()
    for module in _NEEDS:
        import_module(module)
    # What is imported stays, and trees leave few cycles: to look at all of them again and again
    # takes a tenth of the time. The process is this program's own, so nobody else is affected.
    gc.freeze()
    gc.set_threshold(_COLLECTED_EVERY, *gc.get_threshold()[1:])
    send(READY, results)
    while True:
        try:
            task, limits = received(tasks)
        except EOFError:
            return
        outcome = _outcome(task, limits)
        try:
            send(outcome, results)
        except TypeError as error:
            send((False, error), results)


def _kept_for_results() -> IO[bytes]:
    """The output, where whatever prints cannot reach it any more."""
    results = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return results


def _outcome(task: Callable[[], Any], limits: Limits) -> tuple[bool, Any]:
    """Whether the task returned, and what; or else what it raised."""
    try:
        with bounded(limits):
            return True, task()
    except MemoryError:
        return False, OutOfMemory()
    except Exception as error:  # noqa: BLE001 — it is raised where the task came from
        error.add_note(traceback.format_exc())
        return False, error
