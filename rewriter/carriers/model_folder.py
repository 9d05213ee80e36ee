"""The files of a folder that hold chat templates: those of a model, and any others."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from rewriter.carriers.carrier import is_carrier, read_carrier
from rewriter.carriers.files import read_template
from rewriter.carriers.likeness import is_chat_template
from rewriter.errors import BadInput

# What transformers reads a template from; it takes the first of the three for a tokenizer.
_NAMED: Final = frozenset(
    {"chat_template.jinja", "chat_template.json", "tokenizer_config.json", "processor_config.json"}
)
_ADDITIONAL: Final = "additional_chat_templates"
_JINJA: Final = frozenset({".jinja", ".jinja2"})
_PASSED_OVER: Final = frozenset({"__pycache__", "node_modules"})


def files_with_templates(folder: Path) -> tuple[Path, ...]:
    """The files below ``folder`` that hold a chat template, in order.

    Hidden folders are passed over, and so is what lies behind a link to a folder. A file that
    cannot be read is among them if a model would need it, so that whoever reads it is told.
    """
    return tuple(path for path in _files(folder) if _is_wanted(path) or _holds_template(path))


def _files(folder: Path) -> Iterator[Path]:
    for here, below, names in os.walk(folder):
        below[:] = sorted(
            each for each in below if each not in _PASSED_OVER and not each.startswith(".")
        )
        yield from (Path(here, name) for name in sorted(names))


def _is_wanted(path: Path) -> bool:
    """Whether it is a template by its name alone."""
    return path.name == "chat_template.jinja" or (
        path.parent.name == _ADDITIONAL and path.suffix == ".jinja"
    )


def _holds_template(path: Path) -> bool:
    named = path.name in _NAMED
    suffix = path.suffix.lower()
    if not named and suffix != ".py" and suffix not in _JINJA:
        return False
    try:
        if is_carrier(path):
            return bool(read_carrier(path).templates)
        return is_chat_template(read_template(path))
    except BadInput:
        return named
