"""Rewrite many templates, each in a process that can be stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from rewriter.carriers.kept_drafts import drafts_of
from rewriter.carriers.kept_proofs import Kept, recall, remember
from rewriter.cli.errors import reporting_bugs
from rewriter.cli.side_by_side import side_by_side
from rewriter.cli.streams import say
from rewriter.confinement.workers import confined
from rewriter.errors import BadInput, Conflict, Refused, RewriteError, Stopped
from rewriter.internal_error import InternalError
from rewriter.limits import Limits
from rewriter.picture.picture import Picture
from rewriter.report.outcome import Outcome, lines_touched
from rewriter.rewriting.request import Request
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
        title: its name in the table.
        original: its file's name in messages.
        file: the name of the variant's file.
        request: the request; with ``verify="afresh"``, proofs on file are not used.
        limits: the limits of time and memory.
        is_drawn: whether the outcome gets a picture.

    """

    title: str
    original: str
    file: str
    request: Request
    limits: Limits
    is_drawn: bool = False

    def drawn(self) -> Task:
        """The same task with a picture, proven afresh: a proof on file lacks the sources."""
        return replace(self, request=replace(self.request, verify="afresh"), is_drawn=True)


def outcomes(tasks: Sequence[Task], jobs: int) -> Iterator[Outcome]:
    """Yield the outcome of each task when it is known; ``jobs`` tasks run at a time."""
    remaining = []
    for task in tasks:
        if recalled := _recalled(task):
            yield recalled
        else:
            remaining.append(task)
    # Start with the longest tasks, so that none runs alone at the end.
    remaining.sort(key=lambda task: -len(task.request.source))
    yield from (outcome for _, outcome in side_by_side(perform, remaining, jobs))


def _recalled(task: Task) -> Outcome | None:
    """The outcome from a proof on file, if there is one."""
    try:
        proven = recall(task.request) if task.request.verify is True else None
    except BadInput as error:
        say(f"{error.name}: {error.message}; it is removed, and {task.title} is proven again")
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
    """Rewrite one original and prove it; an error becomes an outcome too."""
    try:
        with reporting_bugs(task.original):
            return _performed(task)
    except RewriteError as error:
        failed = replace(
            _outcome(task, verdict_of(error)),
            error=error.named(task.original),
            exit_code=error.exit_code,
        )
        return replace(failed, picture=_undone(task, error)) if task.is_drawn else failed


def _undone(task: Task, error: RewriteError) -> Picture:
    """The picture for a refusal."""
    from rewriter.picture.drawing import drawn_refusal, picture_of_error

    is_drawable = isinstance(error, Refused | Conflict) and not isinstance(error, Stopped)
    draw = partial(drawn_refusal, task.request, task.title, error)
    picture = _confined(draw, task.limits) if is_drawable else None
    return picture or picture_of_error(task.request, task.title, error)


def _done(task: Task, result: Rewrite) -> Picture | None:
    """The outcome with the variant's picture, or without it if drawing takes too long."""
    from rewriter.picture.drawing import drawn_variant

    return _confined(partial(drawn_variant, task.request, task.title, result), task.limits)


def _confined(draw: Callable[[], Picture], limits: Limits) -> Picture | None:
    try:
        return confined(draw, limits)
    except Stopped:
        return None


def _performed(task: Task) -> Outcome:
    result = confined(partial(rewritten, replace(task.request, draw=drafts_of)), task.limits)
    picture = _done(task, result) if task.is_drawn else None
    if not result.edits:
        return _untouched(task, result, picture)
    lines = lines_touched(result.source, result.edits)
    if result.proof != "none" and task.request.verify is True:
        proven = Kept(
            template=result.template,
            transforms=result.transforms,
            edits=len(result.edits),
            lines=lines,
            notices=result.notices,
        )
        remember(task.request, proven)
    return replace(
        _outcome(task, _verdict(result)),
        picture=picture,
        template=result.template,
        transforms=result.transforms,
        edits=len(result.edits),
        lines=lines,
        conversations=result.report.conversations if result.report else 0,
        notices=result.notices,
    )


def _untouched(task: Task, result: Rewrite, picture: Picture | None) -> Outcome:
    """The outcome for a template that stays as it is: it is marked, rightly or wrongly."""
    return replace(
        _outcome(task, "marked wrongly" if result.has_wrong_marks else "nothing to do"),
        picture=picture,
        notices=result.notices,
    )


def _outcome(task: Task, verdict: str) -> Outcome:
    return Outcome(
        title=task.title,
        original=task.original,
        file=task.file,
        source=task.request.source,
        verdict=verdict,
    )


def verdict_of(error: RewriteError) -> str:
    """The error's verdict in the table."""
    if isinstance(error, VerificationFailed):
        return "failed"
    if isinstance(error, Stopped):
        return "stopped"
    if isinstance(error, InternalError):
        return "internal error"
    return "bad input" if isinstance(error, BadInput) else "refused"


def _verdict(result: Rewrite) -> str:
    return _VERDICTS[result.proof]
