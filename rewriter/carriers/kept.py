"""A cache on this machine: checked when it is read, cleared when it is old.

The first line of each file is the SHA-256 of the rest.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from rewriter.carriers.files import make_folder, read_bytes, write_bytes
from rewriter.errors import BadInput

_DAY: Final = 24 * 60 * 60
# Its modification time says when the folder was last cleared.
_CLEARED: Final = ".cleared"


def keep(file: Path, text: str, *, days: int) -> None:
    """Keep the text in the file, and clear from its folder what was not used for ``days`` days.

    Raises:
        BadInput: the file cannot be written.

    """
    content = text.encode("utf-8", errors="surrogatepass")
    make_folder(file.parent)
    write_bytes(file, _digest(content) + b"\n" + content)
    _clear(file.parent, days)


def kept_text(file: Path) -> str | None:
    """The text kept in the file; ``None`` if there is no file.

    Raises:
        BadInput: the content is damaged, or the path is not a file; it is removed.

    """
    try:
        if not os.path.lexists(file):
            return None
        return _checked(file)
    except BadInput:
        with suppress(OSError):
            file.unlink()
        raise
    except OSError:
        return None  # a parent is not a folder


def _checked(file: Path) -> str:
    digest, _, content = read_bytes(file).partition(b"\n")
    if _digest(content) != digest:
        raise BadInput("this is not what rewriter kept", name=str(file))
    with suppress(OSError):
        os.utime(file)  # it was used now
    return content.decode("utf-8", errors="surrogatepass")


def _digest(content: bytes) -> bytes:
    return sha256(content).hexdigest().encode()


def _clear(folder: Path, days: int) -> None:
    """Once a day, remove the files that have not been used for ``days`` days."""
    now = time.time()
    with suppress(OSError):
        if _age(folder / _CLEARED, now) < _DAY:
            return
        (folder / _CLEARED).touch()
        for path in folder.rglob("*"):
            if path.is_file() and path.name != _CLEARED and _age(path, now) > days * _DAY:
                path.unlink()


def _age(file: Path, now: float) -> float:
    try:
        return now - file.lstat().st_mtime
    except FileNotFoundError:
        return now
