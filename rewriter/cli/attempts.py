"""Run a command on several files, and count the outcomes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import click

from rewriter.cli.held_back import held_back
from rewriter.cli.options import dry_options
from rewriter.cli.progress import progress
from rewriter.cli.side_by_side import side_by_side
from rewriter.cli.streams import display_name
from rewriter.cli.targets import Target

_KINDS: Final = {1: "marked wrongly", 2: "bad input", 3: "refused", 70: "internal error"}
"""By exit code, how to count a file that did not change."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """The outcome for one file.

    Attributes:
        exit_code: the highest of its templates.
        changes: whether one of its templates has changed, or would.

    """

    exit_code: int
    changes: bool = False


def attempts(
    work: Callable[[Target], Attempt], targets: Sequence[Target], jobs: int
) -> list[Attempt]:
    """The outcome for each file, in order; the messages about a file are printed together."""
    context = click.get_current_context()

    def attempted(number: int) -> tuple[Attempt, list[Callable[[], None]]]:
        # click's context belongs to one thread.
        with context.scope(cleanup=False), held_back() as said:
            return work(targets[number]), said

    done: list[Attempt] = []
    waiting: dict[int, tuple[Attempt, list[Callable[[], None]]]] = {}
    with progress(len(targets)) as bar:
        for number, result in side_by_side(attempted, range(len(targets)), jobs):
            waiting[number] = result
            bar.advance(display_name(targets[number].source))
            with bar.aside():
                while len(done) in waiting:
                    attempt, said = waiting.pop(len(done))
                    done.append(attempt)
                    for say in said:
                        say()
    return done


def counted(attempts: Sequence[Attempt], *, dry: bool) -> str:
    """How many files changed, or would, and the outcomes for the others."""
    found = Counter(_KINDS.get(each.exit_code, "") for each in attempts if not _is_done(each))
    changed = sum(each.changes for each in attempts)
    rest = [f"{number} {kind}" for kind, number in sorted(found.items())]
    files = f"{len(attempts)} file{'' if len(attempts) == 1 else 's'}"
    if dry:
        return ", ".join([f"{changed} of {files} would change", *rest])
    same = len(attempts) - changed - sum(found.values())
    return ", ".join([f"{files}: {changed} changed", f"{same} left as they are", *rest])


def remedy(attempts: Sequence[Attempt], *, writes: bool) -> str:
    """How to make the changes that ``--check`` or ``--diff`` only looked for.

    ``writes``: whether the command would write files without these options.
    """
    if not any(each.changes for each in attempts):
        return ""
    given = dry_options()
    instead = f"drop {given}" if writes else f"give --write instead of {given}"
    return f"; to change {'them' if len(attempts) > 1 else 'it'}, {instead}"


def _is_done(attempt: Attempt) -> bool:
    """Whether nothing went wrong with a file."""
    return attempt.exit_code == 0 or (attempt.exit_code == 1 and attempt.changes)
