"""Where the variants of a batch go: each to its file, or only compared with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from rewriter.carriers.files import encoded
from rewriter.cli.batch import Task, outcomes
from rewriter.cli.compare import would_change
from rewriter.cli.errors import foreseen
from rewriter.cli.kept_originals import remember_original
from rewriter.cli.progress import progress
from rewriter.cli.targets import Target
from rewriter.errors import BadInput, RewriteError
from rewriter.report.outcome import Outcome

Deliver = Callable[[Outcome], Outcome]


def written(
    tasks: Sequence[Task], jobs: int, out: Path, look: Deliver = lambda each: each
) -> list[Outcome]:
    """What became of each task; each variant is written as soon as it is proven.

    ``look`` is given each outcome before that, and returns what is left to do with it.

    Raises:
        BadInput: there is no such folder, and it cannot be made.

    """
    from rewriter.carriers.files import make_folder

    make_folder(out)
    before = {task.file: _before(out / task.file) for task in tasks}
    return _done(tasks, jobs, lambda each: _write(look(each), out, before[each.file]))


def compared(
    tasks: Sequence[Task],
    jobs: int,
    out: Path,
    look: Deliver = lambda each: each,
    *,
    diff: bool,
) -> list[Outcome]:
    """What became of each task; changes are shown in the order of the tasks."""
    return [_compare(outcome, out, diff=diff) for outcome in _done(tasks, jobs, look)]


def _done(tasks: Sequence[Task], jobs: int, deliver: Deliver) -> list[Outcome]:
    """The outcome of each task, in the order of the tasks, whichever finishes first."""
    done: dict[str, Outcome] = {}
    with progress(len(tasks)) as advance:
        for outcome in outcomes(tasks, jobs):
            done[outcome.original] = deliver(outcome)
            advance(outcome.title)
    return [done[task.original] for task in tasks]


def _before(target: Path) -> bytes | BadInput | None:
    """What the file holds; an error is of its template alone."""
    from rewriter.carriers.files import before_writing

    try:
        return before_writing(target)
    except BadInput as error:
        return error


def _write(outcome: Outcome, out: Path, before: bytes | BadInput | None) -> Outcome:
    if outcome.template is None:
        return outcome
    try:
        with foreseen(outcome.original):
            _deliver(outcome, outcome.template, out, before)
    except RewriteError as error:
        return _unwritten(outcome, error)
    return outcome


def _deliver(outcome: Outcome, template: str, out: Path, before: bytes | BadInput | None) -> None:
    if isinstance(before, BadInput):
        raise before
    content = encoded(template, "utf-8", outcome.original)
    if before != content:
        Target(Path(outcome.original), out / outcome.file).write(content, before)
    remember_original(outcome.source, template, outcome.transforms)


def _compare(outcome: Outcome, out: Path, *, diff: bool) -> Outcome:
    if outcome.template is None:
        return outcome
    try:
        changed = would_change(
            out / outcome.file,
            outcome.template,
            original=outcome.source,
            name=outcome.original,
            diff=diff,
        )
    except RewriteError as error:
        return _unwritten(outcome, error)
    return replace(outcome, exit_code=1) if changed else outcome


def _unwritten(outcome: Outcome, error: RewriteError) -> Outcome:
    return replace(
        outcome,
        template=None,
        verdict="not written",
        error=error,
        exit_code=error.exit_code,
    )
