"""Deliver the variants of a batch: write each to its file, or only compare it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from rewriter.carriers.files import encoded
from rewriter.cli.batch import Task, outcomes
from rewriter.cli.compare import would_change
from rewriter.cli.errors import reporting_bugs
from rewriter.cli.kept_originals import remember_original
from rewriter.cli.progress import progress
from rewriter.cli.targets import Target
from rewriter.cli.verbosity import say_more
from rewriter.errors import BadInput, RewriteError
from rewriter.report.outcome import Outcome

Deliver = Callable[[Outcome], Outcome]


def written(
    tasks: Sequence[Task], jobs: int, out: Path, look: Deliver = lambda each: each
) -> list[Outcome]:
    """The outcome of each task; each variant is written as soon as it is proven.

    ``look`` gets each outcome before that, and returns the outcome to go on with.

    Raises:
        BadInput: there is no such folder, and it cannot be created.

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
    """The outcome of each task; changes are shown in the order of the tasks."""
    return [_compare(outcome, out, diff=diff) for outcome in _done(tasks, jobs, look)]


def _done(tasks: Sequence[Task], jobs: int, deliver: Deliver) -> list[Outcome]:
    """The outcomes in the order of the tasks, whichever finishes first."""
    done: dict[str, Outcome] = {}
    with progress(len(tasks)) as bar:
        for outcome in outcomes(tasks, jobs):
            with bar.aside():
                done[outcome.original] = deliver(outcome)
                say_more(f"{outcome.title}: {done[outcome.original].verdict}")
            bar.advance(outcome.title)
    return [done[task.original] for task in tasks]


def _before(target: Path) -> bytes | BadInput | None:
    """The file's content; an error affects only its own template."""
    from rewriter.carriers.files import before_writing

    try:
        return before_writing(target)
    except BadInput as error:
        return error


def _write(outcome: Outcome, out: Path, before: bytes | BadInput | None) -> Outcome:
    if outcome.template is None:
        return outcome
    try:
        with reporting_bugs(outcome.original):
            is_written = _deliver(outcome, outcome.template, out, before)
    except RewriteError as error:
        return _unwritten(outcome, error)
    return replace(outcome, is_written=is_written)


def _deliver(outcome: Outcome, template: str, out: Path, before: bytes | BadInput | None) -> bool:
    """Write the variant if its file is out of date, and note whether it was written."""
    if isinstance(before, BadInput):
        raise before
    content = encoded(template, "utf-8", outcome.original)
    if before != content:
        Target(Path(outcome.original), out / outcome.file).write(content, before)
    remember_original(outcome.source, template, outcome.transforms)
    return before != content


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
