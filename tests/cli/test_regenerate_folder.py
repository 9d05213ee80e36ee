"""``rewriter regenerate DIR``: what is left alone first, then what is written beside it."""

import os
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from rewriter.cli import batch
from rewriter.limits import Limits
from rewriter.rewriting.request import Request
from rewriter.rewriting.result import Rewrite
from rewriter.source.template import Template
from tests.cli.conftest import appended

pytestmark = pytest.mark.usefixtures("no_engine")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two originals, one of them with a variant that is out of date."""
    templates = tmp_path / "chat_templates"
    templates.mkdir()
    (templates / "a.jinja").write_text("a")
    (templates / "b.jinja").write_text("b")
    (templates / "b_training.jinja").write_text("older")
    return templates


@pytest.fixture
def configured(tmp_path: Path):
    """Write the ``[tool.rewriter]`` of the project."""
    return lambda text: (tmp_path / "pyproject.toml").write_text(text)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Request]:
    """What the engine is asked, by source; whatever it makes counts as verified."""
    seen: dict[str, Request] = {}

    def confined(work: partial[Rewrite], _limits: Limits) -> Rewrite:
        (given,) = work.args
        seen[given.source] = given
        return replace(appended(given.source, policy=given.policy), proof="verified")

    monkeypatch.setattr(batch, "confined", confined)
    return seen


def texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir() if path.is_file()}


def variants(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.glob("*_training.jinja")}


def verdicts_of(table: str) -> dict[str, str]:
    rows = [row.split() for row in table.splitlines()[2:] if not row.startswith(" ")]
    two = ("input", "verified")
    return {row[0]: " ".join(row[-2:]) if row[-1] in two else row[-1] for row in rows}


def test_variants_hidden_files_and_folders_are_no_originals(run, folder: Path):
    (folder / ".c.jinja").write_text("c")
    (folder / "d.jinja").mkdir()
    (folder / "e_training.jinja").write_text("e")
    (folder / "README.md").write_text("f")
    run("regenerate", folder)
    written = {f"{each}_training.jinja": f"{each}|marked" for each in "ab"}
    assert variants(folder) == {**written, "e_training.jinja": "e"}


def test_what_is_marked_already_gets_no_variant(run, folder: Path):
    (folder / "a.jinja").write_text("a|marked")
    result = run("regenerate", folder)
    assert result.exit_code == 0
    assert "nothing to do" in result.stdout
    assert not (folder / "a_training.jinja").exists()


@pytest.mark.parametrize("options", [["--check"], ["--diff"], ["--check", "--diff"]])
def test_check_and_diff_write_nothing_and_exit_1(run, folder: Path, options: list[str]):
    before = texts(folder)
    assert run("regenerate", folder, *options).exit_code == 1
    assert texts(folder) == before


def test_check_names_what_would_be_written_and_what_would_change(run, folder: Path):
    assert run("regenerate", folder, "--check").stderr == (
        f"{folder / 'a_training.jinja'}: would be written\n"
        f"{folder / 'b_training.jinja'}: would change\n"
        "2 of 2 variants would be written; to write them, drop --check; policy strict\n"
    )


def test_what_is_up_to_date_is_not_counted_as_written(run, folder: Path):
    run("regenerate", folder)
    (folder / "a_training.jinja").unlink()
    result = run("regenerate", folder)
    assert result.stderr == f"wrote 1 of 2 variants to {folder}; 1 was up to date; policy strict\n"


def test_the_variants_are_written_beside_the_originals_and_listed(run, folder: Path):
    result = run("regenerate", folder)
    assert result.exit_code == 0
    assert texts(folder) == {
        "a.jinja": "a",
        "a_training.jinja": "a|marked",
        "b.jinja": "b",
        "b_training.jinja": "b|marked",
    }
    rows = result.stdout.splitlines()
    assert rows[0].split()[0] == "template"
    assert [row.split()[0] for row in rows[2:]] == ["a.jinja", "b.jinja"]
    assert result.stderr == f"wrote 2 of 2 variants to {folder}; policy strict\n"


def test_what_was_just_written_has_nothing_to_change_and_keeps_its_time(run, folder: Path):
    run("regenerate", folder)
    times = [path.stat().st_mtime_ns for path in folder.iterdir()]
    assert run("regenerate", folder, "--check").exit_code == 0
    run("regenerate", folder)
    assert [path.stat().st_mtime_ns for path in folder.iterdir()] == times


def test_out_is_another_folder(run, folder: Path, tmp_path: Path):
    before = texts(folder)
    run("regenerate", folder, "--out", tmp_path / "out")
    assert texts(folder) == before
    assert sorted(texts(tmp_path / "out")) == ["a_training.jinja", "b_training.jinja"]


def test_a_bad_template_has_its_row_and_problem_and_stops_no_other(run, folder: Path):
    (folder / "refused.jinja").write_text("refuse")
    (folder / "latin.jinja").write_bytes(b"\xff")
    result = run("regenerate", folder)
    assert result.exit_code == 3
    assert variants(folder) == {"a_training.jinja": "a|marked", "b_training.jinja": "b|marked"}
    verdicts = verdicts_of(result.stdout)
    assert (verdicts["refused.jinja"], verdicts["latin.jinja"]) == ("refused", "bad input")
    assert f"{folder / 'refused.jinja'}: this cannot be rewritten\n" in result.stderr
    assert f"{folder / 'latin.jinja'}: not UTF-8: the byte at offset 0" in result.stderr
    assert f"wrote 2 of 4 variants to {folder}; policy strict\n" in result.stderr


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="nothing is unreadable")
def test_a_file_that_may_not_be_read_stops_no_other(run, folder: Path):
    (folder / "a.jinja").chmod(0)
    result = run("regenerate", folder)
    assert result.exit_code == 2
    assert f"{folder / 'a.jinja'}: cannot be read" in result.stderr
    assert (folder / "b_training.jinja").read_text() == "b|marked"


def test_what_was_proven_is_not_proven_again(run, folder: Path, asked: dict[str, Request]):
    run("regenerate", folder)
    assert set(asked) == {"a", "b"}
    asked.clear()
    (folder / "a_training.jinja").unlink()
    (folder / "b.jinja").write_text("c")
    result = run("regenerate", folder)
    assert set(asked) == {"c"}
    assert "proven before" in result.stdout
    assert (folder / "a_training.jinja").read_text() == "a|marked"
    assert (folder / "b_training.jinja").read_text() == "c|marked"


@pytest.mark.parametrize(
    "options",
    [
        ["--policy", "trl"],
        ["--examples", "7"],
        ["--seed", "1"],
        ["--header-comment"],
        ["--goal", "dict-arguments"],
    ],
)
def test_a_proof_is_one_of_what_was_asked_and_of_nothing_else(
    run, folder: Path, asked: dict[str, Request], options: list[str]
):
    run("regenerate", folder)
    asked.clear()
    run("regenerate", folder, *options)
    assert set(asked) == {"a", "b"}


def test_a_proof_of_another_engine_is_none(run, folder: Path, asked, monkeypatch):
    run("regenerate", folder)
    asked.clear()
    monkeypatch.setattr("rewriter.carriers.kept_proofs.engine", lambda: "another")
    run("regenerate", folder)
    assert set(asked) == {"a", "b"}


def test_a_proof_that_was_not_kept_whole_is_none(run, folder: Path, asked, originals: Path):
    run("regenerate", folder)
    asked.clear()
    for file in (originals.parent / "proofs").rglob("*.json"):
        file.write_text(file.read_text().replace("|marked", "|forged"))
    run("regenerate", folder)
    assert set(asked) == {"a", "b"}
    assert (folder / "a_training.jinja").read_text() == "a|marked"


def test_an_interrupted_run_goes_on_where_it_was(run, folder: Path, asked, monkeypatch):
    working = batch.confined

    def interrupted(work: partial[Rewrite], limits: Limits) -> Rewrite:
        if work.args[0].source == "b":
            raise KeyboardInterrupt
        return working(work, limits)

    monkeypatch.setattr(batch, "confined", interrupted)
    (folder / "a.jinja").write_text("longer")  # what is longer is begun first
    result = run("regenerate", folder, "--jobs", 1)
    assert result.exit_code == 130
    assert variants(folder) == {"a_training.jinja": "longer|marked", "b_training.jinja": "older"}
    monkeypatch.setattr(batch, "confined", working)
    asked.clear()
    assert run("regenerate", folder).exit_code == 0
    assert set(asked) == {"b"}


def test_the_project_says_how(run, folder: Path, configured, asked: dict[str, Request]):
    configured("""
        [tool.rewriter]
        policy = "trl"
        goals = ["assistant-mask", "dict-arguments"]
        header-comment = true
        examples = 7
        seed = 3

        [tool.rewriter.templates."b.jinja"]
        policy = "strict"
        transforms = ["wrap-assistant-output"]
    """)
    run("regenerate", folder)
    a, b = asked["a"], asked["b"]
    assert (a.policy, b.policy) == ("trl", "strict")
    assert (a.transforms, b.transforms) == (None, ("wrap-assistant-output",))
    for each in (a, b):
        assert each.goals == ("assistant-mask", "dict-arguments")
        assert (each.header_comment, each.examples, each.seed) == (True, 7, 3)


def test_the_command_line_wins_over_the_project(run, folder: Path, configured, asked):
    configured("""
        [tool.rewriter]
        header-comment = true
        examples = 7
        seed = 3
        templates."a.jinja" = { family = "qwen3", policy = "trl", examples = 9 }
    """)
    options = ["--policy", "strict", "--no-header-comment", "--examples", "200", "--seed", 0]
    run("regenerate", folder, *options, "--goal", "prefix-preserving")
    for each in asked.values():
        assert (each.policy, each.goals) == ("strict", ("prefix-preserving",))
        assert (each.header_comment, each.examples, each.seed) == (False, 200, 0)
    assert asked["a"].family == "qwen3"


def test_the_project_says_which_files_and_what_they_become(run, folder: Path, configured):
    (folder / "new").mkdir()
    (folder / "new" / "c.j2").write_text("c")
    (folder / "new" / "d.j2").write_text("d")
    configured("""
        [tool.rewriter]
        originals = "new/*.j2"
        variants = "trained/*.train.j2"
        exclude = ["new/d.j2"]
    """)
    assert run("regenerate", folder).exit_code == 0
    assert texts(folder / "trained") == {"c.train.j2": "c|marked"}


def test_where_all_originals_are_excluded_there_is_nothing_to_do(run, folder: Path, configured):
    configured('[tool.rewriter]\nexclude = ["a.jinja", "b.jinja"]')
    before = texts(folder)
    assert run("regenerate", folder).exit_code == 0
    assert texts(folder) == before


def test_the_nearest_file_that_has_the_table_counts(run, folder: Path, configured, asked):
    configured('[tool.rewriter]\npolicy = "trl"')
    (folder / "pyproject.toml").write_text("[tool.other]\npolicy = 1")
    run("regenerate", folder)
    assert asked["a"].policy == "trl"
    (folder / "pyproject.toml").write_text("[tool.rewriter]")
    run("regenerate", folder)
    assert asked["a"].policy == "strict"


def test_limits_are_those_of_the_project_or_the_command_line(run, folder, configured, monkeypatch):
    configured("[tool.rewriter]\ntime-limit = 7\nmemory-limit = 99")
    seen: list[Limits] = []

    def confined(work: partial[Rewrite], limits: Limits) -> Rewrite:
        seen.append(limits)
        return appended(work.args[0].source)

    monkeypatch.setattr(batch, "confined", confined)
    run("regenerate", folder)
    run("regenerate", folder, "--time-limit", 0)
    assert set(seen[:2]) == {Limits(7, 99)}
    assert set(seen[2:]) == {Limits(None, 99)}


WRONG = {
    "an unknown key": (
        'polcy = "trl"',
        "tool.rewriter: there is no key 'polcy' (did you mean 'policy'?); the keys are: policy, ",
    ),
    "an unknown key of a template": (
        'templates."a.jinja".recipe = "x"',
        "tool.rewriter.templates.a.jinja: there is no key 'recipe'; the keys are: ",
    ),
    "another policy": ('policy = "loose"', "policy: input should be 'strict' or 'trl'"),
    "another goal": ('goals = ["mask"]', "goals.0: input should be 'assistant-mask', "),
    "no goal": ("goals = []", "goals: tuple should have at least 1 item"),
    "a word for a truth": ('header-comment = "yes"', "header-comment: input should be a valid b"),
    "no examples": ("examples = 0", "examples: input should be greater than 0"),
    "an unknown family": (
        'templates."a.jinja".family = "qwen33"',
        "templates.a.jinja.family: there is no family 'qwen33'; did you mean 'qwen3'?",
    ),
    "an unknown transform": (
        'templates."a.jinja".transforms = ["wrap"]',
        "transforms.0: no transform is called 'wrap'; there are: ",
    ),
    "two recipes": (
        'templates."a.jinja" = { family = "qwen3", transforms = [] }',
        "'family' and 'transforms' exclude each other",
    ),
    "a template that is not there": (
        'templates."c.jinja".policy = "trl"',
        "tool.rewriter.templates.c.jinja: there is no original 'c.jinja' in ",
    ),
    "an exclusion of nothing": ('exclude = ["c"]', "tool.rewriter.exclude: there is no original"),
    "a pattern without a star": ('originals = "a.jinja"', "originals: expected a file below the"),
    "a pattern that leads out": ('variants = "../*.jinja"', "variants: expected a file below the"),
    "one name for both": ('variants = "*.jinja"', "'originals' and 'variants' are the same"),
    "no table": ("= 1", "not valid TOML: "),
}


@pytest.mark.parametrize(("text", "message"), WRONG.values(), ids=WRONG)
def test_a_wrong_project_names_file_and_key_and_what_was_expected(
    run, folder: Path, configured, tmp_path: Path, text: str, message: str
):
    configured(f"[tool.rewriter]\n{text}\n")
    before = texts(folder)
    result = run("regenerate", folder)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"{tmp_path / 'pyproject.toml'}: ")
    assert message in result.stderr
    assert texts(folder) == before


def test_a_table_that_is_none_is_told(run, folder: Path, configured):
    configured("[tool]\nrewriter = 1")
    assert "tool.rewriter: input should be a valid dictionary" in run("regenerate", folder).stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--catalog", "trl-1.4.0"], "cannot be used with a folder"),
        (["--family", "qwen3"], "cannot be used with a folder"),
        (["--record"], "cannot be used with a folder"),
    ],
)
def test_what_is_for_catalogs_is_bad_usage(run, folder: Path, options: list[str], message: str):
    result = run("regenerate", folder, *options)
    assert result.exit_code == 2
    assert message in result.stderr


def test_no_folder_and_a_folder_without_originals_are_bad_input(run, folder: Path, tmp_path: Path):
    for given, message in (
        (tmp_path / "none", "no such folder"),
        (folder / "a.jinja", "this is a file, not a folder"),
        (tmp_path, "there is no original in this folder\nhelp: originals are named like '*.jinja'"),
    ):
        result = run("regenerate", given)
        assert result.exit_code == 2
        assert result.stderr.startswith(f"{given}: {message}")


def test_a_template_that_does_not_parse_stops_no_other(run, folder: Path, monkeypatch):
    def confined(work: partial[Rewrite], _limits: Limits) -> Rewrite:
        Template(work.args[0].source)
        return appended(work.args[0].source)

    monkeypatch.setattr(batch, "confined", confined)
    (folder / "b.jinja").write_text("a\n{% if %}")
    result = run("regenerate", folder)
    assert verdicts_of(result.stdout) == {"a.jinja": "not verified", "b.jinja": "bad input"}
    assert result.stderr.startswith(f"{folder / 'b.jinja'}:2:7: ")
    assert variants(folder) == {"a_training.jinja": "a|marked", "b_training.jinja": "older"}
    assert result.exit_code == 2


def test_pages_are_written_for_each_template_and_an_index_that_says_the_same_each_time(
    run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def confined(work: partial[object], _limits: Limits) -> object:
        is_drawing = len(work.args) > 1
        return work() if is_drawing else appended(work.args[0].source)

    monkeypatch.setattr(batch, "confined", confined)
    (folder / "refused.jinja").write_text("refuse")
    (folder / "latin.jinja").write_bytes(b"\xff")
    pages = tmp_path / "pages"
    result = run("regenerate", folder, "--html", pages)
    assert result.exit_code == 3
    assert f"{pages / 'index.html'}: {folder}, 3 of 4 with a page\n" in result.stderr
    before = texts(pages)
    assert sorted(before) == [
        "a_training.jinja.html",
        "b_training.jinja.html",
        "index.html",
        "refused_training.jinja.html",
    ]
    assert "Refused: no training variant" in before["refused_training.jinja.html"]
    assert "so that there is one" in before["a_training.jinja.html"]
    assert "latin.jinja" in before["index.html"]
    run("regenerate", folder, "--html", pages, "--jobs", 2)
    assert texts(pages) == before


def test_a_run_that_wrote_fails_where_that_is_asked_for(run, folder: Path):
    wrote = run("regenerate", folder, "--exit-non-zero-on-write")
    assert wrote.exit_code == 1
    assert run("regenerate", folder, "--exit-non-zero-on-write").exit_code == 0
