"""Files read and written byte for byte; most hold one template and nothing else."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from rewriter.errors import BadInput


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
    write_all({path: content})


def write_all(contents: Mapping[Path, bytes]) -> None:
    """Replace each file by its content, as `write_bytes` does: all of them, or none.

    Raises:
        BadInput: one of them cannot be written; what was there is untouched.

    """
    staged: dict[Path, Path] = {}
    try:
        for path, content in contents.items():
            with _reported(path):
                target = _target(path)
                staged[target] = _temporary(target)
                _stage(staged[target], target, content)
        _replace_all(staged)
    finally:
        for temporary in staged.values():
            with suppress(OSError):  # it may never have been made
                temporary.unlink()


def make_folder(path: Path) -> None:
    """Make the folder and those above it, where they are missing.

    Raises:
        BadInput: it cannot be made.

    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"cannot be made: {error.strerror}", name=str(path)) from error


@contextmanager
def _reported(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        hint = f"is {path.parent} a folder that you may write to?"
        raise BadInput(f"cannot be written: {error.strerror}", name=str(path), hint=hint) from error


def _target(path: Path) -> Path:
    """The file that a link leads to."""
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise BadInput("this is a folder, not a file", name=str(path))
    # A rename would not mind.
    if target.exists() and not target.stat().st_mode & 0o222:
        hint = "make it writable, or write elsewhere"
        raise BadInput("cannot be written: it is read-only", name=str(path), hint=hint)
    return target


def _temporary(target: Path) -> Path:
    # Beside the target, since a rename is atomic only within one file system.
    return target.with_name(f".{secrets.token_hex(8)}.tmp")


def _stage(temporary: Path, target: Path, content: bytes) -> None:
    with temporary.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if target.exists():
        temporary.chmod(target.stat().st_mode & 0o7777)


def _replace_all(staged: Mapping[Path, Path]) -> None:
    """Put what is staged into its place; if one cannot be, what was there before is put back."""
    before = {target: target.read_bytes() if target.exists() else None for target in staged}
    done: list[Path] = []
    try:
        for target, temporary in staged.items():
            with _reported(target):
                temporary.replace(target)
            done.append(target)
    except BaseException:
        for target in done:
            _restore(target, before[target])
        raise


def _restore(target: Path, content: bytes | None) -> None:
    if content is None:
        return target.unlink()
    temporary = _temporary(target)
    _stage(temporary, target, content)
    temporary.replace(target)
    return None
