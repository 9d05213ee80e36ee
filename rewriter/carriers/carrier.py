"""Which files hold templates, in text of another kind or as all they are, and how they are read."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

from rewriter.carriers.carried import Carried, Carrier, Finder
from rewriter.carriers.encoding import python_encoding, text_of
from rewriter.carriers.files import read_bytes, read_template
from rewriter.carriers.literal import Whole
from rewriter.errors import BadInput

_SUFFIXES: Final = frozenset({".json", ".py"})


def is_carrier(path: Path) -> bool:
    """Whether templates are looked for within the file; any other file is one template."""
    return path.suffix.lower() in _SUFFIXES


def whole(path: Path, text: str) -> Carrier:
    """The text of a file that is one template and nothing else."""
    return Carrier(path, text, "utf-8", _all_of, _all_of(text, str(path)))


def read_any(path: Path) -> Carrier:
    """The file with the templates in it, whatever its kind.

    Raises:
        BadInput: it cannot be read, or is not what its suffix says.

    """
    return read_carrier(path) if is_carrier(path) else whole(path, read_template(path))


def read_carrier(path: Path) -> Carrier:
    """The file with the templates that are in it, if there are any.

    Raises:
        BadInput: it cannot be read, or is not what its suffix says.

    """
    content, name = read_bytes(path), str(path)
    encoding, finder = _kind(path, content)
    text = text_of(content, encoding, name)
    return Carrier(path, text, encoding, finder, finder(text, name))


def built_in(carrier: Carrier) -> tuple[BadInput, ...]:
    """What is to be said of the templates that the file only puts together when it runs."""
    if carrier.path.suffix.lower() != ".py":
        return ()
    from rewriter.carriers.python_pieces import built_templates

    return built_templates(carrier.text, str(carrier.path))


def _all_of(text: str, _name: str) -> tuple[Carried, ...]:
    return (Carried("", Whole(text)),)


def _kind(path: Path, content: bytes) -> tuple[str, Finder]:
    if path.suffix.lower() == ".json":
        from rewriter.carriers.json_strings import templates_in

        return "utf-8", templates_in
    # LibCST takes long to import.
    from rewriter.carriers.python_strings import templates_in as literals_in

    encoding = python_encoding(content, str(path))
    return encoding, partial(literals_in, encoding=encoding)
