"""``rewriter new-family``: all that a repository needs of a family, and nothing else."""

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree, which
from types import ModuleType

import pytest
from click.testing import Result

from rewriter.engine.families import load_catalog
from tests.carriers.inserted import inserted
from tests.carriers.released import members
from tests.cli.registries import (
    FOLDER,
    MODULE,
    PAGE,
    PARAMETERS,
    README,
    TESTS,
    contents,
    new_family,
)
from tests.tokens.offline_tokenizers import byte_level


def released(version: str, folder: Path) -> Path:
    """The files of a released trl that have to do with templates, as a repository."""
    package = load_catalog(f"trl-{version}").package
    for name, content in members(package, "trl/chat_template*").items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], Path, Result]:
    """The files of trl 1.16.0, the same with Llama 3.1 brought in, and what the command said."""
    repository = released("1.16.0", tmp_path_factory.mktemp("trl"))
    tests = repository / TESTS
    tests.parent.mkdir()
    tests.write_text(PARAMETERS)
    before = contents(repository)
    original = repository / FOLDER / "llama3_1.jinja"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REWRITER_CACHE", str(tmp_path_factory.mktemp("cache")))
        options = ("--model", "me/tiny-Llama-3.1", "--write")
        result = new_family(repository, "llama3_1", original, *options)
    return before, repository, result


@pytest.fixture(scope="module")
def module(extended) -> Iterator[ModuleType]:
    """The extended registry, imported; what it takes from its package is not called here."""
    _, repository, _ = extended
    package = ModuleType("extended")
    package.__path__ = [str(repository / "trl")]
    data_utils = ModuleType("extended.data_utils")
    data_utils.prepare_multimodal_messages = None
    spec = importlib.util.spec_from_file_location(
        "extended.chat_template_utils", repository / MODULE
    )
    assert spec
    assert spec.loader
    imported = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "extended", package)
        patch.setitem(sys.modules, "extended.data_utils", data_utils)
        spec.loader.exec_module(imported)
        yield imported


def test_all_that_was_there_is_there_byte_for_byte(extended):
    before, repository, result = extended
    assert (result.exit_code, result.stdout) == (0, "")
    after = contents(repository)
    new = f"{FOLDER}/llama3_1_training.jinja"
    assert after.keys() - before.keys() == {new}
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {MODULE, README, TESTS}
    for name in changed:
        assert inserted(before[name].decode(), after[name].decode())


def test_the_registry_gets_a_constant_and_a_branch_like_its_own(extended):
    before, repository, _ = extended
    lines = inserted(before[MODULE].decode(), (repository / MODULE).read_text())
    file = '_CHAT_TEMPLATES_DIR / "llama3_1_training.jinja"'
    assert [line.strip() for line in lines if line.strip()] == [
        f'llama3_1_training_chat_template = ({file}).read_text(encoding="utf-8")',
        "if chat_template == llama3_1_chat_template:",
        "return llama3_1_training_chat_template",
    ]


def test_the_package_imports_recognises_the_template_and_returns_the_variant(module, extended):
    _, repository, _ = extended
    original = (repository / FOLDER / "llama3_1.jinja").read_text()
    variant = (repository / FOLDER / "llama3_1_training.jinja").read_text()
    tokenizer = byte_level(original)
    tokenizer.chat_template = original
    assert module.get_training_chat_template(tokenizer) == variant
    tokenizer.chat_template = variant
    assert module.get_training_chat_template(tokenizer) is None


def test_the_variant_begins_as_those_of_this_repository_do(extended):
    _, repository, _ = extended
    ours, theirs = (
        (repository / FOLDER / f"{name}_training.jinja").read_text().splitlines()
        for name in ("llama3_1", "llama3")
    )
    assert ours[0] == theirs[0].replace("Llama 3", "Llama 3.1").replace("llama3", "llama3_1")
    assert ours[1] == theirs[1]
    assert ours[2].startswith("    - ")


def test_the_documentation_gets_the_section_that_it_lacks(extended):
    before, repository, _ = extended
    lines = inserted(before[README].decode(), (repository / README).read_text())
    assert [line for line in lines if line.startswith("#")] == ["### `llama3_1_training.jinja`\n"]


def test_the_tests_get_their_parameter(extended):
    _, repository, _ = extended
    tests = (repository / TESTS).read_text()
    assert inserted(PARAMETERS, tests) == [
        '        pytest.param("me/tiny-Llama-3.1", id="llama3_1"),\n'
    ]


def test_a_second_time_there_is_nothing_to_do(extended):
    _, repository, _ = extended
    before = contents(repository)
    original = repository / FOLDER / "llama3_1.jinja"
    options = ("--model", "me/tiny-Llama-3.1", "--write")
    result = new_family(repository, "llama3_1", original, *options)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.endswith("\nllama3_1: nothing to do\n")
    assert contents(repository) == before


@pytest.mark.usefixtures("no_engine")
@pytest.mark.parametrize("option", ["--check", "--diff"])
def test_check_and_diff_write_nothing_and_exit_1(repository, template, option: str):
    before = contents(repository)
    result = new_family(repository, "mine", template, option)
    assert result.exit_code == 1
    assert bool(result.stdout) == (option == "--diff")
    assert contents(repository) == before


