"""The page about the architecture names what there is."""

import re
import tomllib
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "architecture.md").read_text()
ROWS = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|.*\| `(\w+\.py)` \|$", PAGE, re.MULTILINE)
LAYERS = [layer for layers, _ in ROWS for layer in re.findall(r"\w+", layers)]
MODULES = sorted(set(re.findall(r"\b(\w+)\.(\w+)\b", PAGE)))


def test_every_module_that_is_named_is_there():
    named = [(a, b) for a, b in MODULES if a in LAYERS and b != "py"]
    assert len(named) > 25
    missing = [
        f"{layer}.{module}"
        for layer, module in named
        if not (ROOT / "rewriter" / layer / f"{module}.py").is_file()
        and not (ROOT / "rewriter" / layer / module).is_dir()
    ]
    assert missing == []


def test_every_file_to_begin_with_is_there():
    files = [ROOT / "rewriter" / re.findall(r"\w+", layers)[0] / file for layers, file in ROWS]
    assert [file for file in files if not file.is_file()] == []


def test_every_layer_says_what_it_may_import_and_where_to_begin():
    for layer in LAYERS:
        said = import_module(f"rewriter.{layer}").__doc__
        assert "import" in said, layer
        assert "Begin with `" in said, layer


def test_the_layers_are_those_that_imports_are_held_to():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contract = project["tool"]["importlinter"]["contracts"][0]
    held = [name.removeprefix("rewriter.") for name in re.findall(r"rewriter\.\w+", str(contract))]
    folders = {path.parent.name for path in (ROOT / "rewriter").glob("*/__init__.py")}
    assert set(LAYERS) <= set(held)
    assert folders == set(LAYERS)
