"""The one place that turns an error into a message and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from rewriter.cli.errors import reporting_bugs
from rewriter.cli.output import show_error
from rewriter.errors import RewriteError

INTERRUPTED = 130
BROKEN_PIPE = 141


@contextmanager
def reported() -> Iterator[None]:
    """Show errors on stderr, and exit with their code."""
    try:
        with reporting_bugs():
            yield
    except RewriteError as error:
        show_error(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        click.echo("interrupted: no file is half-written", err=True)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # The reader is gone, so Python's flush at exit must not fail either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(BROKEN_PIPE)
