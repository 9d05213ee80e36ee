"""``rewriter families``, ``rewriter transforms`` and ``rewriter verify``."""

from pathlib import Path

import pytest

from rewriter.engine.examples import ExampleResult
from rewriter.engine.families import catalog_names, families, load_catalog
from rewriter.engine.transforms import load_transforms
from rewriter.verification.report import Failure, Report


def test_every_family_is_listed(run):
    result = run("families")
    assert result.exit_code == 0
    listed = {line.split()[0] for line in result.stdout.splitlines() if line.strip()}
    assert set(families()) <= listed
    every = [f for name in catalog_names() for f in load_catalog(name).families]
    without = sum(not family.recipe for family in every)
    assert result.stdout.count("recognised only") == without > 0


def test_every_transform_is_listed_and_its_examples_hold(run):
    result = run("transforms")
    assert (result.exit_code, result.stderr) == (0, "")
    assert all(transform.name in result.stdout for transform in load_transforms())


def test_an_example_that_does_not_hold_is_told_and_exits_1(run, monkeypatch: pytest.MonkeyPatch):
    failed = ExampleResult(title="a shared header", ok=False, message="nothing matched")
    monkeypatch.setattr("rewriter.engine.examples.check_examples", lambda _: (failed,))
    result = run("transforms")
    assert result.exit_code == 1
    assert "wrap-assistant-output: a shared header: nothing matched" in result.stderr


@pytest.fixture
def two_files(tmp_path: Path) -> tuple[Path, Path]:
    (tmp_path / "original.jinja").write_text("a")
    (tmp_path / "variant.jinja").write_text("b")
    return tmp_path / "original.jinja", tmp_path / "variant.jinja"


def test_a_variant_that_holds_exits_0(run, two_files, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        "rewriter.api.verify", lambda *_, **__: Report(failures=(), conversations=7, raised=0)
    )
    result = run("verify", *two_files)
    assert result.exit_code == 0
    assert result.stdout == f"{two_files[1]}: holds, on 7 conversations\n"


def test_a_variant_that_fails_is_shown_and_exits_1(run, two_files, monkeypatch):
    failure = Failure(
        promise="the mask holds the turn end",
        conversation={"messages": []},
        original="ab",
        variant="ab",
        original_mask=(),
        variant_mask=((0, 1),),
    )
    monkeypatch.setattr(
        "rewriter.api.verify",
        lambda *_, **__: Report(failures=(failure,), conversations=7, raised=0),
    )
    result = run("verify", *two_files)
    assert result.exit_code == 1
    assert "⟦a⟧b" in result.stdout
    assert result.stdout.endswith(f"{two_files[1]}: fails, on 7 conversations\n")


def test_only_one_of_the_two_can_be_standard_input(run):
    result = run("verify", "-", "-")
    assert result.exit_code == 2
    assert "Only one of the two" in result.stderr
