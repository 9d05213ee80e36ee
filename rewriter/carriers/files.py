"""Files read and written byte for byte; most hold one template and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rewriter.carriers.regular import LARGEST_FILE, LARGEST_TEMPLATE, read_regular
from rewriter.carriers.replacing import as_it_was, checked_target, put_in_place, stage
from rewriter.carriers.temporary import sweep, temporary_beside
from rewriter.errors import BadInput


def read_template(path: Path) -> str:
    """The text of the file: byte-order mark, line endings and final newline as they are.

    Raises:
        BadInput: the file is missing, a folder, a pipe, a device, not readable, not UTF-8, or
            larger than any template.

    """
    return decoded(read_bytes(path, LARGEST_TEMPLATE), str(path))


def read_bytes(path: Path, most: int = LARGEST_FILE) -> bytes:
    """The content of the file.

    Raises:
        BadInput: the file is missing, a folder, a pipe, a device, not readable, or larger than
            ``most`` bytes.

    """
    try:
        return read_regular(path, most)
    except FileNotFoundError as error:
        raise BadInput("no such file", name=str(path)) from error
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}", name=str(path)) from error
    except ValueError as error:
        raise BadInput(
            f"this cannot be the name of a file: {error}", name=repr(str(path))
        ) from error


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


def encoded(text: str, encoding: str, name: str) -> bytes:
    """The text as bytes.

    Raises:
        BadInput: the encoding has no place for a character of it.

    """
    try:
        return text.encode(encoding)
    except UnicodeEncodeError as error:
        character = text[error.start]
        half = " (half of a character)" if "\ud800" <= character <= "\udfff" else ""
        message = f"the new text cannot be in {encoding}, which has no U+{ord(character):04X}{half}"
        raise BadInput(message, name=name) from error


def before_writing(path: Path) -> bytes | None:
    """What the file holds before the work on it begins; ``None`` if there is none.

    To be asked before anything is read that the new content is made of. What processes that were
    killed have left beside it is taken away.

    Raises:
        BadInput: it cannot be read, or could not be replaced.

    """
    with _reported(path):
        target = checked_target(path)
        sweep(target.parent)
        return read_bytes(target) if target.exists() else None


def write_template(path: Path, text: str) -> tuple[str, ...]:
    """Replace the file by ``text``, as `write_bytes` does.

    Raises:
        BadInput: it cannot be written, or the text cannot be in UTF-8.

    """
    return write_bytes(path, encoded(text, "utf-8", str(path)))


def write_bytes(path: Path, content: bytes) -> tuple[str, ...]:
    """Replace the file by ``content``, whole or not at all, whatever it holds.

    Mode, owner and extended attributes of an existing file stay; a link stays a link, and what it
    points to is replaced.

    Returns:
        What could not stay as it was, a sentence each.

    Raises:
        BadInput: the file or its folder cannot be written; what was there is untouched.

    """
    return write_all({path: content})


def write_all(
    contents: Mapping[Path, bytes], before: Mapping[Path, bytes | None] | None = None
) -> tuple[str, ...]:
    """Replace each file by its content, as `write_bytes` does: all of them, or none.

    Args:
        contents: what each file is to hold.
        before: what each was read to hold, as `before_writing` has it. If one of them holds
            something else now, somebody has saved it meanwhile, and nothing is written.

    Raises:
        BadInput: one of them cannot be written, or was saved meanwhile; what was there is
            untouched.

    """
    expected = {checked_target(path): content for path, content in (before or {}).items()}
    remarks: list[str] = []
    with ExitStack() as stack:
        staged: dict[Path, Path] = {}
        for path, content in contents.items():
            with _reported(path):
                target = checked_target(path)
                sweep(target.parent)
                staged[target], file = stack.enter_context(temporary_beside(target))
                # What only some may read is never where others may.
                remarks += as_it_was(staged[target], target, str(path))
                stage(file, content)
        put_in_place(staged, expected, _reported)
    return tuple(remarks)


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
