"""Who writes each field, as the command's options declare it, or else the project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from rewriter.cli.output import tell
from rewriter.cli.streams import STANDARD, display_name
from rewriter.limits import Limits

_KIND: Final = "unread-field"


@dataclass(slots=True)
class DeclaredFields:
    """The declared fields of each file, and the declared names that no template has read yet.

    Attributes:
        given: the declarations on the command line, which override the project's.
        limits: the limits for reading a template.

    """

    given: Mapping[str, str]
    limits: Limits
    _unread: set[str] = field(init=False)
    _has_looked: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self._unread = set(self.given)

    def of(self, file: Path) -> dict[str, str]:
        """The declarations for a file; standard input counts as a file in the working directory.

        Raises:
            BadInput: the project's table is invalid.

        """
        from rewriter.carriers.project import fields_for

        return {**fields_for(Path() / "-" if file == STANDARD else file), **self.given}

    def look(self, source: str) -> None:
        """Note which of the declared names the template reads, if it parses."""
        from rewriter.confinement.workers import confined
        from rewriter.tracing.read_names import never_read

        self._has_looked = True
        if self._unread:
            work = partial(never_read, source, tuple(self._unread))
            self._unread &= confined(work, self.limits, ["rewriter.tracing.read_names"])

    def tell_unread(self, file: Path) -> None:
        """Warn about each name on the command line that no template reads."""
        from rewriter.report.message import Message

        for name in sorted(self._unread) if self._has_looked else ():
            declared = f"--field {name}={self.given[name]}"
            said = f"{declared}: no template reads a key or variable {name!r}"
            message = Message("warning", _KIND, said, display_name(file))
            tell(message, f"{message.file}: warning: {said}")
