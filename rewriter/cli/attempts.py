"""The outcomes of a command for several files, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rewriter.cli.options import dry_options

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
