"""A page of the documentation as a script: its files are written, its commands and code run.

A fence with a ``title`` is a file of that name. In a ``console`` fence, what follows a command is
what it prints. A ``text`` or ``diff`` fence is what the fence before it prints. ``…`` stands for
anything. ``<!-- not run: why -->`` leaves out the fence that follows.
"""

from __future__ import annotations

import re
import runpy
import shlex
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from markdown_it import MarkdownIt

from rewriter.cli import main

# What a reader runs, and a test does not.
NOT_RUN = ("pip install", "python benchmarks/", "pytest", "bash", "mkdocs")


@dataclass(frozen=True)
class Fence:
    """A fenced block: its language, its title, its text, and why it is not run."""

    language: str
    title: str
    text: str
    not_run: str = ""


def fences(page: str) -> Iterator[Fence]:
    """The fenced blocks of a page, in order."""
    not_run = ""
    for token in MarkdownIt().parse(page):
        if token.type == "html_block":
            found = re.fullmatch(r"<!-- not run: (.+) -->", token.content.strip(), re.DOTALL)
            not_run = found.group(1) if found else not_run
        elif token.type == "fence":
            language, _, rest = token.info.partition(" ")
            title = re.search(r'title="(.*?)"', rest)
            yield Fence(language, title.group(1) if title else "", token.content, not_run)
            not_run = ""


def run(page: str) -> None:
    """Run the page in the working directory; raises if something else is printed than it says."""
    names: dict[str, Any] = {}
    printed = ""
    for fence in fences(page):
        if fence.not_run:
            continue
        if fence.title:
            Path(fence.title).write_text(fence.text, encoding="utf-8")
        elif fence.language == "console":
            printed = _session(fence.text)
        elif fence.language == "python":
            printed = _captured(fence.text, names)
        elif fence.language in ("text", "diff"):
            _compare(fence.text, printed)


def commands(session: str) -> Iterator[tuple[str, str]]:
    """The commands of a ``console`` fence, each with what it is said to print."""
    for part in re.split(r"^\$ ", session, flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        yield command.partition("  #")[0].strip(), shown


def _session(session: str) -> str:
    printed = ""
    for command, shown in commands(session):
        if command.startswith(NOT_RUN):
            continue
        printed = _output(command)
        if shown:
            _compare(shown, printed)
    return printed


def _output(command: str) -> str:
    program, *arguments = shlex.split(command)
    if program == "python":
        (script,) = arguments
        with redirect_stdout(StringIO()) as out:
            runpy.run_path(script)
        return out.getvalue()
    assert program == "rewriter", command
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code in (0, 1), result.output
    return result.output


def _captured(code: str, names: dict[str, Any]) -> str:
    with redirect_stdout(StringIO()) as out:
        exec(compile(code, "<page>", "exec"), names)
    return out.getvalue()


def _compare(shown: str, printed: str) -> None:
    expected = ".*".join(re.escape(part) for part in shown.strip().split("…"))
    assert re.fullmatch(expected, printed.strip(), re.DOTALL), (
        f"shown:\n{shown}\nprinted:\n{printed}"
    )
