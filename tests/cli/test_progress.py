"""The bar of a long command, on a terminal."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from rewriter.cli import main
from tests.cli.small import ORIGINAL
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


# Each command with files that it is done with at once, and what a terminal is told meanwhile.
COMMANDS = [
    (["lint", "one.jinja", "two.jinja"], "checking", ["0/2", "one.jinja", "1/2"]),
    (["verify", "--examples", "1", "raises.jinja"], "checking", []),
    (["show", "raises.jinja"], "drawing", []),
    (["audit", "raises.jinja", "data.jsonl"], "rewriting", []),
    (["propose", "raises.jinja"], "rewriting", []),
]


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("one.jinja", "two.jinja"):
        Path(name).write_text(ORIGINAL)
    Path("raises.jinja").write_text("{{ raise_exception('never') }}")
    Path("data.jsonl").touch()


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bar is shown before the work begins, however short that is."""

    class Begun:
        def __init__(self, target: Callable[[float], None], **_waiting: object):
            self.start = lambda: target(0)

        def join(self) -> None:
            pass

    monkeypatch.setattr("rewriter.cli.progress.Thread", Begun)


@pytest.fixture
def on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """Run a command whose stderr is a terminal, and return what that was shown."""
    import pty

    main_end, terminal = pty.openpty()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")

    def shown(arguments: list[str]) -> str:
        with os.fdopen(terminal, "w") as stream, monkeypatch.context() as patch:
            patch.setattr(sys, "stderr", stream)
            with suppress(SystemExit):
                main.main(arguments)
        return b"".join(read_to_the_end(main_end)).decode()

    yield shown
    os.close(main_end)


@pytest.mark.usefixtures("files", "at_once")
@pytest.mark.parametrize(("arguments", "what", "counted"), COMMANDS)
def test_no_command_shows_its_bar_where_stderr_is_no_terminal(run, arguments, what, counted):
    said = run(*arguments).output
    assert what not in said
    assert "\x1b" not in said


@pytest.mark.usefixtures("files", "at_once")
@pytest.mark.parametrize(("arguments", "what", "counted"), COMMANDS)
def test_every_command_that_proves_or_renders_says_what_it_does(
    on_a_terminal, arguments, what, counted
):
    text = on_a_terminal(arguments)
    assert what in text
    for each in counted:
        assert each in text
    # The bar is taken away, and the cursor is shown again.
    assert text.rindex("\x1b[?25h") > text.rindex(what)


@pytest.mark.usefixtures("files", "at_once")
def test_a_command_that_is_to_be_quiet_shows_no_bar_and_says_nothing(on_a_terminal):
    assert on_a_terminal(["lint", "-q", "one.jinja", "two.jinja"]) == ""


@pytest.mark.usefixtures("files", "at_once")
def test_without_colours_a_bar_has_none(on_a_terminal, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NO_COLOR", "1")
    text = on_a_terminal(["lint", "one.jinja", "two.jinja"])
    assert "1/2" in text
    assert "\x1b[3" not in text
