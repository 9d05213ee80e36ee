"""Whatever lies in a folder, and whatever is done there: no crash, no hang, nothing lost.

Opt-in: see CONTRIBUTING.
"""

import os
import shutil
import tempfile
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    rule,
    run_state_machine_as_test,
)

from rewriter.cli import main
from tests.endurance.contents import json_files, python_files, templates

pytestmark = pytest.mark.endurance

EXAMPLES = int(os.environ.get("ENDURANCE_EXAMPLES", "100"))
SECONDS = 3
LIMITS = ("--time-limit", str(SECONDS), "--memory-limit", "500")
JINJA = ("a.jinja", "b.jinja", "model/chat_template.jinja", "a_training.jinja", "-x.jinja")
JSON = ("tokenizer_config.json", "model/chat_template.json", "model/tokenizer_config.json")
PYTHON = ("chat.py", "model/templates.py")


class Folder(RuleBasedStateMachine):
    """A folder that somebody works in, with every command that writes, and one that does not."""

    files = Bundle("files")

    def __init__(self) -> None:
        super().__init__()
        self.top = Path(tempfile.mkdtemp(prefix="endurance-"))
        self.folder = self.top / "folder"
        (self.folder / "model").mkdir(parents=True)
        self.patch = pytest.MonkeyPatch()
        self.patch.setenv("REWRITER_CACHE", str(self.top / "cache"))

    def teardown(self) -> None:
        self.patch.undo()
        shutil.rmtree(self.top)

    def _written(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        path.unlink(missing_ok=True)
        path.write_bytes(content)
        return path

    @rule(target=files, name=st.sampled_from(JINJA), text=templates())
    def write_template(self, name: str, text: str) -> Path:
        return self._written(name, text.encode("utf-8", errors="surrogatepass"))

    @rule(target=files, name=st.sampled_from(JSON), content=json_files())
    def write_json(self, name: str, content: bytes) -> Path:
        return self._written(name, content)

    @rule(target=files, name=st.sampled_from(PYTHON), content=python_files())
    def write_python(self, name: str, content: bytes) -> Path:
        return self._written(name, content)

    @rule(target=files, name=st.sampled_from([*JINJA, *JSON, *PYTHON]))
    def put_what_has_no_end(self, name: str) -> Path:
        path = self.folder / name
        path.unlink(missing_ok=True)
        if len(name) % 2:
            os.mkfifo(path)
        else:
            path.symlink_to("/dev/zero")
        return path

    @rule(path=consumes(files))
    def remove(self, path: Path) -> None:
        path.unlink(missing_ok=True)

    @rule(path=files, mode=st.sampled_from([0o400, 0o600, 0o644, 0o755]))
    def change_mode(self, path: Path, mode: int) -> None:
        if path.is_file():
            path.chmod(mode)

    @rule(path=files, command=st.sampled_from(["patch", "strip", "serve", "lint"]))
    def work_on_a_file(self, path: Path, command: str) -> None:
        before = self._contents()
        self._run(command, *self._options(command), "--", path)
        changed = {each for each, held in self._contents().items() if before.get(each) != held}
        assert changed <= (set() if command == "lint" else {path})

    @rule(command=st.sampled_from(["patch", "strip", "serve", "lint"]))
    def work_on_the_folder(self, command: str) -> None:
        self._run(command, *self._options(command), self.folder)

    @rule(path=files)
    def prove_a_file(self, path: Path) -> None:
        self._run("patch", "--write", "--examples", "3", *LIMITS, "--", path)

    @rule(check=st.booleans())
    def regenerate(self, check: bool) -> None:
        before = self._contents()
        options = ("--check",) if check else ()
        self._run("regenerate", self.folder, "--examples", "3", "--jobs", "2", *LIMITS, *options)
        after = self._contents()
        changed = {each.name for each in after if before.get(each) != after[each]}
        assert all(name.endswith("_training.jinja") and not check for name in changed)

    @rule()
    def strip_twice(self) -> None:
        self._run("strip", *self._options("strip"), self.folder)
        once = self._contents()
        self._run("strip", *self._options("strip"), self.folder)
        assert self._contents() == once

    @invariant()
    def nothing_is_left_behind(self) -> None:
        assert not list(self.top.rglob("*.rewriter-tmp"))

    def _options(self, command: str) -> tuple[str, ...]:
        own = {"patch": ("--write", "--no-verify"), "lint": ()}
        return (*own.get(command, ("--write",)), *LIMITS)

    def _run(self, *arguments: object) -> None:
        started = time.monotonic()
        modes = self._modes()
        result = CliRunner().invoke(main, [str(each) for each in arguments])
        assert result.exception is None or isinstance(result.exception, SystemExit), result
        assert result.exit_code in (0, 1, 2, 3), result.output
        assert "Traceback" not in result.output
        assert "internal error" not in result.output
        # Of a dozen templates each may be read, and worked on, up to its limit.
        assert time.monotonic() - started < 30 * SECONDS
        after = self._modes()
        assert all(after[path] == mode for path, mode in modes.items())

    def _contents(self) -> dict[Path, bytes]:
        return {each: each.read_bytes() for each in self._regular()}

    def _modes(self) -> dict[Path, int]:
        return {each: each.stat().st_mode for each in self._regular()}

    def _regular(self) -> list[Path]:
        return [each for each in self.folder.rglob("*") if each.is_file()]


def test_whatever_lies_there_and_whatever_is_done():
    run_state_machine_as_test(
        Folder,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=12,
            deadline=None,
            derandomize=False,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
