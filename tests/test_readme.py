"""What the README shows is what happens."""

import re
from pathlib import Path

import yaml
from click.testing import CliRunner

from rewriter.carriers.project import Project
from rewriter.cli import main
from rewriter.data import parsed, record
from rewriter.engine.transforms import load_transforms

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def fenced(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", README, re.DOTALL)
    assert found
    return found.group(1)


def test_the_example_gives_the_diff_that_is_shown(tmp_path: Path, monkeypatch):
    command = re.search(r"`rewriter (patch chatml\.jinja [^`]*)`", README)
    assert command
    monkeypatch.chdir(tmp_path)
    Path("chatml.jinja").write_text(fenced("jinja"), encoding="utf-8")
    result = CliRunner().invoke(main, command.group(1).split())
    assert result.exit_code == 1
    assert result.stdout == fenced("diff")


def test_the_project_that_is_shown_is_one():
    table = parsed(fenced("toml"), "README.md")["tool"]["rewriter"]
    project = record(table, Project, "README.md")
    assert (project.originals, project.variants) == (Project().originals, Project().variants)


def test_the_hooks_that_are_shown_are_there():
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    shown = {hook["id"] for entry in yaml.safe_load(fenced("yaml")) for hook in entry["hooks"]}
    assert shown < {hook["id"] for hook in hooks}


def test_the_table_names_every_transform_and_no_other():
    rows = re.findall(r"^\| `([a-z-]+)` \|", README, re.MULTILINE)
    assert sorted(rows) == [transform.name for transform in load_transforms()]
