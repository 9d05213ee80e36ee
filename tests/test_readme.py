"""What the README shows is what happens."""

import re
from pathlib import Path

from click.testing import CliRunner

from rewriter.cli import main
from rewriter.engine.transforms import load_transforms

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


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


def test_the_table_names_every_transform_and_no_other():
    rows = re.findall(r"^\| `([a-z-]+)` \|", README, re.MULTILINE)
    assert sorted(rows) == [transform.name for transform in load_transforms()]
