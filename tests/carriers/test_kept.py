"""What was kept comes back as it was kept, or not at all."""

import os
import sys
import time
from pathlib import Path

import pytest

from rewriter.carriers.kept import keep, kept_text
from rewriter.errors import BadInput

DAY = 24 * 60 * 60


@pytest.mark.parametrize("text", ["", "a\r\n\nb", "\ufeffä", "half \udc80 of a character"])
def test_it_comes_back_as_it_was_kept(tmp_path: Path, text: str):
    file = tmp_path / "new" / "a.kept"
    keep(file, text, days=1)
    assert kept_text(file) == text


def test_what_was_never_kept_is_nothing(tmp_path: Path):
    (tmp_path / "file").write_text("")
    assert kept_text(tmp_path / "a.kept") is None
    assert kept_text(tmp_path / "file" / "a.kept") is None


@pytest.mark.parametrize("damage", [b"", b"x", b"\n"], ids=["cut", "added to", "a line more"])
def test_what_was_damaged_is_named_and_taken_away(tmp_path: Path, damage: bytes):
    file = tmp_path / "a.kept"
    keep(file, "text", days=1)
    content = file.read_bytes()
    file.write_bytes(content + damage if damage else content[:-1])
    with pytest.raises(BadInput, match=r"a\.kept: this is not what rewriter kept"):
        kept_text(file)
    assert kept_text(file) is None


@pytest.mark.skipif(sys.platform == "win32", reason="it has no such files")
def test_a_pipe_or_a_device_in_its_place_is_named_and_taken_away(tmp_path: Path):
    pipe, device = tmp_path / "pipe.kept", tmp_path / "device.kept"
    os.mkfifo(pipe)
    device.symlink_to("/dev/zero")
    for file, kind in ((pipe, "pipe"), (device, "device")):
        with pytest.raises(BadInput, match=f"this is a {kind}, not a file"):
            kept_text(file)
        assert not os.path.lexists(file)
    assert Path("/dev/zero").exists()


def test_what_was_used_of_late_stays_and_what_was_not_is_cleared(tmp_path: Path):
    old, used = tmp_path / "old.kept", tmp_path / "used.kept"
    for file in (old, used):
        keep(file, "text", days=10)
        os.utime(file, (0, time.time() - 11 * DAY))
    os.utime(tmp_path / ".cleared", (0, time.time() - 2 * DAY))
    assert kept_text(used) == "text"
    keep(tmp_path / "new.kept", "text", days=10)
    names = {file.name for file in tmp_path.iterdir()}
    assert names == {"used.kept", "new.kept", ".cleared"}


def test_it_is_looked_through_once_a_day(tmp_path: Path):
    keep(tmp_path / "a.kept", "text", days=10)
    os.utime(tmp_path / "a.kept", (0, time.time() - 11 * DAY))
    keep(tmp_path / "b.kept", "text", days=10)
    assert (tmp_path / "a.kept").exists()
