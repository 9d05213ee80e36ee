"""Find chat templates that a Python file only puts together at run time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, TypeAlias

import libcst as cst

from rewriter.carriers.python_source import PythonSource
from rewriter.carriers.python_strings import PIECEWISE, are_literals
from rewriter.errors import BadInput

_LOOP: Final = re.compile(r"\{%[-+]?\s*for\s[^%]*\bmessages\b")
_OF_ARGUMENT: Final = frozenset({"cleandoc", "dedent", "indent"})
_HINT: Final = "print it once, keep it in a file of its own, and have the program read that"

# A text, and the literal that it is from, or is about.
Piece: TypeAlias = tuple[str, cst.SimpleString | cst.FormattedString]


def built_templates(text: str, name: str) -> tuple[BadInput, ...]:
    """An error for each text with a loop over ``messages`` that no single literal holds.

    ``text`` must be valid Python.

    Raises:
        BadInput: it is nested too deeply.

    """
    if "{%" not in text or "messages" not in text:
        return ()
    source = PythonSource.read(text, name)
    try:
        found = list(_built(source.module))
    except RecursionError:
        raise BadInput("the Python is nested too deeply to be read", name=name) from None
    return tuple(
        BadInput(
            f"this template is put together at run time ({how})",
            place=source.place(first),
            name=name,
            hint=_HINT,
        )
        for how, first in found
    )


def _built(node: cst.CSTNode) -> Iterator[Piece]:
    """How each such text is made, with its first literal."""
    match node:
        case cst.Comparison() | cst.Set() | cst.Index() | cst.MatchValue() | cst.Annotation():
            return
        case cst.Expr(value=value) if are_literals(value):
            return
        case cst.DictElement():
            yield from _built(node.value)
            return
    how, pieces = _made_of(node)
    if how and (first := _first_of_a_template(pieces)):
        yield how, first
        return
    for child in node.children:
        yield from _built(child)


def _first_of_a_template(pieces: list[Piece]) -> cst.SimpleString | cst.FormattedString | None:
    return pieces[0][1] if pieces and _LOOP.search("".join(text for text, _ in pieces)) else None


def _made_of(node: cst.CSTNode) -> tuple[str, list[Piece]]:
    """How a text is made, and from which literals; nothing for a single literal or no text."""
    match node:
        case cst.FormattedString():
            return "an f-string", _pieces(node)
        case cst.ConcatenatedString() | cst.BinaryOperation(operator=cst.Add()):
            return ("" if are_literals(node) else "joined from pieces"), _pieces(node)
        case cst.AugAssign(value=value):
            return "joined from pieces", _pieces(value)
        case cst.BinaryOperation(left=left, operator=cst.Modulo() | cst.Multiply()):
            return "formatted", _pieces(left)
        case cst.Call(func=cst.Attribute(value=value, attr=cst.Name(value="join"))) if are_literals(
            value
        ):
            return "joined from pieces", [each for arg in node.args for each in _listed(arg.value)]
        case cst.Call(func=cst.Attribute(value=value, attr=cst.Name(value=method))) if (
            method in PIECEWISE and are_literals(value)
        ):
            return "formatted", _pieces(value)
        case cst.Call(func=cst.Name(value=called) | cst.Attribute(attr=cst.Name(value=called))) if (
            called in _OF_ARGUMENT
        ):
            return "formatted", [each for arg in node.args for each in _pieces(arg.value)]
    return "", []


def _listed(node: cst.CSTNode) -> list[Piece]:
    elements = node.elements if isinstance(node, cst.List | cst.Tuple) else ()
    return [each for element in elements for each in _pieces(element.value)]


def _pieces(node: cst.CSTNode) -> list[Piece]:
    match node:
        case cst.SimpleString():
            return [(node.raw_value, node)] if "b" not in node.prefix else []
        case cst.FormattedString(parts=parts):
            written = (
                part.value if isinstance(part, cst.FormattedStringText) else "…" for part in parts
            )
            return [("".join(written).replace("{{", "{").replace("}}", "}"), node)]
        case (
            cst.ConcatenatedString(left=left, right=right)
            | cst.BinaryOperation(left=left, right=right)
        ):
            return _pieces(left) + _pieces(right)
    return []
