"""Rewriting many templates at once, each in a process that can be stopped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from rewriter.carriers.kept_drafts import drafts_of
from rewriter.carriers.kept_proofs import Kept, recall, remember
from rewriter.cli.errors import foreseen
from rewriter.cli.side_by_side import side_by_side
from rewriter.cli.streams import say
from rewriter.confinement.workers import confined
from rewriter.errors import BadInput, RewriteError, Stopped
from rewriter.internal_error import InternalError
from rewriter.limits import Limits
from rewriter.report.outcome import Outcome, lines_touched
from rewriter.rewriting.asked import Asked
from rewriter.rewriting.result import Rewrite
from rewriter.rewriting.rewrite import rewritten
from rewriter.verification.report import VerificationFailed

_VERDICTS: Final = {
    "structure": "verified",
    "verified": "verified",
    "on file": "proven before",
    "none": "not verified",
}


@dataclass(frozen=True, slots=True)
class Task:
    """One original to rewrite, and how.

    Attributes:
        title: what the table calls it.
        original: what messages call its file.
        file: the name of the variant's file.
        asked: what is to be done; with ``verify="afresh"`` no proof on record will do.
        limits: what the work may take.

    """

    title: str
    original: str
    file: str
    asked: Asked
    limits: Limits


def outcomes(tasks: Sequence[Task], jobs: int) -> Iterator[Outcome]:
    """The outcome of each task, as soon as it is known; ``jobs`` of them run at a time."""
    remaining = []
    for task in tasks:
        if recalled := _recalled(task):
            yield recalled
        else:
            remaining.append(task)
    # The longest work is begun first.
    remaining.sort(key=lambda task: -len(task.asked.source))
    yield from (outcome for _, outcome in side_by_side(perform, remaining, jobs))


def _recalled(task: Task) -> Outcome | None:
    """What was proven before and need not be proven again."""
    try:
        proven = recall(task.asked) if task.asked.verify is True else None
    except BadInput as error:
        say(f"{error.name}: {error.message}; it is taken away, and {task.title} is proven again")
        proven = None
    if proven is None:
        return None
    return replace(
        _outcome(task, "proven before"),
        template=proven.template,
        transforms=proven.transforms,
        edits=proven.edits,
        lines=proven.lines,
        notices=proven.notices,
    )


def perform(task: Task) -> Outcome:
    """Rewrite one original and prove it; a problem is an outcome too."""
    try:
        with foreseen(task.original):
            return _performed(task)
    except RewriteError as error:
        return replace(
            _outcome(task, verdict_of(error)),
            error=error.named(task.original),
            exit_code=error.exit_code,
        )


def _performed(task: Task) -> Outcome:
    result = confined(partial(rewritten, replace(task.asked, draw=drafts_of)), task.limits)
    if not result.edits:
        return _outcome(task, "nothing to do")
    lines = lines_touched(result.source, result.edits)
    if result.proof != "none" and task.asked.verify is True:
        proven = Kept(
            template=result.template,
            transforms=result.transforms,
            edits=len(result.edits),
            lines=lines,
            notices=result.notices,
        )
        remember(task.asked, proven)
    return replace(
        _outcome(task, _verdict(result)),
        template=result.template,
        transforms=result.transforms,
        edits=len(result.edits),
        lines=lines,
        conversations=result.report.conversations if result.report else 0,
        notices=result.notices,
    )


def _outcome(task: Task, verdict: str) -> Outcome:
    return Outcome(
        title=task.title,
        original=task.original,
        file=task.file,
        source=task.asked.source,
        verdict=verdict,
    )


def verdict_of(error: RewriteError) -> str:
    """What the table calls an error."""
    if isinstance(error, VerificationFailed):
        return "failed"
    if isinstance(error, Stopped):
        return "stopped"
    if isinstance(error, InternalError):
        return "internal error"
    return "bad input" if isinstance(error, BadInput) else "refused"


def _verdict(result: Rewrite) -> str:
    return _VERDICTS[result.proof]
