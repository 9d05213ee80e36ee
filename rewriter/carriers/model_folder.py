"""The files of a folder that hold chat templates: those of a model, and any others."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from rewriter.carriers.carried import Held
from rewriter.carriers.carrier import is_carrier, read_any, read_carrier
from rewriter.carriers.files import read_template
from rewriter.carriers.json_strings import KEY
from rewriter.carriers.likeness import is_chat_template
from rewriter.errors import BadInput, Place

# What transformers reads a template from; it takes the first of the three for a tokenizer.
_NAMED: Final = frozenset(
    {"chat_template.jinja", "chat_template.json", "tokenizer_config.json", "processor_config.json"}
)
_ADDITIONAL: Final = "additional_chat_templates"
_JINJA: Final = frozenset({".jinja", ".jinja2"})
_PASSED_OVER: Final = frozenset({"__pycache__", "node_modules"})


# What one reader may take its template from: a tokenizer, and a processor.
_READ_TOGETHER: Final = (
    ("chat_template.jinja", "tokenizer_config.json"),
    ("chat_template.jinja", "chat_template.json", "processor_config.json"),
)


def files_with_templates(folder: Path) -> tuple[Path, ...]:
    """The files below ``folder`` that hold a chat template, in order.

    Hidden folders are passed over, and so is what lies behind a link to a folder. A file that
    cannot be read is among them if a model would need it, so that whoever reads it is told.

    Raises:
        BadInput: two files of one model hold different templates for the same reader.

    """
    files = tuple(path for path in _files(folder) if _is_wanted(path) or _holds_template(path))
    for model in dict.fromkeys(path.parent for path in files):
        for names in _READ_TOGETHER:
            _check_agreement([model / name for name in names if model / name in files])
    return files


def _check_agreement(files: Sequence[Path]) -> None:
    """Which of two templates is used depends on who reads them, so neither is to be guessed at."""
    held = [each for path in files if (each := _default_of(path))]
    for other in held[1:]:
        # What Jinja does not print is no difference.
        if other.text.removesuffix("\n") != held[0].text.removesuffix("\n"):
            raise BadInput(
                other.said(f"this is another template than the one in {held[0].carrier.path.name}"),
                name=other.file,
                place=other.placed(Place.at(other.text, 0)),
                hint="which of them counts depends on who reads them: name the file that is meant",
            )


def _default_of(path: Path) -> Held | None:
    """The template that is used where none is asked for by name."""
    try:
        held = read_any(path).held
    except BadInput:
        return None
    named = ("", KEY, f"{KEY}[default]")
    return next((each for each in held if each.template.name in named), None)


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
