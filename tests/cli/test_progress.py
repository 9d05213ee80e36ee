"""The bar of a long command, on a terminal."""

import os
import subprocess
import sys

import pytest

from tests.cli.terminals import read_to_the_end

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")

LONG = """
import sys
import time
from rewriter.cli import progress
from rewriter.cli.streams import say

progress._SECONDS = float(sys.argv[1])
with progress.progress(2) as bar:
    time.sleep(0.3)
    bar.advance("one.jinja")
    with bar.aside():
        say("one.jinja: done")
    time.sleep(0.3)
"""


def shown(seconds: float) -> str:
    """What a terminal gets of a command of 0.6 s whose bar comes after so many seconds."""
    import pty

    main_end, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", LONG, str(seconds)],
        stderr=terminal,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(terminal)
    text = b"".join(read_to_the_end(main_end)).decode()
    os.close(main_end)
    assert process.wait() == 0
    return text


def test_what_is_done_at_once_shows_no_bar():
    assert shown(9) == "one.jinja: done\r\n"


def test_what_takes_longer_counts_and_names_what_is_done_and_leaves_only_what_is_said():
    text = shown(0.1)
    assert "0/2" in text
    assert "one.jinja" in text
    assert "1/2" in text
    # The line that is said stands by itself, below no rest of a bar.
    assert "\x1b[2Kone.jinja: done\r\n" in text


def test_what_is_no_terminal_gets_no_bar():
    said = subprocess.run(
        [sys.executable, "-c", LONG, "0"], capture_output=True, text=True, check=True
    )
    assert (said.stdout, said.stderr) == ("", "one.jinja: done\n")
