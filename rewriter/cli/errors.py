"""Turn unforeseen exceptions into errors like the others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import click

from rewriter.errors import UNNAMED, RewriteError
from rewriter.internal_error import InternalError

# The exceptions by which click ends a command or reports wrong usage.
_CLICKS: Final = (click.ClickException, click.exceptions.Exit, click.Abort)


@contextmanager
def reporting_bugs(name: str = UNNAMED) -> Iterator[None]:
    """Turn an unforeseen exception into an `InternalError`, so that later files are still handled.

    Raises:
        InternalError: an exception was raised that is not meant for users.

    """
    try:
        yield
    except (RewriteError, BrokenPipeError, *_CLICKS):
        raise
    except Exception as error:
        raise InternalError.of(error, name) from error
