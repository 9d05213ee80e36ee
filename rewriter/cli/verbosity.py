"""``--quiet`` and ``--verbose``: how much a command prints."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import Any, Final, TypeVar, cast

import click

from rewriter.cli.streams import QUIET, say

Command = TypeVar("Command", bound=Callable[..., Any])

_verbose: Final[ContextVar[bool]] = ContextVar("verbose", default=False)


def verbosity_options(command: Command) -> Command:
    """``-q`` and ``-v``, which take effect without the command's help."""

    @wraps(command)
    def spoken(*arguments: Any, quiet: bool, verbose: bool, **options: Any) -> object:
        if quiet and verbose:
            raise click.UsageError("--quiet and --verbose exclude each other.")
        usual_quiet, usual_verbose = QUIET.set(quiet or QUIET.get()), _verbose.set(verbose)
        try:
            return command(*arguments, **options)
        finally:
            QUIET.reset(usual_quiet)
            _verbose.reset(usual_verbose)

    more = click.option(
        "-v", "--verbose", is_flag=True, help="Also report each file when it is done."
    )
    less = click.option(
        "-q", "--quiet", is_flag=True, help="Print only errors, and what would change."
    )
    return cast("Command", less(more(spoken)))


def say_more(message: str) -> None:
    """Print the message with ``--verbose``."""
    if _verbose.get():
        say(message)
