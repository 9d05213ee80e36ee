"""Replace a file by one that is written beside it, keeping its owner, mode and attributes."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import IO, TypeAlias

from rewriter.carriers.regular import check_regular, read_regular
from rewriter.carriers.temporary import temporary_beside
from rewriter.errors import BadInput

Reported: TypeAlias = Callable[[Path], AbstractContextManager[None]]


def checked_target(path: Path) -> Path:
    """The file to replace: the path, or the file that a link leads to.

    Raises:
        BadInput: it cannot be replaced.

    """
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise BadInput("this is a folder, not a file", name=str(path))
    try:
        found = target.stat()
    except OSError:
        return target  # there is none, or writing it will fail
    check_regular(path, found)
    # A rename would succeed even on a read-only file.
    if not found.st_mode & 0o222:
        hint = "make it writable, or write elsewhere"
        raise BadInput("cannot be written: it is read-only", name=str(path), hint=hint)
    return target


def stage(file: IO[bytes], content: bytes) -> None:
    """Write the content to a temporary file, and flush it to the disk."""
    file.write(content)
    file.flush()
    os.fsync(file.fileno())


def as_it_was(temporary: Path, target: Path, name: str) -> Iterator[str]:
    """Give the temporary file the target's owner, mode and attributes; yield what was lost."""
    if not target.exists():
        return
    found = target.stat()
    if not _owned(temporary, found):
        yield f"{name}: its owner could not be kept"
    temporary.chmod(stat.S_IMODE(found.st_mode))
    if not _attributed(temporary, target):
        yield f"{name}: its extended attributes could not be kept"
    if found.st_nlink > 1:
        others = found.st_nlink - 1
        yield (
            f"{name}: it has {others} other name{'' if others == 1 else 's'} (hard links), "
            "under which the old text stays"
        )


def put_in_place(
    staged: Mapping[Path, Path], expected: Mapping[Path, bytes | None], reported: Reported
) -> None:
    """Move the staged files into place; if one fails, restore those that were replaced.

    Raises:
        BadInput: a file cannot be replaced, or does not hold what was expected.

    """
    before: dict[Path, bytes | None] = {}
    for target in staged:
        with reported(target):
            before[target] = read_regular(target) if target.exists() else None
        if target in expected and before[target] != expected[target]:
            raise BadInput(
                "the file changed in the meantime, so nothing was written",
                name=str(target),
                hint="look at what changed, and run the command again",
            )
    done: list[Path] = []
    try:
        for target, temporary in staged.items():
            with reported(target):
                temporary.replace(target)
            done.append(target)
    except BaseException:
        for target in done:
            _restore(target, before[target])
        raise


def _restore(target: Path, content: bytes | None) -> None:
    if content is None:
        return target.unlink()
    with temporary_beside(target) as (temporary, file):
        for _ in as_it_was(temporary, target, str(target)):
            pass  # reported when the file was replaced
        stage(file, content)
        temporary.replace(target)
    return None


def _owned(temporary: Path, wanted: os.stat_result) -> bool:
    if _is_of(temporary.stat(), wanted):
        return True
    try:
        os.chown(temporary, wanted.st_uid, wanted.st_gid)
    except OSError:
        with suppress(OSError):  # changing only the group may be allowed
            os.chown(temporary, -1, wanted.st_gid)
        return False
    return True


def _is_of(made: os.stat_result, wanted: os.stat_result) -> bool:
    return (made.st_uid, made.st_gid) == (wanted.st_uid, wanted.st_gid)


def _attributed(temporary: Path, target: Path) -> bool:
    """Copy extended attributes, access lists included; return whether all could be copied."""
    if not hasattr(os, "listxattr"):
        return True
    kept = True
    with suppress(OSError):  # this file system has none
        for name in os.listxattr(target):
            kept = _copied(name, temporary, target) and kept
    return kept


def _copied(attribute: str, temporary: Path, target: Path) -> bool:
    try:
        wanted = os.getxattr(target, attribute)
        with suppress(OSError):
            if os.getxattr(temporary, attribute) == wanted:
                return True  # set by the system itself, such as SELinux's
        os.setxattr(temporary, attribute, wanted)
    except OSError:
        return False
    return True
