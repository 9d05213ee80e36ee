"""Rewriting many templates at once, a process each."""

from __future__ import annotations

import multiprocessing
import signal
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rewriter.api import rewrite
from rewriter.cli.errors import error_text
from rewriter.engine.families import Family, Policy
from rewriter.errors import RewriteError
from rewriter.report.outcome import Outcome, lines_touched
from rewriter.verification.report import VerificationFailed

if TYPE_CHECKING:
    from rewriter.api import Rewrite


@dataclass(frozen=True, slots=True)
class Task:
    """One family's original to rewrite, and how."""

    family: Family
    source: str
    policy: Policy
    examples: int
    seed: int
    header_comment: bool


def outcomes(tasks: Sequence[Task], jobs: int) -> Iterator[Outcome]:
    """What becomes of each task, as it is known; ``jobs`` of them at a time."""
    if jobs == 1:
        yield from map(perform, tasks)
        return
    # Spawned, not forked: a progress bar's thread does not survive a fork.
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(jobs, len(tasks)), mp_context=spawned) as pool:
        try:
            with _deaf_to_interrupts():
                running = {pool.submit(perform, task): task for task in tasks}
            for future in as_completed(running):
                yield _outcome(future, running[future])
        except (KeyboardInterrupt, GeneratorExit):
            pool.shutdown(wait=False, cancel_futures=True)
            for process in multiprocessing.active_children():
                process.terminate()
            raise


def perform(task: Task) -> Outcome:
    """Rewrite one original; a problem is an outcome too."""
    family = task.family
    try:
        result = rewrite(
            task.source,
            policy=task.policy,
            family=family.name,
            examples=task.examples,
            seed=task.seed,
            header_comment=task.header_comment,
            name=family.file,
            verify="afresh",
        )
    except RewriteError as error:
        verdict = "failed" if isinstance(error, VerificationFailed) else "refused"
        return _problem(task, verdict, error_text(error), error.exit_code)
    return Outcome(
        title=family.title,
        original=family.file,
        file=family.training_file,
        source=task.source,
        template=result.template,
        transforms=result.transforms,
        edits=len(result.edits),
        lines=lines_touched(task.source, result.edits),
        conversations=result.report.conversations if result.report else 0,
        verdict=_verdict(result),
    )


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Processes started in here never see Ctrl-C: it is for this one, after this, to stop them."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _outcome(future: Future[Outcome], task: Task) -> Outcome:
    try:
        return future.result()
    except BrokenExecutor:
        message = f"{task.family.file}: the process that worked on it was killed; try --jobs 1"
        return _problem(task, "not finished", message, exit_code=1)


def _problem(task: Task, verdict: str, message: str, exit_code: int) -> Outcome:
    return Outcome(
        title=task.family.title,
        original=task.family.file,
        file=task.family.training_file,
        source=task.source,
        verdict=verdict,
        problem=message,
        exit_code=exit_code,
    )


def _verdict(result: Rewrite) -> str:
    return {"verified": "verified", "on file": "proof on file", "none": "not verified"}[
        result.proof
    ]
