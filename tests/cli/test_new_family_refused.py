"""What ``rewriter new-family`` refuses: nothing is written, and the place is told."""

from pathlib import Path

import pytest

from tests.cli.registries import (
    FOLDER,
    MODULE,
    README,
    TESTS,
    contents,
    new_family,
)


def without_branches(repository: Path) -> None:
    path = repository / MODULE
    path.write_text(path.read_text().replace("== chatty_chat_template", "== 'chatty'"))


def without_function(repository: Path) -> None:
    path = repository / MODULE
    path.write_text(path.read_text().replace("def get_training_chat_template", "def other"))


def broken(repository: Path) -> None:
    path = repository / MODULE
    path.write_text(path.read_text() + "def (\n")


def without_list(repository: Path) -> None:
    path = repository / MODULE
    path.write_text(path.read_text().replace("The supported templates are listed", "They are"))


def read_only(repository: Path) -> None:
    (repository / README).chmod(0o444)


def without_headings(repository: Path) -> None:
    path = repository / README
    path.write_text(path.read_text().replace("## Training templates", "## Others"))


def without_folder(repository: Path) -> None:
    (repository / FOLDER).rename(repository / "elsewhere")


def without_module(repository: Path) -> None:
    (repository / MODULE).unlink()


def taken(repository: Path) -> None:
    (repository / FOLDER / "mine.jinja").write_text("another")


def variant_taken(repository: Path) -> None:
    (repository / FOLDER / "mine_training.jinja").write_text("another")


def twin(repository: Path) -> None:
    (repository / FOLDER / "yours.jinja").write_text("{{ messages }}")


def other_tests(repository: Path) -> None:
    tests = repository / TESTS
    tests.parent.mkdir()
    tests.write_text("class TestOther:\n    pass\n")


@pytest.mark.usefixtures("no_engine")
@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (without_function, f"{MODULE}: there is no get_training_chat_template here"),
        (without_branches, f"{MODULE}:10:1: get_training_chat_template has no entry with"),
        (broken, f"{MODULE}:16:5: not Python"),
        (without_list, f"{MODULE}:11:8: no list 'Currently' … 'are supported.' is here"),
        (read_only, f"{README}: cannot be written: it is read-only"),
        (without_headings, f"{README}: there is no heading 'Training templates' here"),
        (without_folder, f": there is no folder {FOLDER} in it"),
        (without_module, f": there is no module {MODULE} in it"),
        (taken, f"{FOLDER}/mine.jinja: another template has this name"),
        (variant_taken, f"{FOLDER}/mine_training.jinja: another template has this name"),
        (twin, f"{FOLDER}/yours.jinja: the repository has this template already"),
        (other_tests, "utils.py: there is no test TestGetTrainingChatTemplate here"),
    ],
)
def test_what_does_not_fit_is_told_with_its_place_and_nothing_is_written(
    repository, template, spoil, message: str
):
    spoil(repository)
    before = contents(repository)
    result = new_family(repository, "mine", template, "--model", "me/mine", "--write")
    assert result.exit_code == 2
    assert message in result.stderr
    assert contents(repository) == before


@pytest.mark.usefixtures("no_engine")
@pytest.mark.parametrize(
    ("source", "exit_code", "message"),
    [
        ("refuse", 3, "this cannot be rewritten"),
        ("{{ messages }}|marked", 2, "it is already marked, so there is no variant"),
    ],
)
def test_a_template_without_a_variant_is_not_brought_in(
    repository, template, source: str, exit_code: int, message: str
):
    template.write_text(source)
    before = contents(repository)
    result = new_family(repository, "mine", template, "--write")
    assert (result.exit_code, result.stdout) == (exit_code, "")
    assert f"{template}: {message}" in result.stderr
    assert contents(repository) == before


@pytest.mark.usefixtures("no_engine")
def test_a_refusal_says_that_less_can_be_asked_for_unless_it_was(repository, template):
    template.write_text("refuse")
    less = "--goal asks for less than assistant-mask, prefix-preserving, dict-arguments"
    assert less in new_family(repository, "mine", template).stderr
    assert less not in new_family(repository, "mine", template, "--goal", "assistant-mask").stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("my-name",), "my-name: this cannot be the name of a file and a variable"),
        (("mine_training",), "would be mistaken for a family's variant"),
        (("mine", "--title", "#}"), "#}: this cannot be a title or a model"),
        (("mine", "--model", 'a"b'), 'a"b: this cannot be a title or a model'),
        (("mine", "--registry", "none.toml"), "none.toml: there is no such registry"),
        (("mine", "--write", "--diff"), "--write cannot be combined"),
    ],
)
def test_what_cannot_be_asked_for_is_bad_usage(tmp_path, template, options, message: str):
    name, *others = options
    result = new_family(tmp_path, name, template, *others)
    assert result.exit_code == 2
    assert message in result.stderr
