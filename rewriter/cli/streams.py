"""Standard input and output, byte for byte, and messages for people."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from rewriter.cli.held_back import can_be_held_back
from rewriter.errors import BadInput

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from rewriter.verification.notice import Notice

STANDARD = Path("-")
# Whether to print no messages, since a program reads the results.
QUIET: ContextVar[bool] = ContextVar("quiet", default=False)
# Wide enough that no table is wrapped when a program reads it.
_PIPE_WIDTH = 200
_READ_WIDTH = 100


def read_input(path: Path) -> str:
    """The text of the file, or of standard input for ``-``."""
    from rewriter.carriers.files import decoded, read_template
    from rewriter.carriers.regular import LARGEST_TEMPLATE, read_bounded

    if path != STANDARD:
        return read_template(path)
    name = display_name(path)
    if sys.stdin is None:
        raise BadInput("it is closed", name=name)
    return decoded(read_bounded(sys.stdin.buffer, LARGEST_TEMPLATE, name), name)


def display_name(path: Path) -> str:
    """The file's name in messages."""
    return "<stdin>" if path == STANDARD else str(path)


@can_be_held_back
def write_output(text: str, encoding: str = "utf-8") -> None:
    """Write the text to standard output without translating line endings."""
    if sys.stdout is None:
        raise BadInput("it is closed", name="<stdout>")
    stream = sys.stdout.buffer
    try:
        stream.write(text.encode(encoding, errors="backslashreplace"))
        stream.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise BadInput(f"cannot be written: {error.strerror}", name="<stdout>") from error


@can_be_held_back
def say(message: str) -> None:
    """Print a message for people, on stderr, since stdout is for results."""
    if not QUIET.get():
        click.echo(message, err=True)


def say_notices(name: str, notices: Iterable[Notice]) -> None:
    """Print the notices about the template called ``name``."""
    for notice in notices:
        say(f"{name}: {notice}" if name else str(notice))


def show(renderable: RenderableType) -> None:
    """Print a table, or other text with colours, on standard output."""
    write_output(rendered(renderable, sys.stdout))


@can_be_held_back
def show_diff(diff: str) -> None:
    """Print the diff: in colour on a terminal, otherwise as ``patch`` reads it."""
    from rewriter.source.diff import coloured

    if in_colour(sys.stdout):
        show(coloured(diff))
    else:
        write_output(diff)


def rendered(renderable: RenderableType, stream: TextIO) -> str:
    """Render for the stream: its width, and colour if it supports that."""
    from rich.text import Text

    console = _console(stream)
    with console.capture() as captured:
        # Text has line breaks of its own, so do not wrap it; fit tables to the width.
        console.print(renderable, soft_wrap=isinstance(renderable, Text), end="")
    return captured.get()


def in_colour(stream: TextIO) -> bool:
    """Whether the stream is a terminal and ``NO_COLOR`` is not set."""
    return _console(stream).color_system is not None


def terminal_width(stream: TextIO) -> int:
    """The columns of the stream's terminal, or a readable width if it is not one."""
    return _console(stream).width if stream.isatty() else _READ_WIDTH


def _console(stream: TextIO) -> Console:
    from rich.console import Console

    # With NO_COLOR, Rich alone would still print bold and reverse text.
    plain = bool(os.environ.get("NO_COLOR"))
    width = None if stream.isatty() else _PIPE_WIDTH
    return Console(file=stream, force_terminal=False if plain else None, width=width)
