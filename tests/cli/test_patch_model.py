"""``rewriter patch`` on a model's folder, with the engine: the same variant wherever it is kept."""

import ast
import json
from pathlib import Path

import pytest

import rewriter


@pytest.fixture
def source(original) -> str:
    return original("qwen3").read_bytes().decode()


@pytest.fixture
def model(source: str, tmp_path: Path) -> Path:
    """A folder with one template in files of every kind."""
    folder = tmp_path / "model"
    (folder / "additional_chat_templates").mkdir(parents=True)
    named = [{"name": "default", "template": source}, {"name": "rag", "template": source}]
    files = {
        "chat_template.jinja": source,
        "additional_chat_templates/tool_use.jinja": source,
        "tokenizer_config.json": json.dumps({"chat_template": named, "z": 1e5}, indent=2),
        "processor_config.json": json.dumps({"chat_template": source}, ensure_ascii=False),
        "one.py": f"x = {source!r}\n",
        "lines.py": "x = (\n" + "".join(f"    {line!r}\n" for line in lines(source)) + ")\n",
        "triple.py": f'x = r"""{source}"""\n',
    }
    for name, content in files.items():
        (folder / name).write_bytes(content.encode())
    return folder


def lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def test_each_file_has_the_variant_in_its_own_spelling(run, model: Path, source: str):
    variant = rewriter.rewrite(source).template
    result = run("patch", model, "--write")
    assert result.exit_code == 0
    assert result.stderr.count("proven before") == 8

    read = {path.name: path.read_bytes().decode() for path in model.rglob("*.*")}
    assert read["chat_template.jinja"] == read["tool_use.jinja"] == variant
    named = [{"name": "default", "template": variant}, {"name": "rag", "template": variant}]
    assert read["tokenizer_config.json"] == json.dumps({"chat_template": named, "z": 1e5}, indent=2)
    assert json.loads(read["processor_config.json"]) == {"chat_template": variant}
    assert read["one.py"] == f"x = {variant!r}\n"
    assert read["triple.py"] == f'x = r"""{variant}"""\n'
    assert ast.literal_eval(read["lines.py"].removeprefix("x = ")) == variant
    written = set(lines(read["lines.py"]))
    assert {f"    {each!r}\n" for each in {*lines(source)} & {*lines(variant)}} <= written


def test_a_second_time_nothing_changes(run, model: Path):
    run("patch", model, "--write")
    before = {path: path.read_bytes() for path in model.rglob("*.*")}
    result = run("patch", model, "--write")
    assert result.stderr.count("nothing to do") == 8
    assert {path: path.read_bytes() for path in model.rglob("*.*")} == before
