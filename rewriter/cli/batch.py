"""Rewriting many templates at once, each in a process that can be stopped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from functools import partial

from rewriter.cli.errors import error_text
from rewriter.confinement.workers import close, confined, prepare
from rewriter.engine.families import Family, Policy
from rewriter.errors import RewriteError, Stopped
from rewriter.limits import Limits
from rewriter.report.outcome import Outcome, lines_touched
from rewriter.rewriting import Asked, Rewrite, rewritten
from rewriter.verification.draft import Draft
from rewriter.verification.drafting import generated
from rewriter.verification.report import VerificationFailed


@dataclass(frozen=True, slots=True)
class Task:
    """One family's original to rewrite, and how."""

    family: Family
    source: str
    policy: Policy
    examples: int
    seed: int
    header_comment: bool
    limits: Limits

    @property
    def asked(self) -> Asked:
        """What the rewriting is told, but for the conversations to prove it with."""
        return Asked(
            self.source,
            self.policy,
            family=self.family,
            verify="afresh",
            examples=self.examples,
            seed=self.seed,
            header_comment=self.header_comment,
        )


def outcomes(tasks: Sequence[Task], jobs: int) -> Iterator[Outcome]:
    """What becomes of each task, as it is known; ``jobs`` of them at a time."""
    workers = min(jobs, len(tasks))
    if workers > 1:
        prepare(workers)
    # Drawn once for all, while the workers start.
    drafts = {(each.examples, each.seed): generated(each.examples, each.seed) for each in tasks}
    # Each of these threads waits for a process. The longest work is begun first.
    with ThreadPoolExecutor(workers) as pool:
        running = [
            pool.submit(perform, task, drafts[task.examples, task.seed])
            for task in sorted(tasks, key=lambda task: -len(task.source))
        ]
        try:
            for future in as_completed(running):
                yield future.result()
        except (KeyboardInterrupt, GeneratorExit):
            pool.shutdown(wait=False, cancel_futures=True)
            close()
            raise


def perform(task: Task, drafts: tuple[Draft, ...]) -> Outcome:
    """Rewrite one original and prove it with the drafts; a problem is an outcome too."""
    family = task.family
    asked = replace(task.asked, drafts=drafts)
    try:
        result = confined(partial(rewritten, asked), task.limits)
    except RewriteError as error:
        problem = error_text(error.named(family.file))
        return _problem(task, _verdict_of(error), problem, error.exit_code)
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


def _verdict_of(error: RewriteError) -> str:
    if isinstance(error, VerificationFailed):
        return "failed"
    return "stopped" if isinstance(error, Stopped) else "refused"


def _verdict(result: Rewrite) -> str:
    return {"verified": "verified", "on file": "proof on file", "none": "not verified"}[
        result.proof
    ]
