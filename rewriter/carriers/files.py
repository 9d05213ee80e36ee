"""Files read and written byte for byte; most hold one template and nothing else."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path
from typing import Final

from rewriter.errors import BadInput

_WRITABLE: Final = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


def read_template(path: Path) -> str:
    """The text of the file: byte-order mark, line endings and final newline as they are.

    Raises:
        BadInput: the file is missing, a folder, not readable or not UTF-8.

    """
    return decoded(read_bytes(path), str(path))


def read_bytes(path: Path) -> bytes:
    """The content of the file.

    Raises:
        BadInput: the file is missing, a folder or not readable.

    """
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise BadInput("no such file", name=str(path)) from error
    except IsADirectoryError as error:
        hint = "name the template files themselves"
        raise BadInput("this is a folder, not a template", name=str(path), hint=hint) from error
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}", name=str(path)) from error


def decoded(content: bytes, name: str) -> str:
    """The bytes as text.

    Raises:
        BadInput: they are not UTF-8; says which byte is not.

    """
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        found = f"0x{content[error.start]:02x}"
        message = f"not UTF-8: the byte at offset {error.start} ({found}) cannot be decoded"
        raise BadInput(message, name=name, hint="save the file as UTF-8") from error


def write_template(path: Path, text: str) -> None:
    """Replace the file by ``text``, as `write_bytes` does."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """Replace the file by ``content``, whole or not at all.

    The mode of an existing file stays; a link stays a link, and what it points to is replaced.

    Raises:
        BadInput: the file or its folder cannot be written; what was there is untouched.

    """
    try:
        target = Path(os.path.realpath(path))
        if target.is_dir():
            raise BadInput("this is a folder, not a file", name=str(path))
        if target.exists() and not target.stat().st_mode & _WRITABLE:
            # A rename would replace it all the same.
            hint = "make it writable, or write elsewhere"
            raise BadInput("cannot be written: it is read-only", name=str(path), hint=hint)
        _replace(target, content)
    except OSError as error:
        hint = f"is {path.parent} a folder that you may write to?"
        raise BadInput(f"cannot be written: {error.strerror}", name=str(path), hint=hint) from error


def make_folder(path: Path) -> None:
    """Make the folder and those above it, where they are missing.

    Raises:
        BadInput: it cannot be made.

    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"cannot be made: {error.strerror}", name=str(path)) from error


def _replace(target: Path, content: bytes) -> None:
    # Beside the target, since a rename is atomic only within one file system.
    temporary = target.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            temporary.chmod(target.stat().st_mode & 0o7777)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
