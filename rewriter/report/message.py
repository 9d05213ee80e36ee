"""What there is to say about a template, before it gets the form in which it is read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from rewriter.errors import BadInput, Place, RewriteError, Stopped
from rewriter.internal_error import InternalError

if TYPE_CHECKING:
    from rewriter.verification.preconditions.finding import Finding
    from rewriter.verification.report import Report

Level: TypeAlias = Literal["error", "warning"]

KINDS: Final = {
    "bad-input": "What was given cannot be read.",
    "refused": "No rewrite could be proven, so none was made.",
    "stopped": "The work on a template was stopped at a limit, so nothing is known of it.",
    "internal-error": "A fault of rewriter itself: nothing is known of the template.",
    "broken-promise": "A training variant does not do what is promised of it.",
    "not-proven": "Nothing showed what some of a training variant's text is, or is not.",
    "would-change": "A file is not what the rewriter would write.",
    "unread-field": "A field is declared that no template reads.",
    "captured": "A generation block stands where what it prints is captured.",
    "lost-set": "A variable that a generation block sets is read behind it.",
    "jump": "A loop is left, or its next round begun, from within a generation block.",
    "unseen": "A generation block is written so that detectors do not see it.",
    "decoy": "What is no generation block is taken for one by detectors.",
    "empty": "A generation block that holds nothing.",
    "cut-token": "A special token is cut in two by the edge of a generation block.",
}


@dataclass(frozen=True, slots=True)
class Message:
    """Something that is wrong, or would be changed.

    Attributes:
        level: how bad it is.
        kind: a word for it, one of `KINDS`.
        message: what it is, in one sentence.
        file: what it is about, as it was given.
        place: where in the file, if it is at one place.
        hint: what to do about it.
        diff: what would be changed, where that was asked for.

    """

    level: Level
    kind: str
    message: str
    file: str
    place: Place | None = None
    hint: str = ""
    diff: str = ""

    @property
    def path(self) -> str:
        """The file, relative to the working directory; empty for what is no file."""
        path = Path(self.file)
        if self.file.startswith("<"):
            return ""
        return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def of_error(error: RewriteError, level: Level = "error") -> Message:
    """A refusal, or bad input."""
    from rewriter.verification.report import VerificationFailed

    kind, place = "refused", error.place
    if isinstance(error, BadInput):
        kind = "bad-input"
    elif isinstance(error, Stopped):
        kind = "stopped"
    elif isinstance(error, InternalError):
        kind = "internal-error"
    elif isinstance(error, VerificationFailed):
        kind, place = "broken-promise", error.report.failures[0].original_place
    return Message(level, kind, error.message, error.name, place, error.hint)


def of_finding(finding: Finding, file: str) -> Message:
    """An unmet precondition."""
    level: Level = "warning" if finding.harmless else "error"
    return Message(level, finding.kind, finding.message, file, finding.place, finding.hint)


def of_report(
    report: Report, file: str, original: str = "", *, allow_unproven: bool = False
) -> list[Message]:
    """Everything that a verification found to be wrong with the variant in the file.

    ``original`` is the file of its original. What is not proven is warned of where it is allowed.
    """
    from rewriter.report.account import why_unproven

    found = [of_finding(finding, file) for finding in report.findings]
    found += [
        Message("error", "broken-promise", failure.promise, file, failure.place)
        for failure in report.failures
    ]
    level: Level = "warning" if allow_unproven else "error"
    for source in report.unproven:
        where = original if source.is_of_original else file
        said = f"not proven: {source.text!r}: {why_unproven(source)}"
        found.append(Message(level, "not-proven", said, where, source.place))
    return found


def message_data(message: Message) -> dict[str, Any]:
    """The message as data; what it has not is null.

    ``level``, ``kind``, ``message``, ``file``, ``line`` and ``column`` from 1, ``excerpt``, the
    template's line, ``hint``, and ``diff``.
    """
    place = message.place
    return {
        "level": message.level,
        "kind": message.kind,
        "message": message.message,
        "file": message.file,
        "line": place.line if place else None,
        "column": place.column if place else None,
        "excerpt": place.excerpt if place else None,
        "hint": message.hint or None,
        "diff": message.diff or None,
    }
