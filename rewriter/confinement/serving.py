"""What a worker's process runs: it takes one task after another and sends back what comes of it."""

from __future__ import annotations

import gc
import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from queue import SimpleQueue
from threading import Thread
from typing import IO, Any, Final, TypeAlias

from rewriter.confinement.bounds import bounded
from rewriter.confinement.messages import received, send
from rewriter.errors import RewriteError
from rewriter.internal_error import InternalError, frames_of
from rewriter.limits import Limits

READY: Final = "ready"
# Garbage is looked for among the new once there are so many, rather than 700 of them; among those
# that outlived it after so many times, rather than 10.
_COLLECTED_EVERY: Final = 20_000
_AGED_AFTER: Final = 50


@dataclass(frozen=True, slots=True)
class Modules:
    """What is to be imported, so that it is no task's time or memory."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be done, and what it may take."""

    work: Callable[[], Any]
    limits: Limits


_Message: TypeAlias = Modules | Task


class OutOfMemory(Exception):
    """A task asked for more memory than it may take, or than there is."""


class TooDeep(Exception):
    """A task called itself more often than Python allows."""


def serve() -> None:
    """Import what is named, do what is asked, one after another, and send back what comes of it."""
    tasks, results = sys.stdin.buffer, _kept_for_results()
    messages: SimpleQueue[_Message] = SimpleQueue()
    Thread(target=_receive, args=(tasks, messages), daemon=True).start()
    while True:
        match messages.get():
            case Task(task, limits):
                _answer(_outcome(task, limits), results)
            case Modules(names):
                for name in names:
                    import_module(name)
                collect_seldom()
                send(READY, results)


def collect_seldom() -> None:
    """Look for garbage less often than Python does.

    What is imported stays, and trees leave few cycles: to look at all of them again and again takes
    a fifth of the time. The process is this program's own, so nobody else is affected.
    """
    gc.freeze()
    gc.set_threshold(_COLLECTED_EVERY, _AGED_AFTER)


def _receive(tasks: IO[bytes], messages: SimpleQueue[_Message]) -> None:
    """Pass on what comes; where nobody is left who could send it, nobody waits for an answer."""
    while True:
        try:
            messages.put(received(tasks))
        except EOFError:
            # Also in the midst of a task, which may never end.
            os._exit(0)
        except Exception as error:  # noqa: BLE001 — reading a task may run code of anybody's module
            messages.put(Task(partial(_fail, error), Limits()))


def _fail(error: Exception) -> None:
    raise error


def _answer(outcome: tuple[bool, Any], results: IO[bytes]) -> None:
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
    except RecursionError as error:
        return False, TooDeep(*frames_of(error)[-1:])
    except RewriteError as error:
        error.add_note(traceback.format_exc())
        return False, error
    except Exception as error:  # noqa: BLE001 — whatever it is, it must not end the others' work
        return False, InternalError.of(error)
