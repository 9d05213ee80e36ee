"""``rewriter patch`` on many files: what it says, in what order, and how much."""

import json
import time
from pathlib import Path

import pytest

from tests.cli.conftest import appended

pytestmark = pytest.mark.usefixtures("no_engine")

SUMMARY = "1 edit by wrap-assistant-output, policy strict; not verified"


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Three that change, one that is done, one that is refused."""
    texts = ("one", "two", "refuse", "done|marked", "three")
    paths = [tmp_path / f"{number}.jinja" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text)
    return paths


@pytest.fixture
def slow_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first file takes longer than all others together."""

    def rewrite(source: str, **options: object):
        time.sleep(0.3 if source == "one" else 0)
        return appended(source, **options)

    monkeypatch.setattr("rewriter.api.rewrite", rewrite)
    monkeypatch.setattr("rewriter.cli.side_by_side.prepare", lambda _count: None)


@pytest.mark.usefixtures("slow_first")
@pytest.mark.parametrize("jobs", [1, 4])
def test_files_are_told_of_in_their_order_whichever_is_done_first(run, files, jobs: int):
    result = run("patch", *files, "--write", "--jobs", jobs)
    assert result.exit_code == 3
    assert result.stderr.splitlines() == [
        f"{files[0]}: {SUMMARY}",
        f"{files[1]}: {SUMMARY}",
        f"{files[2]}: this cannot be rewritten",
        f"{files[3]}: nothing to do",
        f"{files[4]}: {SUMMARY}",
        "5 files: 3 changed, 1 left as they are, 1 refused",
    ]


@pytest.mark.usefixtures("slow_first")
def test_files_are_worked_on_at_the_same_time(run, files, monkeypatch: pytest.MonkeyPatch):
    begun: list[str] = []

    def rewrite(source: str, **options: object):
        begun.append(source)
        while source == "one" and "three" not in begun:
            time.sleep(0.01)
        return appended(source, **options)

    monkeypatch.setattr("rewriter.api.rewrite", rewrite)
    assert run("patch", *files, "--write", "--jobs", 2).exit_code == 3


def test_check_counts_and_says_how_to_make_the_change(run, files):
    last = run("patch", *files, "--check").stderr.splitlines()[-1]
    assert last == (
        "3 of 5 files would change, 1 refused; to change them, give --write instead of --check"
    )
    last = run("patch", *files, "--write", "--check").stderr.splitlines()[-1]
    assert last.endswith("; to change them, drop --check")


def test_check_of_what_is_done_has_nothing_to_advise(run, files):
    result = run("patch", files[3], "--check")
    assert result.stderr.splitlines()[-1] == "0 of 1 file would change"


def test_quiet_says_errors_and_what_would_change_alone(run, files):
    assert run("patch", *files, "--check", "-q").stderr.splitlines() == [
        f"{files[0]}: would change",
        f"{files[1]}: would change",
        f"{files[2]}: this cannot be rewritten",
        f"{files[4]}: would change",
    ]
    assert run("patch", *files, "--write", "-q").stderr.splitlines() == [
        f"{files[2]}: this cannot be rewritten"
    ]


def test_verbose_says_when_each_file_is_done_and_what_the_project_says(run, files):
    folder = files[0].parent
    (folder / "pyproject.toml").write_text('[tool.rewriter]\npolicy = "trl"\n')
    said = run("patch", files[0], "--write", "-v").stderr
    assert f"{files[0]}: policy trl; policy as pyproject.toml says\n" in said
    assert f"{files[0]}: done in 0." in said


@pytest.mark.parametrize("options", [(), ("--check",), ("--diff",)])
def test_verbose_says_how_a_template_is_made_also_where_no_file_is_written(run, files, options):
    assert f"{files[0]}: {SUMMARY}\n" in run("patch", files[0], *options, "-v").stderr


def test_quiet_and_verbose_exclude_each_other(run, files):
    assert run("patch", files[0], "-q", "-v").exit_code == 2


def test_the_diff_of_json_has_the_lines_of_the_template(run, tmp_path: Path):
    path = tmp_path / "tokenizer_config.json"
    loop = "{% for m in messages %}\n\u00e9{{ m.role }}\n{% endfor %}"
    path.write_text(json.dumps({"b": 1, "chat_template": loop}))
    result = run("patch", path, "--diff")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-6:] == [
        " {% for m in messages %}",
        " \u00e9{{ m.role }}",
        "-{% endfor %}",
        "\\ No newline at end of file",
        "+{% endfor %}|marked",
        "\\ No newline at end of file",
    ]
    assert result.stdout.startswith(f"--- {path}:1: chat_template\n+++ {path}:1: chat_template\n")
    document = json.loads(run("patch", path, "--diff", "--output-format", "json").stdout)
    assert [each["diff"] for each in document["messages"]] == [result.stdout]
