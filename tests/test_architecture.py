"""The page about the architecture names what there is."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "architecture.md").read_text()
LAYERS = re.findall(r"^\| `rewriter/(\w+)` \|", PAGE, re.MULTILINE)
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
    rows = re.findall(r"^\| `rewriter/(\w+)` \|.*\| `(\w+\.py)` \|$", PAGE, re.MULTILINE)
    assert len(rows) == len(LAYERS)
    assert [row for row in rows if not (ROOT / "rewriter" / row[0] / row[1]).is_file()] == []


def test_the_layers_are_those_that_imports_are_held_to():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contract = project["tool"]["importlinter"]["contracts"][0]
    held = [name.removeprefix("rewriter.") for name in re.findall(r"rewriter\.\w+", str(contract))]
    folders = {path.parent.name for path in (ROOT / "rewriter").glob("*/__init__.py")}
    assert set(LAYERS) <= set(held)
    assert folders - {"integrations"} == set(LAYERS)
