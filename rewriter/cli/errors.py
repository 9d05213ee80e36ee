"""An unforeseen exception as an error like the others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import click

from rewriter.errors import UNNAMED, RewriteError
from rewriter.internal_error import InternalError

# By which click ends a command, and tells of wrong usage.
_CLICKS: Final = (click.ClickException, click.exceptions.Exit, click.Abort)


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
