"""The command as a process: start, interruption, pipes, colours."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import rewriter
from tests.cli.terminals import read_to_the_end

COMMAND = [sys.executable, "-m", "rewriter"]


def test_the_version_is_told():
    shown = subprocess.run([*COMMAND, "--version"], capture_output=True, text=True, check=True)
    assert shown.stdout == f"rewriter, version {rewriter.__version__}\n"


def test_the_version_needs_nothing_heavy():
    heavy = ["hypothesis", "jinja2", "libcst", "pydantic", "rich", "transformers"]
    code = (
        "import sys; from rewriter.cli import main; main(['--version'], standalone_mode=False);"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.splitlines()[-1] == "[]"


def test_a_reader_that_goes_away_is_not_complained_about():
    process = subprocess.Popen(
        [*COMMAND, "families"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 141


# A module, as another process has to find the function that stands in for the rewriting.
SLOW_REWRITING = """
import pathlib
import time

def rewritten(*_, **__):
    pathlib.Path(__file__).with_name("busy").touch()
    time.sleep(60)
"""
SLOW_COMMAND = """
import signal

import rewriter.cli.batch
import slow

# Whoever runs the tests in the background may have had Ctrl-C ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
rewriter.cli.batch.rewritten = slow.rewritten
rewriter.cli.main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
@pytest.mark.parametrize("jobs", ["1", "4"])
def test_an_interruption_is_one_line_and_leaves_no_part_of_a_file(tmp_path: Path, jobs: str):
    (tmp_path / "slow.py").write_text(SLOW_REWRITING)
    command = tmp_path / "command.py"
    command.write_text(SLOW_COMMAND)
    process = subprocess.Popen(
        [sys.executable, command, "regenerate", "--out", tmp_path / "out", "--jobs", jobs],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not (tmp_path / "busy").exists():
        assert process.poll() is None
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    stdout, stderr = process.communicate(timeout=30)
    assert stderr == "interrupted: no file is half-written\n"
    assert stdout == ""
    assert process.returncode == 130
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals there")
@pytest.mark.parametrize(("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_a_terminal_gets_colours_unless_it_wants_none(environment: dict[str, str], coloured: bool):
    import pty

    main_end, terminal = pty.openpty()
    given = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    given |= {"TERM": "xterm", **environment}
    process = subprocess.Popen([*COMMAND, "families"], stdout=terminal, env=given)
    os.close(terminal)
    shown = b"".join(read_to_the_end(main_end))
    os.close(main_end)
    assert process.wait() == 0
    assert (b"\x1b[" in shown) == coloured


def test_help_has_whole_sentences():
    shown = subprocess.run([*COMMAND, "--help"], capture_output=True, text=True, check=True).stdout
    commands = " ".join(shown.partition("Commands:")[2].split())
    assert "..." not in commands
    assert "List the families that are recognised, and the transforms that each takes." in commands
