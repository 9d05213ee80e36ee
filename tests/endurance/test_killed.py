"""A command that is killed leaves every file whole, and what it leaves the next run takes away.

Opt-in: see CONTRIBUTING.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.endurance.contents import MARKED, PLAIN

pytestmark = [
    pytest.mark.endurance,
    pytest.mark.skipif(sys.platform == "win32", reason="there is no such kill"),
]

TIMES = int(os.environ.get("ENDURANCE_KILLS", "200"))
# So many kills before a run that ends.
IN_A_ROW = 5
FILES = 12
# So that most are killed as they write, and not as they start.
SLOW_DISK = """
import os, time
_fsync = os.fsync
def fsync(descriptor):
    time.sleep(0.05)
    _fsync(descriptor)
os.fsync = fsync
"""
COMMANDS = (
    ("strip", "--write"),
    ("serve", "--write"),
    ("patch", "--write", "--no-verify"),
    ("regenerate", "--jobs", "2", "--examples", "2"),
)


def _fill(folder: Path) -> None:
    folder.mkdir()
    for number in range(FILES):
        text = f"{{# {number} #}}{MARKED}"
        (folder / f"m{number}_training.jinja").write_text(text)
        (folder / f"m{number}.json").write_text("{}")
    (folder / "tokenizer_config.json").write_text(json.dumps({"chat_template": MARKED}))
    (folder / "chat.py").write_text(f"T = {MARKED!r}\n")
    for number in range(3):
        (folder / f"p{number}.jinja").write_text(f"{{# {number} #}}{PLAIN}")


def _path(folder: Path) -> str:
    (folder / "sitecustomize.py").write_text(SLOW_DISK)
    return os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])


def _started(command: tuple[str, ...], folder: Path, cache: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "rewriter", *command, str(folder)],
        env={**os.environ, "REWRITER_CACHE": str(cache), "PYTHONPATH": _path(folder.parent)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _done(command: tuple[str, ...], folder: Path, cache: Path) -> bool:
    """Whether it ends, as it should: what is no template there, and has no mask, is told."""
    with _started(command, folder, cache) as process:
        return process.wait(120) in (0, 2, 3)


def _contents(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in folder.iterdir()}


def _left(folder: Path) -> list[Path]:
    return list(folder.rglob("*.rewriter-tmp"))


@pytest.mark.parametrize("command", COMMANDS, ids=[each[0] for each in COMMANDS])
def test_every_file_is_whole_and_the_next_run_ends_as_if_nothing_had_been(
    command: tuple[str, ...], tmp_path: Path
):
    cache, folder, expected = tmp_path / "cache", tmp_path / "folder", tmp_path / "expected"
    _fill(expected)
    before = _contents(expected)
    started = time.monotonic()
    assert _done(command, expected, cache)
    whole = time.monotonic() - started
    after = _contents(expected)
    assert after != before
    chance = random.Random(command[0])
    found = 0
    for number in range(TIMES // len(COMMANDS)):
        if number % IN_A_ROW == 0:
            shutil.rmtree(folder, ignore_errors=True)
            shutil.rmtree(cache, ignore_errors=True)
            _fill(folder)
        with _started(command, folder, cache) as process:
            time.sleep(chance.uniform(0.4, 1.1) * whole)
            process.send_signal(signal.SIGKILL)
        killed = {n: c for n, c in _contents(folder).items() if not n.endswith(".rewriter-tmp")}
        assert all(content in (before.get(n), after.get(n)) for n, content in killed.items())
        assert killed.keys() >= before.keys()
        found += len(_left(tmp_path))
        if number % IN_A_ROW == IN_A_ROW - 1:
            assert _done(command, folder, cache)
            assert _contents(folder) == after
            assert not _left(tmp_path)
    print(f"{found} temporary files were left, and taken away")  # noqa: T201 — what it was worth
