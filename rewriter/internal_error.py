"""An internal error, with what to report."""

from __future__ import annotations

import platform
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Final

from rewriter.errors import UNNAMED, RewriteError

_MOST_FRAMES: Final = 8


class InternalError(RewriteError):
    """An error of this program itself: nothing is known about the template.

    Attributes:
        frames: where it was raised, outermost first.

    """

    exit_code = 70
    frames: tuple[str, ...] = ()

    @classmethod
    def of(cls, error: BaseException, name: str = UNNAMED) -> InternalError:
        """The error to show for an unforeseen exception."""
        said = f"{type(error).__name__}: {error}".strip().splitlines()[0]
        made = cls(
            f"internal error: {said[:500]}",
            hint="this is a fault of rewriter, not of the file; please report it, with the file "
            f"and what is said here ({_versions()})",
            name=name,
        )
        made.frames = frames_of(error)
        return made

    def __str__(self) -> str:
        return "\n".join([super().__str__(), *(f"at: {frame}" for frame in self.frames)])


def frames_of(error: BaseException) -> tuple[str, ...]:
    """The last few frames of an exception: files, lines and functions."""
    frames = traceback.extract_tb(error.__traceback__)[-_MOST_FRAMES:]
    return tuple(f"{_shortened(each.filename)}:{each.lineno} in {each.name}" for each in frames)


def _shortened(file: str) -> str:
    """The last parts of the path, so that reports do not reveal the rest."""
    return "/".join(Path(file).parts[-3:])


def _versions() -> str:
    from importlib.metadata import PackageNotFoundError, version

    found = [f"Python {platform.python_version()} on {sys.platform}"]
    for package in ("chat-template-rewriter", "jinja2", "transformers", "libcst"):
        with suppress(PackageNotFoundError):
            found.append(f"{package} {version(package)}")
    return ", ".join(found)
