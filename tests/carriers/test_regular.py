"""What has no end, or a far one, is refused by name and at once."""

import io
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rewriter.carriers.files import before_writing, read_bytes, read_template, write_bytes
from rewriter.carriers.regular import LARGEST_FILE, LARGEST_TEMPLATE, read_bounded
from rewriter.errors import BadInput

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="it has no such files")


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    # The name of a socket may have some hundred characters.
    here = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


SPECIAL: dict[str, Callable[[Path], None]] = {
    "a pipe": _pipe,
    "a socket": _socket,
    "a device": _device,
}


def test_a_file_of_the_largest_size_is_read(tmp_path: Path):
    path = tmp_path / "a.jinja"
    path.write_bytes(b"x" * LARGEST_TEMPLATE)
    assert len(read_template(path)) == LARGEST_TEMPLATE
    assert read_bounded(io.BytesIO(b"xx"), 2, "a") == b"xx"


@pytest.mark.parametrize("kind", SPECIAL)
def test_what_is_no_file_is_neither_read_nor_replaced(tmp_path: Path, kind: str):
    path = tmp_path / "a.jinja"
    SPECIAL[kind](path)
    before = path.stat()
    for attempt in (read_bytes, read_template, before_writing):
        with pytest.raises(BadInput, match=rf"a\.jinja: this is {kind}, not a file"):
            attempt(path)
    with pytest.raises(BadInput, match=f"this is {kind}"):
        write_bytes(path, b"new")
    assert (path.stat().st_ino, path.stat().st_mode) == (before.st_ino, before.st_mode)
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path):
    template, other = tmp_path / "a.jinja", tmp_path / "b.json"
    for path, size in ((template, LARGEST_TEMPLATE), (other, LARGEST_FILE)):
        with path.open("wb") as file:
            file.truncate(size + 1)
    with pytest.raises(BadInput, match="this is too large: more than 4 MiB"):
        read_template(template)
    with pytest.raises(BadInput, match="this is too large: more than 32 MiB"):
        read_bytes(other)


def test_what_has_no_end_is_read_no_further_than_it_may_reach():
    with (
        Path("/dev/zero").open("rb") as endless,
        pytest.raises(BadInput, match="<stdin>: this is too large"),
    ):
        read_bounded(endless, LARGEST_TEMPLATE, "<stdin>")


def test_a_name_that_no_file_can_have_is_bad_input():
    with pytest.raises(BadInput, match="this cannot be the name of a file"):
        read_template(Path("a\0b"))
