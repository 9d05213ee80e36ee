"""Which files hold templates, and how to read them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

from rewriter.carriers.carried import Carried, Carrier, Finder
from rewriter.carriers.encoding import python_encoding, text_of
from rewriter.carriers.files import read_bytes, read_template
from rewriter.carriers.literal import Whole
from rewriter.carriers.regular import LARGEST_TEMPLATE
from rewriter.errors import BadInput

_SUFFIXES: Final = frozenset({".json", ".py"})


def is_carrier(path: Path) -> bool:
    """Whether to search the file for templates; any other file is itself one template."""
    return path.suffix.lower() in _SUFFIXES


def whole(path: Path, text: str) -> Carrier:
    """A file that is a template and nothing else."""
    return Carrier(path, text, "utf-8", _all_of, _all_of(text, str(path)))


def read_any(path: Path) -> Carrier:
    """Read a file of any kind, with its templates.

    Raises:
        BadInput: it cannot be read, or is not what its suffix says.

    """
    return read_carrier(path) if is_carrier(path) else whole(path, read_template(path))


def read_carrier(path: Path) -> Carrier:
    """Read a file that may hold templates, with those that it holds.

    Raises:
        BadInput: it cannot be read, or is not what its suffix says.

    """
    return carrier_of(path, read_bytes(path))


def carrier_of(path: Path, content: bytes) -> Carrier:
    """The file at ``path``, whose content is given, with its templates.

    Raises:
        BadInput: it is not what its suffix says.

    """
    name = str(path)
    encoding, finder = _kind(path, content)
    text = text_of(content, encoding, name)
    templates = finder(text, name)
    for each in templates:
        if len(each.text) > LARGEST_TEMPLATE:
            message = f"{each.name}: this is too large for a template"
            raise BadInput(message, name=name, hint="no model ships one that is nearly as large")
    return Carrier(path, text, encoding, finder, templates, _built_in(path, text))


def may_hold_template(content: bytes) -> bool:
    """Whether a Python file is worth searching: a cheap test."""
    return b"{%" in content and b"messages" in content


def _built_in(path: Path, text: str) -> tuple[BadInput, ...]:
    """An error for each template that the file puts together at run time."""
    if path.suffix.lower() != ".py":
        return ()
    from rewriter.carriers.python_pieces import built_templates

    return built_templates(text, str(path))


def _all_of(text: str, _name: str) -> tuple[Carried, ...]:
    return (Carried("", Whole(text)),)


def _kind(path: Path, content: bytes) -> tuple[str, Finder]:
    if path.suffix.lower() == ".json":
        return "utf-8", _in_json
    encoding = python_encoding(content, str(path))
    return encoding, partial(_in_python, encoding=encoding)


# Imported here since it is slow and is not needed when a file is only written.


def _in_json(text: str, name: str) -> tuple[Carried, ...]:
    from rewriter.carriers.json_strings import templates_in

    return templates_in(text, name)


def _in_python(text: str, name: str, *, encoding: str) -> tuple[Carried, ...]:
    from rewriter.carriers.python_strings import templates_in

    return templates_in(text, name, encoding=encoding)
