"""The one place where an error becomes a message and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TextIO

import click

from rewriter.errors import UNNAMED, RewriteError
from rewriter.internal_error import InternalError

if TYPE_CHECKING:
    from rewriter.report.message import Level
    from rewriter.verification.report import Report

INTERRUPTED = 130
BROKEN_PIPE = 141
# By which click ends a command, and tells of wrong usage.
_CLICKS: Final = (click.ClickException, click.exceptions.Exit, click.Abort)


@contextmanager
def reported() -> Iterator[None]:
    """Show what goes wrong inside on stderr, and exit with its code."""
    try:
        with foreseen():
            yield
    except RewriteError as error:
        show_error(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        click.echo("interrupted: every file is whole, as it was or as it should be", err=True)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # The reader has gone; what Python flushes at exit must not complain to it either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(BROKEN_PIPE)


@contextmanager
def foreseen(name: str = UNNAMED) -> Iterator[None]:
    """Make what nobody foresaw an error like the others, so that the files after it count too.

    Raises:
        InternalError: something was raised inside that is meant for nobody.

    """
    try:
        yield
    except (RewriteError, BrokenPipeError, *_CLICKS):
        raise
    except Exception as error:
        raise InternalError.of(error, name) from error


def show_error(error: RewriteError, level: Level = "error") -> None:
    """Tell the whole of the error, on stderr where people read it."""
    from rewriter.cli.output import tell
    from rewriter.report.message import of_error

    tell(of_error(error, level), error_text(error))


def error_text(error: RewriteError) -> str:
    """The whole of the error for stderr, with the failures where a verification failed."""
    from rewriter.verification.report import VerificationFailed

    if not isinstance(error, VerificationFailed):
        return str(error)
    # Its own text has the conversation in one line; here it is shown whole, with both texts.
    return f"{RewriteError.__str__(error)}\n{failures_text(error.report, sys.stderr)}"


def failures_text(report: Report, stream: TextIO) -> str:
    """Every failure in the report, as the stream shall have it."""
    from rewriter.cli.streams import in_colour, rendered, terminal_width
    from rewriter.report.failures import failure_text

    brackets, width = not in_colour(stream), terminal_width(stream)
    texts = [failure_text(each, brackets=brackets, width=width) for each in report.failures]
    return "\n".join(rendered(text, stream) for text in texts)