@pytest.mark.skipif(not which("git"), reason="git applies the diff")
@pytest.mark.usefixtures("no_engine")
def test_the_diff_that_is_printed_is_what_write_does(repository, template, tmp_path):
    other = copytree(repository, tmp_path / "other")
    printed = new_family(repository, "mine", template)
    assert printed.exit_code == 0
    assert new_family(other, "mine", template, "--write").exit_code == 0
    subprocess.run(
        ["git", "apply", "-"], cwd=repository, input=printed.stdout_bytes, check=True, timeout=60
    )
    assert contents(repository) == contents(other)
    assert (other / FOLDER / "mine.jinja").read_bytes() == template.read_bytes()


@pytest.mark.usefixtures("no_engine")
def test_an_older_layout_lists_the_family_in_a_docstring(tmp_path, template):
    repository = released("1.4.0", tmp_path / "trl")
    before = (repository / MODULE).read_text()
    assert new_family(repository, "mine", template, "--title", "Mine", "--write").exit_code == 0
    after = (repository / MODULE).read_text()
    was, now = (text.split("Currently")[1].split("are supported")[0] for text in (before, after))
    assert "LLaMA 3, Mine, Phi-3," in " ".join(now.split())
    assert now.replace(" Mine,", "").split() == was.split()
    assert max(map(len, now.splitlines())) <= 119
    assert "if processing_class.chat_template == mine_chat_template:" in after


OWN = """
[templates]
folder   = "own"
original = "{name}.jinja2"
variant  = "{name}.train.jinja2"

[python]
file      = "own/__init__.py"
constants = { original = "{name}", variant = "{name}_train" }
entries   = ["TABLE"]
"""


@pytest.mark.usefixtures("no_engine")
def test_a_repository_of_another_layout_is_a_data_file(tmp_path, template):
    registry, package = tmp_path / "own.toml", tmp_path / "repository" / "own"
    registry.write_text(OWN)
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(
        "from own.files import read\n\nbeta = read('beta.jinja2')\n"
        "beta_train = read('beta.train.jinja2')\n\nTABLE = {beta: beta_train}\n"
    )
    options = ("--registry", str(registry), "--write")
    result = new_family(package.parent, "mine", template, *options)
    assert result.exit_code == 0
    assert contents(package) == {
        "__init__.py": (
            b"from own.files import read\n\nbeta = read('beta.jinja2')\n"
            b"\nmine = read('mine.jinja2')\nbeta_train = read('beta.train.jinja2')\n"
            b"mine_train = read('mine.train.jinja2')\n\n"
            b"TABLE = {beta: beta_train, mine: mine_train}\n"
        ),
        "mine.jinja2": b"{{ messages }}",
        "mine.train.jinja2": b"{{ messages }}|marked",
    }


@pytest.mark.usefixtures("no_engine")
def test_it_is_said_which_files_are_not_there_to_add_to(repository, template):
    result = new_family(repository, "mine", template, "--model", "me/mine")
    assert result.stderr == (
        f"{PAGE}: not in this repository, so it is skipped\n"
        f"{TESTS}: not in this repository, so it is skipped\n"
    )


@pytest.mark.usefixtures("no_engine")
def test_the_published_page_lists_the_family_and_has_no_tag_in_it(repository, template):
    page = repository / PAGE
    page.parent.mkdir(parents=True)
    text = (
        "# Chat Templates\n\nThe following families are recognized: Chatty, Talky 2.5.\n\n"
        "## Training templates\n\n### `chatty_training.jinja`\n\nPatched.\n"
    )
    page.write_text(text)
    assert new_family(repository, "mine", template, "--title", "Mine", "--write").exit_code == 0
    changed = page.read_text()
    assert changed.startswith(text.replace("Talky", "Mine, Talky"))
    assert "`&#123;% generation %&#125;`" in changed
    assert "{%" not in changed


@pytest.mark.usefixtures("no_engine")
def test_tests_that_are_there_need_a_model_to_load(repository, template):
    tests = repository / TESTS
    tests.parent.mkdir()
    tests.write_text(PARAMETERS)
    result = new_family(repository, "mine", template, "--write")
    assert "left alone; use --model to name the model that its tests load" in result.stderr
    assert tests.read_text() == PARAMETERS


@pytest.mark.usefixtures("no_engine")
@pytest.mark.parametrize(
    ("source", "exit_code", "told"),
    [
        ("{{ messages }}", 0, "so that there is one"),
        ("refuse", 3, "Refused: no training variant"),
    ],
)
def test_a_page_beside_the_diff_shows_the_variant_or_why_there_is_none(
    repository, template, tmp_path, source: str, exit_code: int, told: str
):
    template.write_text(source)
    before = contents(repository)
    page = tmp_path / "mine.html"
    assert new_family(repository, "mine", template, "--html", str(page)).exit_code == exit_code
    assert told in page.read_text()
    assert contents(repository) == before
