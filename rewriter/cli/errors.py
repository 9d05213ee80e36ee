"""The one place where an error becomes a message and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from rewriter.errors import RewriteError

INTERRUPTED = 130
BROKEN_PIPE = 141


@contextmanager
def reported() -> Iterator[None]:
    """Show what goes wrong inside on stderr, and exit with its code."""
    try:
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


def show_error(error: RewriteError) -> None:
    """Print the whole of the error on stderr."""
    click.echo(error_text(error, colour=sys.stderr.isatty()), err=True)


def error_text(error: RewriteError, *, colour: bool) -> str:
    """The whole of the error, with the failures where it is a verification that failed."""
    from rewriter.verify.report import VerificationFailed

    if not isinstance(error, VerificationFailed):
        return str(error)
    from rewriter.cli.streams import rendered
    from rewriter.report.failures import failure_text

    shown = [failure_text(failure, brackets=not colour) for failure in error.report.failures]
    return "\n".join([str(error), *(rendered(text, terminal=colour) for text in shown)])
