"""Read regular files of bounded size only: no pipes, no devices, nothing huge."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import IO, Final

from rewriter.errors import BadInput

# In bytes. The largest template that a model ships has about 100 thousand; the largest
# tokenizer_config.json, with a vocabulary in it, about 10 million.
LARGEST_TEMPLATE: Final = 4 * 2**20
LARGEST_FILE: Final = 32 * 2**20

# Without this, opening a pipe would wait until somebody writes to it.
_READING: Final = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_KINDS: Final = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def read_regular(path: Path, most: int = LARGEST_FILE) -> bytes:
    """The content of a regular file of at most ``most`` bytes.

    Raises:
        BadInput: it is a pipe, a socket, a device or a folder, or is larger; nothing is read.
        OSError: it cannot be read.

    """
    # Check before opening, which can have effects on a device, and after it, since the path may
    # lead to another file by then.
    check_regular(path, path.stat())
    with os.fdopen(os.open(path, _READING), "rb") as file:
        found = os.fstat(file.fileno())
        check_regular(path, found)
        _check_size(found.st_size, most, str(path))
        return read_bounded(file, most, str(path))


def read_bounded(file: IO[bytes], most: int, name: str) -> bytes:
    """Read the file to its end, if that is at most ``most`` bytes.

    Raises:
        BadInput: there is more.

    """
    content = file.read(most + 1)
    _check_size(len(content), most, name)
    return content


def check_regular(path: Path, status: os.stat_result) -> None:
    """Refuse anything but a regular file, which can be read to its end and replaced.

    Raises:
        BadInput: it is a pipe, a socket, a device or a folder.

    """
    if stat.S_ISDIR(status.st_mode):
        hint = "name the template files themselves"
        raise BadInput("this is a folder, not a template", name=str(path), hint=hint)
    if kind := _KINDS.get(stat.S_IFMT(status.st_mode)):
        hint = "name a file; standard input is read for `-`"
        raise BadInput(f"this is {kind}, not a file", name=str(path), hint=hint)


def is_readable(path: Path, most: int = LARGEST_FILE) -> bool:
    """Whether the path is an existing regular file of at most ``most`` bytes."""
    try:
        found = path.stat()
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size <= most


def _check_size(size: int, most: int, name: str) -> None:
    if size > most:
        raise BadInput(
            f"this is too large: more than {most // 2**20} MiB",
            name=name,
            hint="no model ships a template, or a file with one, that is nearly as large",
        )
