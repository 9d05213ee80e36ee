"""``--quiet`` and ``--verbose``: how much a command prints."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
        usual = _verbose.set(verbose)
        try:
            with _without_messages(quiet):
                return command(*arguments, **options)
        finally:
            _verbose.reset(usual)

    more = click.option(
        "-v", "--verbose", is_flag=True, help="Also report how each file is done, and when."
    )
    less = click.option(
        "-q", "--quiet", is_flag=True, help="Print only errors, and what would change."
    )
    return cast("Command", less(more(spoken)))


def quiet_option(command: Command) -> Command:
    """``-q`` alone, for a command that changes nothing."""

    @wraps(command)
    def spoken(*arguments: Any, quiet: bool, **options: Any) -> object:
        with _without_messages(quiet):
            return command(*arguments, **options)

    option = click.option("-q", "--quiet", is_flag=True, help="Print only errors, and the results.")
    return cast("Command", option(spoken))


@contextmanager
def _without_messages(quiet: bool) -> Iterator[None]:
    usual = QUIET.set(quiet or QUIET.get())
    try:
        yield
    finally:
        QUIET.reset(usual)


def say_more(message: str) -> None:
    """Print the message with ``--verbose``."""
    if _verbose.get():
        say(message)
