"""Template files keep every byte, and are replaced whole or not at all."""

import os
import stat
from pathlib import Path

import pytest

from rewriter.carriers.files import make_folder, read_template, write_all, write_bytes
from rewriter.errors import BadInput

EVERY_SHAPE = {
    "nothing": b"",
    "a missing final newline": b"{{ a }}",
    "a final newline": b"{{ a }}\n",
    "carriage returns": b"{{ a }}\r\nb\r\n",
    "mixed line endings": b"a\r\nb\nc\rd",
    "a byte-order mark": b"\xef\xbb\xbf{{ a }}",
    "characters outside ASCII": "<｜User｜>\u2028ü".encode(),
    "control characters": b"a\x00b\x0bc\x1a",
}


@pytest.mark.parametrize("content", EVERY_SHAPE.values(), ids=EVERY_SHAPE)
def test_what_is_read_and_written_back_is_the_same_bytes(tmp_path: Path, content: bytes):
    path = tmp_path / "chat.jinja"
    path.write_bytes(content)
    write_bytes(path, read_template(path).encode())
    assert path.read_bytes() == content


def test_the_mode_of_a_replaced_file_stays(tmp_path: Path):
    path = tmp_path / "chat.jinja"
    path.write_text("old")
    path.chmod(0o640)
    write_bytes(path, b"new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_new_file_has_the_mode_that_any_new_file_has(tmp_path: Path):
    (tmp_path / "any").write_text("")
    write_bytes(tmp_path / "chat.jinja", b"new")
    assert (tmp_path / "chat.jinja").stat().st_mode == (tmp_path / "any").stat().st_mode


def test_a_link_stays_a_link_and_its_target_is_replaced(tmp_path: Path):
    (tmp_path / "elsewhere").mkdir()
    target = tmp_path / "elsewhere" / "chat.jinja"
    target.write_text("old")
    link = tmp_path / "chat.jinja"
    link.symlink_to(target)
    write_bytes(link, b"new")
    assert link.is_symlink()
    assert target.read_text() == "new"


def test_nothing_is_left_beside_a_written_file(tmp_path: Path):
    write_bytes(tmp_path / "chat.jinja", b"new")
    assert list(tmp_path.iterdir()) == [tmp_path / "chat.jinja"]


@pytest.mark.parametrize(
    "interruption", [OSError(28, "No space left on device"), KeyboardInterrupt]
)
def test_an_interrupted_write_leaves_the_old_file_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, interruption: BaseException
):
    def interrupted(*_: object) -> None:
        raise interruption

    path = tmp_path / "chat.jinja"
    path.write_text("old")
    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises((BadInput, KeyboardInterrupt)):
        write_bytes(path, b"new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [tmp_path / "chat.jinja"]


def test_a_missing_file_is_bad_input(tmp_path: Path):
    with pytest.raises(BadInput, match=r"chat\.jinja: no such file"):
        read_template(tmp_path / "chat.jinja")


def test_a_folder_is_bad_input(tmp_path: Path):
    with pytest.raises(BadInput, match="a folder, not a template"):
        read_template(tmp_path)


def test_a_link_to_itself_is_bad_input(tmp_path: Path):
    link = tmp_path / "chat.jinja"
    link.symlink_to(link)
    with pytest.raises(BadInput, match="cannot be read"):
        read_template(link)
    with pytest.raises(BadInput, match="folder"):
        write_bytes(link / "below", b"new")


def test_bytes_that_are_not_utf8_are_bad_input_and_the_first_of_them_is_named(tmp_path: Path):
    path = tmp_path / "chat.jinja"
    path.write_bytes("hä".encode() + b"\xff\xfe")
    with pytest.raises(BadInput, match=r"the byte at offset 3 \(0xff\)"):
        read_template(path)


def test_a_file_in_place_of_the_folder_is_bad_input(tmp_path: Path):
    (tmp_path / "folder").write_text("a file")
    with pytest.raises(BadInput, match="cannot be written: Not a directory"):
        write_bytes(tmp_path / "folder" / "chat.jinja", b"new")
    with pytest.raises(BadInput, match="cannot be created"):
        make_folder(tmp_path / "folder")


def test_a_folder_in_place_of_the_file_is_bad_input(tmp_path: Path):
    with pytest.raises(BadInput, match="a folder, not a file"):
        write_bytes(tmp_path, b"new")


def test_a_folder_that_may_not_be_written_to_is_bad_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def forbidden(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "chat.jinja"
    path.write_text("old")
    monkeypatch.setattr(os, "replace", forbidden)
    monkeypatch.setattr(Path, "replace", forbidden)
    with pytest.raises(BadInput, match="cannot be written: Permission denied"):
        write_bytes(path, b"new")
    assert path.read_text() == "old"


def test_a_read_only_file_stays_as_it_is(tmp_path: Path):
    path = tmp_path / "a.jinja"
    path.write_bytes(b"old")
    path.chmod(0o444)
    with pytest.raises(BadInput, match="cannot be written: it is read-only"):
        write_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["a.jinja"]


def test_of_several_files_none_is_written_if_one_cannot_be(tmp_path: Path):
    path = tmp_path / "a.jinja"
    path.write_bytes(b"old")
    missing = tmp_path / "missing" / "b.jinja"
    with pytest.raises(BadInput, match="cannot be written"):
        write_all({path: b"new", tmp_path / "c.jinja": b"new", missing: b"new"})
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["a.jinja"]


def test_what_was_replaced_is_put_back_when_a_later_file_cannot_be(tmp_path: Path, monkeypatch):
    path = tmp_path / "a.jinja"
    path.write_bytes(b"old")
    fresh, last = tmp_path / "b.jinja", tmp_path / "c.jinja"
    replace = Path.replace

    def full(self: Path, target: Path) -> Path:
        if target.name == last.name:
            raise OSError(28, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(BadInput, match="No space left on device"):
        write_all({path: b"new", fresh: b"new", last: b"new"})
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["a.jinja"]
