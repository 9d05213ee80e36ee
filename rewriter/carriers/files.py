"""Read and write files, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rewriter.carriers.regular import LARGEST_FILE, LARGEST_TEMPLATE, read_regular
from rewriter.carriers.replacing import as_it_was, checked_target, put_in_place, stage
from rewriter.carriers.temporary import sweep, temporary_beside
from rewriter.errors import BadInput


def read_template(path: Path) -> str:
    """The text of the file, with its byte-order mark, line endings and final newline.

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
    """Decode the bytes as UTF-8.

    Raises:
        BadInput: they are not UTF-8; the error names the first such byte.

    """
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        found = f"0x{content[error.start]:02x}"
        message = f"not UTF-8: the byte at offset {error.start} ({found}) cannot be decoded"
        raise BadInput(message, name=name, hint="save the file as UTF-8") from error


def encoded(text: str, encoding: str, name: str) -> bytes:
    """Encode the text.

    Raises:
        BadInput: the encoding lacks one of its characters.

    """
    try:
        return text.encode(encoding)
    except UnicodeEncodeError as error:
        character = text[error.start]
        half = " (half of a character)" if "\ud800" <= character <= "\udfff" else ""
        code_point = f"U+{ord(character):04X}{half}"
        message = f"the new text cannot be written in {encoding}, which has no {code_point}"
        raise BadInput(message, name=name) from error


def before_writing(path: Path) -> bytes | None:
    """The file's content before work on it begins; ``None`` if there is no file.

    Call it before you read anything that the new content depends on. It also removes temporary
    files that killed processes have left beside the file.

    Raises:
        BadInput: the file cannot be read, or cannot be replaced later.

    """
    with _reported(path):
        target = checked_target(path)
        sweep(target.parent)
        return read_bytes(target) if target.exists() else None


def write_bytes(path: Path, content: bytes) -> tuple[str, ...]:
    """Replace the file's content by ``content``, whole or not at all.

    An existing file keeps its mode, owner and extended attributes. A link stays a link, and the
    file that it points to is replaced.

    Returns:
        A sentence for each property of the file that could not be kept.

    Raises:
        BadInput: the file or its folder cannot be written; the file is left untouched.

    """
    return write_all({path: content})


def write_all(
    contents: Mapping[Path, bytes], before: Mapping[Path, bytes | None] | None = None
) -> tuple[str, ...]:
    """Replace the content of each file, as `write_bytes` does: of all of them, or of none.

    Args:
        contents: the new content of each file.
        before: the old content of each, from `before_writing`. If a file has
            changed since then, nothing is written.

    Raises:
        BadInput: one of them cannot be written, or has changed meanwhile; all are left untouched.

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
                # A file that only some may read is never readable by others, not even for a moment.
                remarks += as_it_was(staged[target], target, str(path))
                stage(file, content)
        put_in_place(staged, expected, _reported)
    return tuple(remarks)


def make_folder(path: Path) -> None:
    """Create the folder, and those above it, if they are missing.

    Raises:
        BadInput: the folder cannot be created.

    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"cannot be created: {error.strerror}", name=str(path)) from error


@contextmanager
def _reported(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        hint = f"check that {path.parent} is a folder that you can write to"
        raise BadInput(f"cannot be written: {error.strerror}", name=str(path), hint=hint) from error
