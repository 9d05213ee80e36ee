"""``rewriter docs``: a catalog's page, and that those which are committed are what it writes."""

from pathlib import Path

import pytest

from rewriter.engine.families import load_catalog

DOCS = Path(__file__).parent.parent.parent / "docs"
SEED = load_catalog("trl-1.4.0")


def test_the_page_of_the_seed_catalog_is_what_the_command_writes(run):
    result = run("docs", "--catalog", "trl-1.4.0", "--out", DOCS / "catalog-trl-1.4.0.md", "--diff")
    assert (result.stdout, result.exit_code) == ("", 0)


@pytest.mark.slow
def test_the_page_of_the_later_catalog_is_what_the_command_writes(run):
    page = DOCS / "catalog-trl-1.16.0.md"
    result = run("docs", "--catalog", "trl-1.16.0", "--out", page, "--diff")
    assert (result.stdout, result.exit_code) == ("", 0)


@pytest.mark.parametrize("name", ["trl-1.4.0", "trl-1.16.0"])
def test_a_committed_page_has_a_section_for_each_template_and_no_diff(name: str):
    page = (DOCS / f"catalog-{name}.md").read_text(encoding="utf-8")
    sections = [line[5:-1] for line in page.splitlines() if line.startswith("### ")]
    families = load_catalog(name).families
    assert sections == [
        *(family.file for family in families),
        *(family.training_file for family in families if family.recipe),
    ]
    assert "```diff" not in page


@pytest.fixture
def two_families(monkeypatch: pytest.MonkeyPatch) -> None:
    """The catalog as if it had only two families, one of them without a recipe."""
    few = tuple(each for each in SEED.families if each.name in ("gemma", "llama3_1"))
    monkeypatch.setattr(
        "rewriter.engine.families.load_catalog",
        lambda _name: SEED.model_copy(update={"families": few}),
    )


@pytest.mark.usefixtures("two_families", "no_engine")
def test_without_a_file_it_goes_to_standard_output(run):
    result = run("docs", "--catalog", "trl-1.4.0")
    assert result.exit_code == 0
    assert result.stdout.startswith("# Chat templates of trl 1.4.0\n")
    assert "`gemma_training.jinja`" in result.stdout
    assert "`llama3_1_training.jinja`" not in result.stdout
    assert "Supports: tools, system role. No training variant is made of it.\n" in result.stdout


@pytest.mark.usefixtures("two_families", "no_engine")
def test_the_file_is_written_and_then_current(run, tmp_path: Path):
    page = tmp_path / "page.md"
    assert run("docs", "--catalog", "trl-1.4.0", "--out", page, "--check").exit_code == 1
    assert not page.exists()
    assert run("docs", "--catalog", "trl-1.4.0", "--out", page).exit_code == 0
    assert run("docs", "--catalog", "trl-1.4.0", "--out", page, "--check").exit_code == 0
    page.write_text(page.read_text().replace("Gemma", "Gamma", 1))
    result = run("docs", "--catalog", "trl-1.4.0", "--out", page, "--check")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"{page}: would change\n"


@pytest.mark.usefixtures("two_families", "no_engine")
def test_diffs_are_shown_on_request_with_how_to_get_them_again(run):
    shown = run("docs", "--catalog", "trl-1.4.0", "--diffs").stdout
    assert "```diff\n" in shown
    assert "$ rewriter docs --catalog trl-1.4.0 --diffs\n" in shown
    assert "```diff\n" not in run("docs", "--catalog", "trl-1.4.0").stdout


def test_check_needs_a_file_to_compare_with(run):
    result = run("docs", "--check")
    assert result.exit_code == 2
    assert "compare with the file that --out names" in result.stderr
