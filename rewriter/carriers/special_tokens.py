"""What the files of a model say about its tokenizer's special tokens."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, Literal

from rewriter.carriers.files import read_template
from rewriter.carriers.regular import is_readable
from rewriter.errors import BadInput

_FILES: Final = ("tokenizer_config.json", "special_tokens_map.json")


def has_eos_token(folder: Path) -> bool | None:
    """Whether the tokenizer in a folder has an ``eos_token``; ``None`` if its files do not say.

    A tokenizer's class may define one that no file names, so only ``null`` means that it has none.
    """
    said = [each["eos_token"] for name in _FILES if "eos_token" in (each := _read(folder / name))]
    return any(said) if said else None


def special_token(folder: Path, name: Literal["eos_token", "bos_token"]) -> str | None:
    """The text of a special token of the tokenizer in a folder, if its files name it."""
    for file in _FILES:
        said = _read(folder / file).get(name)
        text = said.get("content") if isinstance(said, dict) else said
        if isinstance(text, str):
            return text
    return None


def adds_bos_token(folder: Path) -> bool:
    """Whether the tokenizer in a folder is set to put ``bos_token`` before every text."""
    return _read(folder / _FILES[0]).get("add_bos_token") is True


def _read(path: Path) -> dict[str, Any]:
    """The content of a JSON file; empty if it is missing or cannot be read."""
    if not path.is_file() or not is_readable(path):
        return {}
    try:
        found = json.loads(read_template(path))
    except (BadInput, ValueError, RecursionError):
        return {}  # transformers reports this to whoever needs the file
    return found if isinstance(found, dict) else {}
