"""Find the string literals of a Python file that are chat templates.

These literals are left alone: pieces of a text (in an f-string, or joined to, formatted with or
substituted for something), those that are compared with or used as a key, docstrings, and bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

import libcst as cst

from rewriter.carriers.carried import Carried
from rewriter.carriers.likeness import is_chat_template
from rewriter.carriers.literal import Literal, Part
from rewriter.carriers.python_literals import PythonLiteral
from rewriter.carriers.python_source import PythonSource
from rewriter.errors import BadInput

_TRIMS: Final[dict[str, Callable[[str], str]]] = {
    "strip": str.strip,
    "lstrip": str.lstrip,
    "rstrip": str.rstrip,
}
# These methods search a text for their arguments, insert them, or build another text from them.
PIECEWISE: Final = frozenset(
    {"cleandoc", "count", "dedent", "endswith", "find", "format", "indent", "index", "join"}
    | {"partition", "removeprefix", "removesuffix", "replace", "rfind", "rindex", "rpartition"}
    | {"rsplit", "split", "startswith", "sub"}
)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Literals that make one text, what is done to that text, and its name."""

    name: str
    literals: tuple[cst.SimpleString, ...]
    trim: Callable[[str], str] = str

    @property
    def has_tags(self) -> bool:
        """Whether it can be a template at all: a cheap test."""
        return any("{%" in literal.value for literal in self.literals)


def templates_in(text: str, name: str, *, encoding: str = "utf-8") -> tuple[Carried, ...]:
    """The chat templates in the source ``text``, each named after what it is assigned to.

    Raises:
        BadInput: it is not Python.

    """
    if "{%" not in text or "messages" not in text:
        return ()
    source = PythonSource.read(text, name)
    read = partial(PythonLiteral.read, newline=source.newline, encoding=encoding)
    try:
        found = [
            Carried(
                each.name,
                Literal(
                    tuple(_part(source, one, read(one.value)) for one in each.literals), each.trim
                ),
            )
            for each in _candidates(source.module, "")
            if each.has_tags
        ]
    except RecursionError:
        raise BadInput("the Python is nested too deeply to be read", name=name) from None
    return tuple(each for each in found if is_chat_template(each.text))


def _candidates(node: cst.CSTNode, name: str) -> Iterator[_Candidate]:
    """The texts below ``node`` that may be templates; ``name`` is their name so far."""
    match node:
        case (
            cst.FormattedString() | cst.Comparison() | cst.Set() | cst.Index() | cst.MatchValue()
        ) | cst.Annotation():
            return
        case cst.Expr(value=value) | cst.Attribute(value=value) | cst.AugAssign(value=value) if (
            _literals(value)
        ):
            return
        case cst.Call(func=cst.Attribute(value=value, attr=cst.Name(value=method)), args=[]) if (
            method in _TRIMS and (literals := _literals(value))
        ):
            yield _Candidate(name or "a string", literals, _TRIMS[method])
        case _ if literals := _literals(node):
            yield _Candidate(name or "a string", literals)
        case _:
            own = _called(node, name)
            for child in _children(node):
                yield from _candidates(child, own)


def _children(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The node's children, except keys and literals that are only pieces of a text."""
    match node:
        case cst.DictElement():
            yield node.value
        case cst.BinaryOperation() | cst.ConcatenatedString():
            yield from (each for each in (node.left, node.right) if not _literals(each))
        case cst.Call(func=cst.Name(value=called) | cst.Attribute(attr=cst.Name(value=called))) if (
            called in PIECEWISE
        ):
            yield node.func
            yield from (each for each in node.args if not _literals(each.value))
        case _:
            yield from node.children


def _called(node: cst.CSTNode, name: str) -> str:
    """The name of a value below ``node``; ``name`` if the node gives it none."""
    match node:
        case cst.Assign(targets=[cst.AssignTarget(target=target), *_]):
            return _code(target)
        case cst.AnnAssign(target=target) | cst.NamedExpr(target=target):
            return _code(target)
        case cst.Param(name=target) | cst.Arg(keyword=cst.Name() as target):
            return _code(target)
        case cst.DictElement(key=key):
            return f"{name}[{_code(key)}]"
        case cst.FunctionDef(name=target):
            return f"{_code(target)}()"
        case cst.Call(func=target) if not name:
            return f"{_code(target)}()"
    return name


def _literals(node: cst.CSTNode) -> tuple[cst.SimpleString, ...]:
    """The literals that the expression joins, in order; none for any other expression."""
    match node:
        case cst.SimpleString():
            return () if "b" in node.prefix else (node,)
        case (
            cst.ConcatenatedString(left=left, right=right)
            | cst.BinaryOperation(left=left, operator=cst.Add(), right=right)
        ):
            before, after = _literals(left), _literals(right)
            return before + after if before and after else ()
    return ()


def are_literals(node: cst.CSTNode) -> bool:
    """Whether the expression is one literal, or joins only literals."""
    return bool(_literals(node))


def _part(source: PythonSource, node: cst.SimpleString, literal: PythonLiteral) -> Part:
    start, style = source.start(node), literal.style
    assert source.text.startswith(node.value, start), "the file has it there"
    body = start + len(style.prefix) + len(style.quote)
    end = body + sum(len(unit.written) for unit in literal.units) + len(style.quote)
    return Part(start, end, body, literal.units, literal.write)


def _code(node: cst.CSTNode) -> str:
    return " ".join(cst.Module([]).code_for_node(node).split())
