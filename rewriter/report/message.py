"""Messages about templates, independent of the output format."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from rewriter.errors import BadInput, Place, RewriteError, Stopped
from rewriter.internal_error import InternalError

if TYPE_CHECKING:
    from rewriter.verification.notice import Notice
    from rewriter.verification.preconditions.finding import Finding
    from rewriter.verification.report import Report

Level: TypeAlias = Literal["error", "warning", "note"]

KINDS: Final = {
    "bad-input": "The input cannot be read.",
    "refused": "No rewrite could be proven, so none was made.",
    "stopped": "The work on a template was stopped at a limit, so nothing is known about it.",
    "internal-error": "An internal error of rewriter: nothing is known about the template.",
    "broken-promise": "A training variant breaks a promise.",
    "not-proven": "Nothing showed what some of a training variant's text is.",
    "would-change": "A file differs from what rewriter would write.",
    "unread-field": "A declared field is not read by any template.",
    "captured": "The output of a generation block is captured.",
    "lost-set": "A variable that is set in a generation block is read after it.",
    "jump": "A generation block has a `break` or `continue` of a loop around it.",
    "unseen": "A generation block is spelled so that detectors miss it.",
    "decoy": "Detectors mistake other text for a generation block.",
    "empty": "A generation block is empty.",
    "cut-token": "An edge of a generation block cuts a special token in two.",
}


@dataclass(frozen=True, slots=True)
class Message:
    """A problem, or a change that would be made.

    Attributes:
        level: the severity; a notice is a note.
        kind: one of `KINDS`, or the id of a notice.
        message: the problem, in one sentence.
        file: the file that it is about, as given.
        place: the place in the file, if there is one.
        hint: what to do about it.
        diff: the change that would be made, if it was asked for.

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
        """The file, relative to the working directory; empty if it is not a file."""
        path = Path(self.file)
        if self.file.startswith("<"):
            return ""
        return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def of_error(error: RewriteError, level: Level = "error") -> Message:
    """The message for a refusal or bad input."""
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
    """The message for an unmet precondition."""
    level: Level = "warning" if finding.harmless else "error"
    return Message(level, finding.kind, finding.message, file, finding.place, finding.hint)


def of_notice(notice: Notice, file: str) -> Message:
    """The message for a notice about a template in the file."""
    return Message("note", notice.id, notice.message, file, notice.place)


def of_report(
    report: Report, file: str, original: str = "", *, allow_unproven: bool = False
) -> list[Message]:
    """A message for everything that a verification found wrong with the variant in the file.

    ``original`` is the file of its original. Unproven sources are warnings where they are allowed.
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
    """The message as data; missing values are null.

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
