"""Temporary files and folders, which are also cleaned up if their process was killed.

The process that makes one holds a lock on it, which ends with the process. So one that is not
locked was left by a process that was killed.
"""

from __future__ import annotations

import os
import secrets
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

_SUFFIX: Final = ".rewriter-tmp"


@contextmanager
def temporary_beside(target: Path) -> Iterator[tuple[Path, IO[bytes]]]:
    """A new file beside ``target``, open for writing; removed in the end, unless it was renamed.

    It is beside the target since a rename is atomic only within one file system.
    """
    path, file = _created(target)
    with file:
        try:
            yield path, file
        finally:
            with suppress(OSError):  # usually it was renamed
                path.unlink()


@contextmanager
def temporary_folder(within: Path) -> Iterator[Path]:
    """A new folder, which is removed in the end with all its content."""
    while True:
        path = within / _name()
        path.mkdir()
        descriptor = _opened(str(path))
        if descriptor is None or (_lock(descriptor, wait=True) and path.exists()):
            break
        os.close(descriptor)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        if descriptor is not None:
            os.close(descriptor)


def sweep(folder: Path) -> None:
    """Remove what killed processes left in the folder, if it exists."""
    with suppress(OSError), os.scandir(folder) as entries:
        left = [each.path for each in entries if _is_ours(each.name)]
        for path in left:
            _take_away(path)


def _is_ours(name: str) -> bool:
    return name.startswith(".") and name.endswith(_SUFFIX)


def _created(target: Path) -> tuple[Path, IO[bytes]]:
    while True:
        path = target.with_name(_name())
        file = path.open("xb")
        # Until it is locked, another process may mistake it for a leftover.
        if _lock(file.fileno(), wait=True) and path.exists():
            return path, file
        file.close()


def _name() -> str:
    return f".{secrets.token_hex(8)}{_SUFFIX}"


def _take_away(path: str) -> None:
    descriptor = _opened(path)
    if descriptor is None:
        return
    try:
        if _lock(descriptor, wait=False):
            _remove(path, os.fstat(descriptor).st_mode)
    finally:
        os.close(descriptor)


def _remove(path: str, mode: int) -> None:
    if stat.S_ISDIR(mode):
        shutil.rmtree(path, ignore_errors=True)
    elif stat.S_ISREG(mode):
        with suppress(OSError):
            os.unlink(path)  # noqa: PTH108 — it came as a string


def _opened(path: str) -> int | None:
    for access in (os.O_RDWR, os.O_RDONLY):  # a folder can only be opened for reading
        with suppress(OSError):
            return os.open(path, access | getattr(os, "O_NONBLOCK", 0))
    return None


if sys.platform == "win32":

    def _lock(_descriptor: int, *, wait: bool) -> bool:  # noqa: ARG001
        """Windows does not remove open files, so no lock is needed."""
        return True

else:
    import fcntl

    def _lock(descriptor: int, *, wait: bool) -> bool:
        """Whether this process holds the file's lock, as far as the file system tells."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            return False
        except OSError:
            return wait  # no locks on this file system, so leftovers stay
        return True
