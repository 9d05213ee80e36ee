"""Find the files of a folder that hold chat templates, those of a model and any others."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from rewriter.carriers.carried import Carrier, Held
from rewriter.carriers.carrier import is_carrier, may_hold_template, read_any
from rewriter.carriers.files import read_bytes, read_template
from rewriter.carriers.json_strings import KEY
from rewriter.carriers.likeness import is_chat_template
from rewriter.carriers.regular import LARGEST_FILE, LARGEST_TEMPLATE, is_readable
from rewriter.errors import BadInput, Place, Stopped
from rewriter.internal_error import InternalError

# The files that transformers reads a template from; a tokenizer takes the first of the three.
_NAMED: Final = frozenset(
    {"chat_template.jinja", "chat_template.json", "tokenizer_config.json", "processor_config.json"}
)
_ADDITIONAL: Final = "additional_chat_templates"
_JINJA: Final = frozenset({".jinja", ".jinja2"})
_PASSED_OVER: Final = frozenset({"__pycache__", "node_modules"})


# The files that one reader, a tokenizer or a processor, may take its template from.
_READ_TOGETHER: Final = (
    ("chat_template.jinja", "tokenizer_config.json"),
    ("chat_template.jinja", "chat_template.json", "processor_config.json"),
)


def files_with_templates(
    folder: Path,
    opened: Callable[[Path], Carrier] = read_any,
    likely: Callable[[str], bool] = is_chat_template,
) -> tuple[Path, ...]:
    """The files below ``folder`` that hold a chat template, in order.

    Hidden folders and links to folders are skipped. A file that cannot be read is included if a
    model would need it, so that reading it reports the error. So is a file whose reading was
    stopped, and anything that is named like a file with templates but is not a file.

    Args:
        folder: the folder to search, with all folders below it.
        opened: reads a file.
        likely: tells whether a text is a chat template.

    Raises:
        BadInput: two files of one model hold different templates for one reader.

    """
    files = tuple(
        path for path in _files(folder) if _is_wanted(path) or _holds_template(path, opened, likely)
    )
    for model in dict.fromkeys(path.parent for path in files):
        for names in _READ_TOGETHER:
            _check_agreement([model / name for name in names if model / name in files], opened)
    return files


def _check_agreement(files: Sequence[Path], opened: Callable[[Path], Carrier]) -> None:
    """Raise if one model's templates disagree, since it depends on the reader which is used."""
    held = [each for path in files if (each := _default_of(path, opened))]
    for other in held[1:]:
        # A difference that Jinja never prints does not count.
        if other.text.removesuffix("\n") != held[0].text.removesuffix("\n"):
            raise BadInput(
                other.said(f"this template differs from the one in {held[0].carrier.path.name}"),
                name=other.file,
                place=other.placed(Place.at(other.text, 0)),
                hint="it depends on the reader which one is used: name the file that you mean",
            )


def _default_of(path: Path, opened: Callable[[Path], Carrier]) -> Held | None:
    """The template that is used if none is asked for by name."""
    try:
        held = opened(path).held
    except (BadInput, Stopped, InternalError):
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
    """Whether its name alone says that it is a template."""
    return path.name == "chat_template.jinja" or (
        path.parent.name == _ADDITIONAL and path.suffix == ".jinja"
    )


def _holds_template(
    path: Path, opened: Callable[[Path], Carrier], likely: Callable[[str], bool]
) -> bool:
    named = path.name in _NAMED
    suffix = path.suffix.lower()
    if not named and suffix != ".py" and suffix not in _JINJA:
        return False
    if not is_readable(path, LARGEST_TEMPLATE if suffix in _JINJA else LARGEST_FILE):
        return named or path.exists()  # a broken link is not a template
    try:
        if suffix == ".py" and not may_hold_template(read_bytes(path)):
            return False
        return bool(opened(path).templates) if is_carrier(path) else likely(read_template(path))
    except BadInput:
        return named
    except (Stopped, InternalError):
        return True
