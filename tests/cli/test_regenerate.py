"""``rewriter regenerate``: a whole catalog into a folder."""

from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest

from rewriter.engine.families import load_catalog
from rewriter.errors import Refused
from rewriter.limits import Limits
from rewriter.rewriting.result import Rewrite

WITH_RECIPE = [family for family in load_catalog("trl-1.4.0").families if family.recipe]
pytestmark = pytest.mark.usefixtures("no_engine")


@pytest.fixture
def regenerate(run, tmp_path: Path):
    """Run the command for the seed catalog into ``tmp_path / "out"``, in this process."""
    shared = "regenerate", "--catalog", "trl-1.4.0", "--out", tmp_path / "out", "--jobs", 1
    return lambda *options: run(*shared, *options)


@pytest.fixture
def gemma_refused(no_engine: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from rewriter.cli import batch

    confined = batch.confined

    def but_for_gemma(work: partial[Rewrite], limits: Limits) -> Rewrite:
        if work.args[0].family.name == "gemma":
            raise Refused("this cannot be rewritten")
        return confined(work, limits)

    monkeypatch.setattr(batch, "confined", but_for_gemma)


@pytest.mark.parametrize("options", [["--check"], ["--diff"], ["--check", "--diff"]])
def test_check_and_diff_write_nothing_and_exit_1(regenerate, tmp_path: Path, options: list[str]):
    assert regenerate(*options).exit_code == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("options", [["--check"], ["--diff"], ["--check", "--diff"]])
def test_what_was_just_written_has_nothing_to_change(regenerate, options: list[str]):
    regenerate()
    assert regenerate(*options).exit_code == 0


def test_every_family_with_a_recipe_is_written_and_listed(regenerate, tmp_path: Path):
    result = regenerate()
    assert result.exit_code == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        family.training_file for family in WITH_RECIPE
    }
    assert len(WITH_RECIPE) == 13
    rows = result.stdout.splitlines()
    assert [row.split("  ")[0] for row in rows[2:]] == [family.title for family in WITH_RECIPE]
    assert result.stderr == (
        f"wrote 13 of 13 variants to {tmp_path / 'out'}; catalog trl-1.4.0, policy trl\n"
    )


def test_without_a_catalog_it_is_the_newest(run, tmp_path: Path):
    result = run("regenerate", "--out", tmp_path / "out", "--jobs", 1)
    assert result.exit_code == 0
    newest = load_catalog("trl-1.16.0").families
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        family.training_file for family in newest if family.recipe
    }


def test_only_the_families_that_are_named_are_written(regenerate, tmp_path: Path):
    regenerate("--family", "qwen3", "--family", "gemma")
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["gemma_training.jinja", "qwen3_training.jinja"]


def test_check_finds_a_file_that_is_missing_or_differs(regenerate, tmp_path: Path):
    regenerate()
    stale, missing = tmp_path / "out/phi3_training.jinja", tmp_path / "out/gemma_training.jinja"
    stale.write_text("stale")
    missing.unlink()
    result = regenerate("--check")
    assert result.exit_code == 1
    assert result.stderr == (
        f"{missing}: would be written\n{stale}: would change\n"
        "2 of 13 variants would be written; to write them, drop --check; "
        "catalog trl-1.4.0, policy trl\n"
    )
    assert stale.read_text() == "stale"


def test_the_diff_is_all_that_is_on_standard_output(regenerate, tmp_path: Path):
    regenerate()
    (tmp_path / "out/phi3_training.jinja").write_text("stale\n")
    lines = regenerate("--diff").stdout.splitlines()
    assert lines[0] == f"--- {tmp_path / 'out/phi3_training.jinja'}"
    assert "-stale" in lines
    assert sum(line.startswith("+++ ") for line in lines) == 1


@pytest.mark.usefixtures("gemma_refused")
def test_a_refused_family_is_not_written_and_does_not_stop_the_rest(regenerate, tmp_path: Path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "gemma_training.jinja").write_text("older")
    result = regenerate()
    assert result.exit_code == 3
    assert "gemma.jinja: this cannot be rewritten" in result.stderr
    assert f"wrote 12 of 13 variants to {tmp_path / 'out'}" in result.stderr
    assert (tmp_path / "out" / "gemma_training.jinja").read_text() == "older"
    assert len(list((tmp_path / "out").iterdir())) == 13


def test_a_file_that_cannot_be_written_does_not_stop_the_rest(regenerate, tmp_path: Path):
    (tmp_path / "out" / "gemma_training.jinja").mkdir(parents=True)
    result = regenerate()
    assert result.exit_code == 2
    assert "gemma_training.jinja: this is a folder, not a file" in result.stderr
    assert len(list((tmp_path / "out").iterdir())) == 13


def test_a_file_in_place_of_the_folder_is_bad_input(regenerate, tmp_path: Path):
    (tmp_path / "out").write_text("a file")
    assert regenerate().exit_code == 2
    assert (tmp_path / "out").read_text() == "a file"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--catalog", "trl-0"], "there is no catalog 'trl-0'"),
        (["--family", "llama3_1"], "there is no recipe for 'llama3_1'"),
        (["--record", "--check"], "--record cannot be combined with"),
        (["--jobs", "0"], "0 is not in the range"),
    ],
)
def test_bad_usage_exits_2_and_says_what_is_bad(regenerate, options: list[str], message: str):
    result = regenerate(*options)
    assert result.exit_code == 2
    assert message in result.stderr


@pytest.mark.usefixtures("gemma_refused")
def test_record_writes_down_what_was_proven_and_nothing_else(regenerate, tmp_path, monkeypatch):
    recorded: dict[tuple[str, str], str] = {}

    def record(_catalog: str, policy: str, digests: dict[str, str]) -> None:
        recorded.update({(name, policy): digest for name, digest in digests.items()})

    monkeypatch.setattr("rewriter.carriers.corpus.record_variants", record)
    regenerate("--record", "--family", "gemma", "--family", "phi3", "--policy", "strict")
    written = (tmp_path / "out/phi3_training.jinja").read_bytes()
    assert recorded == {("phi3", "strict"): sha256(written).hexdigest()}
