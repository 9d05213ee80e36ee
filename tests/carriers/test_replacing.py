"""A file that is replaced loses nothing: what was saved meanwhile, its owner, its other names."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from rewriter.carriers.files import before_writing, write_all, write_bytes
from rewriter.carriers.temporary import sweep, temporary_beside, temporary_folder
from rewriter.errors import BadInput


def test_what_nobody_has_touched_is_replaced(tmp_path: Path):
    path = tmp_path / "chat.jinja"
    path.write_bytes(b"old")
    before = before_writing(path)
    assert write_all({path: b"new"}, {path: before}) == ()
    assert path.read_bytes() == b"new"


def test_what_was_not_there_is_written(tmp_path: Path):
    path = tmp_path / "chat.jinja"
    before = before_writing(path)
    assert before is None
    write_all({path: b"new"}, {path: before})
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("saved", [b"saved", b""])
def test_what_was_saved_meanwhile_stays(tmp_path: Path, saved: bytes):
    path = tmp_path / "chat.jinja"
    path.write_bytes(b"old")
    before = before_writing(path)
    path.write_bytes(saved)
    with pytest.raises(BadInput, match=r"chat\.jinja: the file changed in the meantime"):
        write_all({path: b"new"}, {path: before})
    assert path.read_bytes() == saved
    assert list(tmp_path.iterdir()) == [path]


def test_what_was_made_or_removed_meanwhile_is_no_place_to_write_to(tmp_path: Path):
    made, removed = tmp_path / "made.jinja", tmp_path / "removed.jinja"
    removed.write_bytes(b"old")
    before = {path: before_writing(path) for path in (made, removed)}
    made.write_bytes(b"saved")
    removed.unlink()
    for path in (made, removed):
        with pytest.raises(BadInput, match="changed in the meantime"):
            write_all({path: b"new"}, {path: before[path]})
    assert made.read_bytes() == b"saved"
    assert not removed.exists()


def test_of_several_files_none_is_written_if_one_was_saved_meanwhile(tmp_path: Path):
    first, second = tmp_path / "a.jinja", tmp_path / "b.jinja"
    for path in (first, second):
        path.write_bytes(b"old")
    before = {path: before_writing(path) for path in (first, second)}
    second.write_bytes(b"saved")
    with pytest.raises(BadInput, match=r"b\.jinja: the file changed in the meantime"):
        write_all({first: b"new", second: b"new"}, before)
    assert (first.read_bytes(), second.read_bytes()) == (b"old", b"saved")


def test_what_a_link_leads_to_is_looked_at_too(tmp_path: Path):
    target, link = tmp_path / "target.jinja", tmp_path / "link.jinja"
    target.write_bytes(b"old")
    link.symlink_to(target)
    before = before_writing(link)
    target.write_bytes(b"saved")
    with pytest.raises(BadInput, match="changed in the meantime"):
        write_all({link: b"new"}, {link: before})
    assert target.read_bytes() == b"saved"


def test_other_names_of_a_file_keep_the_old_text_and_that_is_said(tmp_path: Path):
    path, other = tmp_path / "a.jinja", tmp_path / "b.jinja"
    path.write_bytes(b"old")
    other.hardlink_to(path)
    (remark,) = write_bytes(path, b"new")
    assert remark.startswith(f"{path}: it has 1 other name (hard links)")
    assert (path.read_bytes(), other.read_bytes()) == (b"new", b"old")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives away")
def test_the_owner_stays(tmp_path: Path):
    path = tmp_path / "a.jinja"
    path.write_bytes(b"old")
    os.chown(path, 12_345, 23_456)
    path.chmod(0o640)
    assert write_bytes(path, b"new") == ()
    found = path.stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (12_345, 23_456, 0o640)


def test_an_owner_that_cannot_stay_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def forbidden(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    path = tmp_path / "a.jinja"
    path.write_bytes(b"old")
    monkeypatch.setattr("rewriter.carriers.replacing._is_of", lambda *_: False)
    monkeypatch.setattr(os, "chown", forbidden)
    assert write_bytes(path, b"new") == (f"{path}: its owner could not be kept",)
    assert path.read_bytes() == b"new"


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="Linux alone has them here")
def test_extended_attributes_stay(tmp_path: Path):
    path = tmp_path / "a.jinja"
    path.write_bytes(b"old")
    try:
        os.setxattr(path, "user.note", b"mine")
    except OSError:
        pytest.skip("this file system has none")
    assert write_bytes(path, b"new") == ()
    assert os.getxattr(path, "user.note") == b"mine"


@pytest.mark.skipif(sys.platform == "win32", reason="no locks, no such kill")
def test_what_a_killed_process_left_is_taken_away_and_what_a_living_one_writes_is_not(
    tmp_path: Path,
):
    writing = (
        "import sys; from pathlib import Path\n"
        "from rewriter.carriers.temporary import temporary_beside\n"
        "with temporary_beside(Path(sys.argv[1])): print('ready', flush=True); sys.stdin.read()\n"
    )
    target = tmp_path / "a.jinja"
    living, killed = (
        subprocess.Popen(
            [sys.executable, "-c", writing, str(target)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for _ in range(2)
    )
    for process in (living, killed):
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert len(list(tmp_path.iterdir())) == 2
    before_writing(target)
    assert len(list(tmp_path.iterdir())) == 1
    living.communicate(b"")
    assert list(tmp_path.iterdir()) == []


def test_files_of_others_are_left_alone(tmp_path: Path):
    others = [tmp_path / name for name in (".a.tmp", "a.rewriter-tmp", "rewriter-tmp")]
    for path in others:
        path.write_bytes(b"mine")
    sweep(tmp_path)
    sweep(tmp_path / "missing")
    assert sorted(tmp_path.iterdir()) == sorted(others)


@pytest.mark.skipif(sys.platform == "win32", reason="no locks")
def test_a_folder_that_was_left_is_taken_away_and_one_in_use_is_not(tmp_path: Path):
    left = tmp_path / ".a.rewriter-tmp"
    (left / "below").mkdir(parents=True)
    (left / "below" / "file").write_bytes(b"")
    with temporary_folder(tmp_path) as used:
        sweep(tmp_path)
        assert list(tmp_path.iterdir()) == [used]
    assert list(tmp_path.iterdir()) == []


def test_a_temporary_file_that_was_renamed_stays(tmp_path: Path):
    target = tmp_path / "a.jinja"
    with temporary_beside(target) as (path, file):
        file.write(b"new")
        file.flush()
        path.replace(target)
    assert target.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [target]
