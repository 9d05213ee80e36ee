"""Errors, written for people.

Every error names the place in the source, shows it, and says what is wrong and what to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

UNNAMED: Final = "<template>"


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a source text.

    ``line`` counts from 1, ``column`` from 1 in characters; ``excerpt`` is the line itself. If the
    text is a literal in a file, line and column are the file's, and ``shown`` is the column within
    the excerpt.
    """

    line: int
    column: int
    excerpt: str
    shown: int | None = None

    @classmethod
    def at(cls, text: str, offset: int) -> Place:
        """The place of the character offset ``offset`` in ``text``."""
        offset = max(0, min(offset, len(text)))
        start = text.rfind("\n", 0, offset) + 1
        end = text.find("\n", offset)
        line = text[start : end if end >= 0 else len(text)].rstrip("\r")
        return cls(text.count("\n", 0, offset) + 1, offset - start + 1, line)

    def offset_in(self, text: str) -> int:
        """The character offset of this place in ``text``."""
        start = 0
        for _ in range(self.line - 1):
            start = text.index("\n", start) + 1
        return start + self.column - 1

    def drawn(self, width: int = 88) -> str:
        """The excerpt with a caret under the column, cut to ``width`` characters around it."""
        column = (self.shown or self.column) - 1
        start = max(0, column - width * 2 // 3) if len(self.excerpt) > width else 0
        window = self.excerpt[start : start + width].replace("\t", " ")
        before = "…" if start else ""
        after = "…" if start + width < len(self.excerpt) else ""
        gutter = f"{self.line:>5} | "
        caret = " " * (len(gutter) + len(before) + column - start) + "^"
        return f"{gutter}{before}{window}{after}\n{caret}"


class RewriteError(Exception):
    """The base class of refusals and bad input.

    Attributes:
        message: what is wrong, in one sentence.
        hint: what to do about it, or an empty string.
        name: the file or source that the error is about.
        line, column, excerpt: the place, or ``None`` if there is none.
        tried: if there were several plans, each with the reason why it failed.

    """

    exit_code = 2
    tried: tuple[str, ...] = ()

    def __init__(
        self,
        message: str,
        *,
        place: Place | None = None,
        hint: str = "",
        name: str = UNNAMED,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.hint = hint
        self.name = name

    @property
    def line(self) -> int | None:
        """The line, from 1."""
        return self.place.line if self.place else None

    @property
    def column(self) -> int | None:
        """The column, from 1, in characters."""
        return self.place.column if self.place else None

    @property
    def excerpt(self) -> str | None:
        """The source line that the error is about."""
        return self.place.excerpt if self.place else None

    def __reduce__(self) -> tuple[Any, ...]:
        # Do not call the class again, since each subclass has other arguments.
        return _made_again, (type(self), self.args, self.__dict__)

    def named(self, name: str) -> RewriteError:
        """The same error, about the file ``name`` unless it has a name already."""
        if self.name == UNNAMED:
            self.name = name
        return self

    def __str__(self) -> str:
        where = f"{self.name}:{self.line}:{self.column}" if self.place else self.name
        parts = [f"{where}: {self.message}"]
        if self.place:
            parts.append(self.place.drawn())
        if self.hint:
            parts.append(f"help: {self.hint}")
        if self.tried:
            plans = "1 plan" if len(self.tried) == 1 else f"{len(self.tried)} plans"
            parts.append(f"tried: {plans}; rewriter patch --explain lists them")
        return "\n".join(parts)


class Reason(StrEnum):
    """Why a template is refused, for programs; the message is for people."""

    UNRENDERED = "unrendered"
    """It renders none of the conversations that were tried."""
    NO_HEADER = "no-header"
    """Nothing shows where the assistant's turn begins."""
    GIVEN_WITHIN = "given-within"
    """The assistant's turn prints text of others."""
    MIXED = "mixed"
    """One statement prints both prompted and generated text, and cannot be split."""
    UNKNOWN_FIELD = "unknown-field"
    """One statement prints generated text and a field that no model is known to write."""
    SHARED = "shared"
    """One statement prints turns of all roles, and the assistant's cannot be separated."""
    UNSEEN = "unseen"
    """An output in the assistant's turn was never seen to print, so its text is unknown."""
    NOTHING_FOUND = "nothing-found"
    """No text that the assistant generates was found."""
    CHANGES_TURNS = "changes-turns"
    """An earlier turn changes when messages follow, and no transform can keep it."""
    NO_STOP_TOKEN = "no-stop-token"
    """Some of the assistant's turns have no end, and could not be given one."""
    LOSES_NAMES = "loses-names"
    """A variable that is set in a block is read after it."""
    MARKED = "marked"
    """It is already a training variant."""
    BROKEN_PROMISE = "broken-promise"
    """A variant was found, but its verification failed."""
    STOPPED = "stopped"
    """A limit of time or memory was reached."""
    UNSUPPORTED = "unsupported"
    """Any other reason."""


class BadInput(RewriteError):
    """The input is invalid: a file, a template, or an option."""

    exit_code = 2


class Refused(RewriteError):
    """The template is valid, but no rewrite of it could be proven.

    Attributes:
        reason: the reason, as one of `Reason`'s words.

    """

    exit_code = 3

    def __init__(
        self,
        message: str,
        *,
        reason: Reason = Reason.UNSUPPORTED,
        place: Place | None = None,
        hint: str = "",
        name: str = UNNAMED,
    ) -> None:
        super().__init__(message, place=place, hint=hint, name=name)
        self.reason = reason


class Stopped(Refused):
    """The work on a template was stopped, or its process died: nothing is known about it.

    Attributes:
        limit: the limit that was exceeded, such as ``60 s`` or ``1024 MB``; or ``died``.

    """

    def __init__(self, message: str, *, limit: str, hint: str = "", name: str = UNNAMED) -> None:
        super().__init__(message, reason=Reason.STOPPED, hint=hint, name=name)
        self.limit = limit


class Conflict(RewriteError):
    """Two transforms change the same place."""

    exit_code = 3


def _made_again(
    kind: type[RewriteError], arguments: tuple[Any, ...], attributes: dict[str, Any]
) -> RewriteError:
    """Rebuild an error that was sent from another process."""
    error = kind.__new__(kind, *arguments)
    error.__dict__.update(attributes)
    return error
