"""One worker: a process that does one task at a time, and can be stopped at any moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from importlib import import_module
from threading import Event, Timer
from typing import TypeVar, cast

from rewriter.confinement.bounds import TIME_IS_UP, seconds_to_wait
from rewriter.confinement.messages import received, send
from rewriter.confinement.processes import can_fork, forked, spawned
from rewriter.confinement.serving import Modules, OutOfMemory, Task, TooDeep
from rewriter.errors import Stopped
from rewriter.limits import Limits

T = TypeVar("T")


class Worker:
    """A process that starts at once and imports what tasks need, or a fork that has it.

    It never gets Ctrl-C. This process does, and stops the worker.
    """

    def __init__(self, needs: Sequence[str] = ()) -> None:
        self._imported: frozenset[str] = frozenset()
        self._awaited = 0
        if can_fork():
            for name in needs:
                import_module(name)
            self._imported = frozenset(needs)
            self._process = forked()
        else:
            self._process = spawned()
        self._tasks, self._results = self._process.tasks, self._process.results
        self.prepare(needs)

    def prepare(self, needs: Iterable[str]) -> None:
        """Make it import these modules while this process goes on."""
        missing = tuple(each for each in needs if each not in self._imported)
        if missing:
            with suppress(BrokenPipeError):
                send(Modules(missing), self._tasks)
            self._imported = self._imported.union(missing)
            self._awaited += 1

    def work(self, task: Callable[[], T], limits: Limits, needs: Sequence[str] = ()) -> T:
        """Do the task: return its result, or raise its error.

        Args:
            task: a function of a module, or a ``partial`` of one.
            limits: the limits for the task.
            needs: modules to import before its time starts.

        Raises:
            Stopped: it exceeded a limit, or the process died; the worker cannot be used again.
            InternalError: it raised an error that is not meant for users.

        """
        self.prepare(needs)
        self._wait_until_ready()
        returned, result = self._answer(task, limits)
        if returned:
            return cast("T", result)
        match result:
            case OutOfMemory():
                raise _out_of_memory(limits)
            case TooDeep():
                raise _too_deep(result)
            case Exception():
                raise result
        raise TypeError(f"no worker answers so: {result!r}")

    def _answer(self, task: Callable[[], T], limits: Limits) -> tuple[bool, object]:
        """Whether the task returned, with its result or error."""
        overdue = Event()
        patience = seconds_to_wait(limits)
        clock = Timer(patience or 0, self._stop, [overdue])
        clock.daemon = True
        if patience is not None:
            clock.start()
        try:
            send(Task(task, limits), self._tasks)
            answer: tuple[bool, object] = received(self._results)
        except (EOFError, BrokenPipeError):
            raise self._why_it_ended(limits, overdue) from None
        finally:
            clock.cancel()
            if clock.is_alive():
                clock.join()  # leave no thread, so that the next worker can be a fork
        if overdue.is_set():
            raise self._why_it_ended(limits, overdue)
        return answer

    def _why_it_ended(self, limits: Limits, overdue: Event) -> Stopped:
        if overdue.is_set():
            return _out_of_patience(limits)
        self._process.kill()  # it has ended, or only closed its output
        return _out_of_time(limits) if self._process.exit_code() in TIME_IS_UP else _died()

    def _wait_until_ready(self) -> None:
        """Wait until it has started, so that its start does not count towards a task's time."""
        try:
            while self._awaited:
                received(self._results)
                self._awaited -= 1
        except EOFError:
            raise _died() from None

    def _stop(self, overdue: Event) -> None:
        overdue.set()
        self._process.kill()

    def kill(self) -> None:
        """End the process at once."""
        self._process.close()


def _out_of_time(limits: Limits) -> Stopped:
    return Stopped(
        f"the work on this template was stopped after {limits.seconds:g} s",
        limit=f"{limits.seconds:g} s",
        hint="it may never end; if it only needs longer, allow more (--time-limit)",
    )


def _out_of_patience(limits: Limits) -> Stopped:
    waited = f"{seconds_to_wait(limits):g} s"
    return Stopped(
        f"the work on this template was stopped after {waited} of wall-clock time",
        limit=waited,
        hint="the machine is too busy, or something waits for ever; "
        "try again, or allow more (--time-limit)",
    )


def _too_deep(error: TooDeep) -> Stopped:
    where = f" ({error})" if error.args else ""
    return Stopped(
        f"the work on this template went deeper than Python can follow{where}",
        limit="depth",
        hint="hundreds of nested blocks or operators cause this; "
        "if it has none, this is a bug in rewriter: please report it",
    )


def _out_of_memory(limits: Limits) -> Stopped:
    allowed = f"{limits.megabytes} MB" if limits.megabytes else "all memory"
    return Stopped(
        f"the work on this template took more than {allowed}",
        limit=allowed,
        hint="it may print without end; if it only needs more, allow more (--memory-limit)",
    )


def _died() -> Stopped:
    return Stopped(
        "the process that worked on this template died",
        limit="died",
        hint="endless nesting in a template, or a machine short of memory, can cause this",
    )
