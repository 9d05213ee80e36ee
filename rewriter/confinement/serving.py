"""The main loop of a worker's process: take one task after another, and send back its result."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from queue import SimpleQueue
from threading import Thread
from traceback import walk_stack
from typing import IO, Any, Final, TypeAlias

from rewriter.confinement.bounds import bounded
from rewriter.confinement.garbage import collect_seldom
from rewriter.confinement.messages import received, send
from rewriter.errors import RewriteError
from rewriter.internal_error import InternalError, frames_of
from rewriter.limits import Limits

READY: Final = "ready"


@dataclass(frozen=True, slots=True)
class Modules:
    """Modules to import, so that they do not count towards a task's time or memory."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """A task and its limits."""

    work: Callable[[], Any]
    limits: Limits


_Message: TypeAlias = Modules | Task


class OutOfMemory(Exception):
    """A task needed more memory than it may use, or than there is."""


class TooDeep(Exception):
    """A task exceeded Python's recursion limit."""


def serve_spawned() -> None:
    """Serve in a process that was started for it."""
    results = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    _send_prints_to_stderr()
    _serve(sys.stdin.buffer, results)


def serve_forked(tasks: int, results: int, others: Iterable[int]) -> None:
    """Serve in a fork; ``others`` are the parent's ends of the pipes."""
    os.setsid()
    for each in others:
        os.close(each)
    _send_prints_to_stderr()
    # Allow the same recursion depth as in a process that was started for it.
    sys.setrecursionlimit(sys.getrecursionlimit() + sum(1 for _ in walk_stack(None)))
    collect_seldom()
    _serve(os.fdopen(tasks, "rb"), os.fdopen(results, "wb"))


def _serve(tasks: IO[bytes], results: IO[bytes]) -> None:
    """Import modules and do tasks, one after another, and send back the results."""
    # Where memory is short, Rust's backtrace, such as of a tokenizer, may wait for itself for ever.
    os.environ["RUST_BACKTRACE"] = "0"
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


def _receive(tasks: IO[bytes], messages: SimpleQueue[_Message]) -> None:
    """Pass on messages; if no sender is left, end the process, since nobody waits for an answer."""
    while True:
        try:
            messages.put(received(tasks))
        except EOFError:
            # Even in the middle of a task, which may never end.
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


def _send_prints_to_stderr() -> None:
    """Redirect prints, so that they do not mix with the results."""
    os.dup2(2, 1)


def _outcome(task: Callable[[], Any], limits: Limits) -> tuple[bool, Any]:
    """Whether the task returned, with its result or error."""
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
