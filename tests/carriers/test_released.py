"""The templates of released packages: in Python strings, and in files of their own."""

import ast
import json
import random
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

import rewriter
from rewriter.carriers.carried import Carried, Carrier
from rewriter.carriers.carrier import read_carrier
from rewriter.carriers.json_strings import templates_in
from rewriter.carriers.model_folder import files_with_templates
from rewriter.cli import main
from rewriter.source.edits import Edit, apply
from tests.carriers.literals import changed
from tests.carriers.released import AXOLOTL, UNSLOTH, members

MODULE = "unsloth/chat_templates.py"
TRANSFORMS = ("split-role-header", "wrap-assistant-output")


@pytest.fixture(scope="module")
def unsloth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python files of unsloth's own folder."""
    folder = tmp_path_factory.mktemp("unsloth")
    for name, content in members(UNSLOTH, "unsloth/*.py").items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def carrier(unsloth: Path) -> Carrier:
    return read_carrier(unsloth / MODULE)


@pytest.fixture(scope="module")
def axolotl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Axolotl's folder of templates."""
    folder = tmp_path_factory.mktemp("axolotl")
    for name, content in members(AXOLOTL, "axolotl/utils/chat_templates/templates/*").items():
        (folder / Path(name).name).write_bytes(content)
    return folder


def constants(source: str) -> Iterator[tuple[str, str]]:
    """The strings that the module's variables are set to, as Python has them."""
    for statement in ast.parse(source).body:
        match statement:
            case ast.Assign(targets=[target], value=ast.Constant(value=str(text))):
                yield ast.unparse(target), text


def edits(text: str, seed: int) -> tuple[Edit, ...]:
    """Some edits of the text, such as a rewriting makes, and some that are worse."""
    chosen = random.Random(seed)
    places = sorted(chosen.sample(range(len(text)), 6))
    inserted = ("\n    {%- generation %}\n", "{{ '\n' }}", '"', "\\", "{% endif %}é", "")
    return tuple(
        Edit(start, min(end, start + chosen.choice((0, 0, 4))), chosen.choice(inserted))
        for start, end in zip(places[::2], places[1::2], strict=True)
    )


def test_the_templates_of_a_module_are_found_each_as_python_reads_it(carrier: Carrier):
    expected = {
        name: text
        for name, text in constants(carrier.text)
        if name.endswith("_template") and "messages" in text
    }
    assert {each.name: each.text for each in carrier.templates} == expected
    assert len(carrier.templates) == 25


@pytest.mark.slow
def test_only_modules_with_a_template_are_found_in_the_package(unsloth: Path):
    found = {str(each.relative_to(unsloth)) for each in files_with_templates(unsloth)}
    assert found == {MODULE, "unsloth/tokenizer_utils.py", "unsloth/models/reap.py"}


def test_without_an_edit_the_module_is_the_same_bytes(carrier: Carrier):
    assert carrier.with_edits({}).encode(carrier.encoding) == carrier.path.read_bytes()


@pytest.mark.parametrize("seed", range(2))
def test_any_edits_of_the_templates_leave_the_rest_of_the_module(carrier: Carrier, seed: int):
    every = {each: edits(each.text, seed) for each in carrier.templates}
    after = apply(
        carrier.text, [edit for each in every for edit in each.literal.edited(every[each])]
    )
    texts = dict(constants(after))
    assert {each.name: texts[each.name] for each in every} == {
        each.name: apply(each.text, every[each]) for each in every
    }
    assert outside(after, every) == outside(carrier.text, every)


def outside(source: str, templates: Iterable[Carried]) -> list[str]:
    """The lines of the module but for those of the templates' statements."""
    names = {each.name for each in templates}
    lines = source.split("\n")
    for statement in reversed(ast.parse(source).body):
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) in names:
            lines[statement.lineno - 1 : statement.end_lineno] = []
    return lines


def test_a_rewritten_module_has_the_variants_and_every_other_line(carrier: Carrier):
    names = ("zephyr_template", "chatml_template")
    results = {
        each: rewriter.rewrite(each.text, transforms=TRANSFORMS, verify=False, limits=None)
        for each in carrier.templates
        if each.name in names
    }
    after = carrier.with_edits({each: result.edits for each, result in results.items()})
    texts = dict(constants(after))
    assert [texts[name] for name in names] == [each.template for each in results.values()]
    assert outside(after, results) == outside(carrier.text, results)


def test_every_template_in_a_file_of_its_own_is_found(axolotl: Path):
    assert len(files_with_templates(axolotl)) == len(list(axolotl.iterdir())) == 36


@pytest.mark.parametrize("ensure_ascii", [True, False])
def test_any_edits_of_templates_in_json_leave_the_rest_of_it(axolotl: Path, ensure_ascii: bool):
    texts = [path.read_bytes().decode() for path in sorted(axolotl.iterdir())[::3]]
    data = {"a": "é", "chat_template": {str(i): text for i, text in enumerate(texts)}, "z": 1.0}
    file = json.dumps(data, ensure_ascii=ensure_ascii, indent=1) + "\n"
    for seed, template in enumerate(templates_in(file, "x.json")):
        made = edits(template.text, seed)
        expected = {**data, "chat_template": {**data["chat_template"]}}
        expected["chat_template"][str(seed)] = apply(template.text, made)
        after = json.dumps(expected, ensure_ascii=ensure_ascii, indent=1) + "\n"
        assert changed(file, template, made) == after


@pytest.mark.slow
def test_the_command_writes_what_it_proves_of_a_real_module_and_nothing_else(
    unsloth: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("rewriter.carriers.originals.cache_folder", lambda: tmp_path / "cache")
    before = read_carrier(unsloth / MODULE)
    options = [each for name in TRANSFORMS for each in ("--transform", name)]
    command = ["patch", str(unsloth / MODULE), "-o", str(tmp_path / "out.py"), *options]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 3
    after = read_carrier(tmp_path / "out.py")
    written = {
        each.name for each in after.templates if "{% generation" in each.text.replace("-", "")
    }
    assert written == {
        line.split(": ")[1] for line in result.stderr.splitlines() if line.endswith("; verified")
    }
    every = dict.fromkeys(before.templates, ())
    assert outside(after.text, every) == outside(before.text, every)
