"""What can go wrong, as a person should read it.

Every error names the place in the source, shows it, says what is wrong and what to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

UNNAMED: Final = "<template>"


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a source text.

    ``line`` counts from 1, ``column`` from 1 in characters; ``excerpt`` is the line itself. Where
    a file holds the text within a literal, line and column are the file's, and ``shown`` is the
    column within the excerpt.
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
        """The character offset of the place in ``text``, of which it is one."""
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
    """A refusal, or bad input. Subclasses say which.

    Attributes:
        message: what is wrong, in one sentence.
        hint: what to do about it, or an empty string.
        name: the file or source the error is about.
        line, column, excerpt: the place, or ``None`` where there is none.
        tried: each plan that was tried, and why it does not hold, where there was more than one.

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
        # Not by calling the class again: each has arguments of its own.
        return _made_again, (type(self), self.args, self.__dict__)

    def named(self, name: str) -> RewriteError:
        """The same error, about the file ``name``, unless it is known to be about another."""
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
    """Why a template is refused, for programs to tell; the message says it to people."""

    UNRENDERED = "unrendered"
    """No conversation that it was shown renders."""
    NO_HEADER = "no-header"
    """Nothing tells where the assistant's turn begins."""
    GIVEN_WITHIN = "given-within"
    """The assistant's turn prints what others said or were given."""
    MIXED = "mixed"
    """One statement prints what is prompted and what is generated, and cannot be taken apart."""
    UNKNOWN_FIELD = "unknown-field"
    """One statement prints a field that no model is known to write with what is generated."""
    SHARED = "shared"
    """One statement prints turns of all roles, and the assistant's cannot be told apart."""
    UNSEEN = "unseen"
    """An output of the assistant's was never seen, so what it prints is not known."""
    NOTHING_FOUND = "nothing-found"
    """Nothing that the assistant generates was found."""
    CHANGES_TURNS = "changes-turns"
    """An earlier turn changes once messages follow, and nothing keeps it."""
    NO_STOP_TOKEN = "no-stop-token"
    """Some of the assistant's turns end in nothing, and no end could be given to them."""
    LOSES_NAMES = "loses-names"
    """What a block assigns is read behind the block."""
    MARKED = "marked"
    """It is a training variant already."""
    BROKEN_PROMISE = "broken-promise"
    """A variant was found, and its verification failed."""
    STOPPED = "stopped"
    """A limit of time or memory was reached."""
    UNSUPPORTED = "unsupported"
    """None of these."""


class BadInput(RewriteError):
    """What was given cannot be read: a file, a template, an option."""

    exit_code = 2


class Refused(RewriteError):
    """The template is sound, but no rewrite of it could be proven.

    Attributes:
        reason: why, as one of a list of words.

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
    """The work on a template was stopped, or its process died: nothing is known of the template.

    Attributes:
        limit: what it went over, in a word or two: ``60 s``, ``1024 MB``; or ``died``.

    """

    def __init__(self, message: str, *, limit: str, hint: str = "", name: str = UNNAMED) -> None:
        super().__init__(message, reason=Reason.STOPPED, hint=hint, name=name)
        self.limit = limit


class Conflict(RewriteError):
    """Two transforms want to change the same place."""

    exit_code = 3


def _made_again(
    kind: type[RewriteError], arguments: tuple[Any, ...], attributes: dict[str, Any]
) -> RewriteError:
    """An error that was sent from another process."""
    error = kind.__new__(kind, *arguments)
    error.__dict__.update(attributes)
    return error
