"""In people's workflow: the hooks of pre-commit, the completion of shells, a type checker."""

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

import rewriter
from tests.carriers.literals import LOOP

ROOT = Path(__file__).parents[2]
HOOKS = {
    hook["id"]: hook
    for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
}
FILES = {
    "README.md": "{% generation %}",
    "templates/page.jinja": "<p>{{ title }}</p>",
    "config.json": "{}",
    "model/chat_template.jinja": LOOP,
    "model/tokenizer_config.json": json.dumps({"a": 1.0, "chat_template": LOOP}),
    "model/processor_config.json": "{}",
    "pkg/chat_templates/x.jinja": LOOP,
}
MODEL = ["model/chat_template.jinja", "model/processor_config.json", "model/tokenizer_config.json"]


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def named(hook: str) -> list[str]:
    """The files of the repository that the hook is called with."""
    return [name for name in sorted(FILES) if re.search(HOOKS[hook]["files"], name)]


@pytest.fixture
def committed(run, repository: Path):
    """Run a hook as pre-commit does: its entry, the arguments, and the files that it is for."""

    def called(hook: str, *arguments: str):
        program, *words = shlex.split(HOOKS[hook]["entry"])
        scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
        assert scripts[program] == "rewriter.cli:main"
        given = named(hook) if HOOKS[hook].get("pass_filenames", True) else []
        return run(*words, *arguments, *given)

    return called


def changed(repository: Path) -> set[str]:
    files = (path for path in repository.rglob("*.*") if path.is_file())
    texts = {path.relative_to(repository).as_posix(): path.read_text() for path in files}
    return {name for name, text in texts.items() if FILES.get(name) != text}


def test_a_hook_is_for_templates_and_for_nothing_else():
    assert named("rewriter-check") == named("rewriter-fix") == MODEL
    assert named("rewriter-lint") == [*MODEL, "pkg/chat_templates/x.jinja"]
    for hook in HOOKS.values():
        assert hook.keys() >= {"id", "name", "entry", "language"}
        assert hook["language"] == "python"


def test_lint_passes_where_no_block_is_misplaced_and_fails_where_one_is(committed, repository):
    assert committed("rewriter-lint").exit_code == 0
    misplaced = "{% set v %}{% generation %}{{ x }}{% endgeneration %}{% endset %}"
    (repository / "pkg/chat_templates/x.jinja").write_text(misplaced)
    result = committed("rewriter-lint")
    assert result.exit_code == 1
    assert result.stdout.startswith("pkg/chat_templates/x.jinja:1:12: ")


@pytest.mark.usefixtures("no_engine")
def test_check_fails_until_fix_has_written_the_variants(committed, repository: Path):
    assert committed("rewriter-check").exit_code == 1
    assert changed(repository) == set()
    assert committed("rewriter-fix").exit_code == 0
    assert changed(repository) == {"model/chat_template.jinja", "model/tokenizer_config.json"}
    assert committed("rewriter-check").exit_code == 0


@pytest.mark.usefixtures("no_engine")
def test_regenerate_writes_a_folder_that_is_an_argument(committed, repository: Path):
    # What a hook has written is not in the commit yet, so it fails once.
    assert committed("rewriter-regenerate", "pkg/chat_templates").exit_code == 1
    assert changed(repository) == {"pkg/chat_templates/x_training.jinja"}
    assert committed("rewriter-regenerate", "pkg/chat_templates", "--check").exit_code == 0


@pytest.mark.parametrize(
    ("words", "completions"),
    [
        ("rewriter ", ["families", "lint", "patch", "regenerate", "serve", "strip", "verify"]),
        ("rewriter reg", ["regenerate"]),
        ("rewriter lint --output-f", ["--output-format"]),
        ("rewriter lint --output-format s", ["sarif"]),
        ("rewriter patch --goal d", ["dict-arguments"]),
    ],
)
def test_a_shell_can_complete_commands_options_and_choices(words: str, completions: list[str]):
    code = "from rewriter.cli import main; main(prog_name='rewriter')"
    asked = {
        "_REWRITER_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
    }
    shown = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **asked},
        capture_output=True,
        text=True,
        check=True,
    )
    offered = [line.partition(",")[2] for line in shown.stdout.splitlines()]
    assert set(completions) <= set(offered)
    assert all(each.startswith(words.split(" ")[-1]) for each in offered)


RIGHT = """
from typing import Any

import rewriter
import rewriter.strategies

result: rewriter.Rewrite = rewriter.rewrite(
    "", policy="trl", goals=["assistant-mask"], limits=rewriter.Limits(seconds=5)
)
template: str = result.template
names: tuple[str, ...] = result.transforms
places: list[tuple[int, int, str]] = [(e.start, e.end, e.replacement) for e in result.edits]
family: str | None = rewriter.recognise(template)
report: rewriter.Report = rewriter.verify("", template, conversations=[])
failure: rewriter.Failure = report.failures[0]
line: int | None = failure.place.line if failure.place else None
holds: bool = rewriter.verify_marked(template).ok
text: str = rewriter.served(template)


def trained(tokenizer: Any, folder: str) -> str | None:
    if rewriter.has_generation_markers(template) or rewriter.supports_tool_calling(tokenizer):
        return None
    original = rewriter.apply(tokenizer)
    with rewriter.saved_for_serving(tokenizer, original):
        tokenizer.save_pretrained(folder)
    return rewriter.get_training_chat_template(tokenizer, assistant_only_loss=True)


try:
    rewriter.rewrite("")
except rewriter.VerificationFailed as failed:
    print(failed.report.failures, failed.message)
except rewriter.RewriteError as error:
    print(error.name, error.line, error.column, error.hint)
"""
WRONG = {
    "x: int = rewriter.rewrite('').template": "assignment",
    "rewriter.rewrite('', policy='loose')": "arg-type",
    "rewriter.rewrite('', goals=['mask'])": "list-item",
    "rewriter.Limits(minutes=1)": "call-arg",
    "rewriter.nothing": "attr-defined",
}


def test_the_package_says_that_it_is_typed():
    assert (Path(rewriter.__file__).parent / "py.typed").is_file()


@pytest.mark.slow
def test_a_strict_type_checker_takes_what_is_right_from_outside_and_nothing_else(tmp_path: Path):
    wrong = "import rewriter\n" + "\n".join(WRONG)
    (tmp_path / "right.py").write_text(RIGHT)
    (tmp_path / "wrong.py").write_text(wrong + "\n")
    package = str(Path(rewriter.__file__).parents[1])
    shown = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-pretty", "right.py", "wrong.py"],
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": package},
        capture_output=True,
        text=True,
        check=False,
    )
    errors = [line for line in shown.stdout.splitlines() if ": error: " in line]
    told = [(line.split(":")[0], int(line.split(":")[1]), line.split("[")[-1]) for line in errors]
    expected = [("wrong.py", line, f"{kind}]") for line, kind in enumerate(WRONG.values(), start=2)]
    assert told == expected
