"""Python read by LibCST without a loss: where in the file's own text each node stands."""

from __future__ import annotations

import ast
import re
import warnings
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeVar

import libcst as cst
from libcst.metadata import ByteSpanPositionProvider, CodeSpan, MetadataWrapper

from rewriter.errors import BadInput, Place

AnyNode = TypeVar("AnyNode", bound=cst.CSTNode)
_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")
# What is deeper cannot be walked through in Python, which allows a thousand calls.
_DEEPEST: Final = 1_000
# How Python begins what it says of nesting.
_TOO_NESTED: Final = ("too many nested", "too many levels of indentation")
_LOOSE: Final = frozenset(" \t\f\r\n\\\ufeff")


@dataclass(frozen=True, eq=False)
class PythonSource:
    """The text of a Python file, and LibCST's tree of it."""

    text: str
    module: cst.Module

    @classmethod
    def read(cls, text: str, name: str) -> PythonSource:
        """The source ``text``; a byte-order mark may stand before it.

        Raises:
            BadInput: it is no Python; says where.

        """
        _check_depth(text.removeprefix("\ufeff"), name)
        try:
            return cls(text, cst.parse_module(text.removeprefix("\ufeff")))
        except cst.ParserSyntaxError as error:
            raise _syntax_error(text, error).named(name) from error
        except RecursionError:
            raise BadInput("the Python is nested too deeply to be read", name=name) from None

    @property
    def newline(self) -> str:
        """How its lines end."""
        return "\r\n" if "\r\n" in self.text else "\n"

    def definition(self, called: str) -> cst.CSTNode | None:
        """The function, class or assignment of that name; ``Class.method`` is one in a class."""
        found: cst.CSTNode = self.module
        for name in called.split("."):
            within = _statements(found)
            inner = next((each for each in within if name in defined_by(each)), None)
            if inner is None:
                return None
            found = inner
        return found

    def docstring(self, function: cst.CSTNode) -> tuple[int, int] | None:
        """Where the function's docstring stands between its quotes, if it has one."""
        match function:
            case cst.FunctionDef(body=cst.IndentedBlock(body=[first, *_])):
                match first:
                    case cst.SimpleStatementLine(body=[cst.Expr(cst.SimpleString() as literal)]):
                        before, behind = len(literal.prefix + literal.quote), len(literal.quote)
                        return self.start(literal) + before, self.end(literal) - behind
        return None

    def start(self, node: cst.CSTNode) -> int:
        """Where the node's first character stands that is no white space."""
        return self._in_text[bisect_left(self._in_code, self._given(node).start)]

    def end(self, node: cst.CSTNode) -> int:
        """Where its last such character ends."""
        span = self._given(node)
        return self._in_text[bisect_left(self._in_code, span.start + span.length) - 1] + 1

    def code(self, node: cst.CSTNode) -> str:
        """The node as the file has it, comments before and behind it left out."""
        return self.text[self.start(node) : self.end(node)]

    def place(self, node: cst.CSTNode) -> Place:
        """Where it begins, for a person."""
        return Place.at(self.text, self.start(node))

    def _given(self, node: cst.CSTNode) -> CodeSpan:
        """The node's span in the characters of LibCST's code."""
        span = self._spans[node]
        assert isinstance(span, CodeSpan), "every node has one"
        start = len(self._content[: span.start].decode())
        return CodeSpan(start, len(self._content[span.start :][: span.length].decode()))

    # LibCST leaves form feeds and some continuations out, and may give other white space back.
    # So what is no white space is counted.

    @cached_property
    def _code(self) -> str:
        return self.module.code

    @cached_property
    def _content(self) -> bytes:
        return self._code.encode()

    @cached_property
    def _in_code(self) -> list[int]:
        return _firm(self._code)

    @cached_property
    def _in_text(self) -> list[int]:
        return _firm(self.text)

    @cached_property
    def _spans(self) -> Mapping[cst.CSTNode, object]:
        return MetadataWrapper(self.module, unsafe_skip_copy=True).resolve(ByteSpanPositionProvider)


def found_in(node: cst.CSTNode, kind: type[AnyNode]) -> Iterator[AnyNode]:
    """Every node of a kind in the tree below ``node``, itself among them."""
    if isinstance(node, kind):
        yield node
    for child in node.children:
        yield from found_in(child, kind)


def _statements(node: cst.CSTNode) -> Sequence[cst.BaseStatement | cst.BaseSmallStatement]:
    match node:
        case cst.Module(body=body) | cst.ClassDef(body=cst.IndentedBlock(body=body)):
            return body
    return ()


def defined_by(statement: cst.CSTNode) -> tuple[str, ...]:
    """The names that a statement defines."""
    match statement:
        case cst.FunctionDef(name=cst.Name(value=name)) | cst.ClassDef(name=cst.Name(value=name)):
            return (name,)
        case cst.SimpleStatementLine(body=[cst.Assign(targets=targets)]):
            named = (each.target for each in targets)
            return tuple(each.value for each in named if isinstance(each, cst.Name))
        case cst.SimpleStatementLine(body=[cst.AnnAssign(target=cst.Name(value=name))]):
            return (name,)
    return ()


def _check_depth(code: str, name: str) -> None:
    """Refuse what LibCST, of which the parser has no bound, would die of or take minutes for.

    Python's own parser has one, mostly. All else that it minds may be the
    syntax of a later Python.

    Raises:
        BadInput: it is nested deeper than Python itself reads.

    """
    too_deep = BadInput("the Python is nested too deeply to be read", name=name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the file's own escapes
            tree = ast.parse(code)
    except SyntaxError as error:
        if error.msg.startswith(_TOO_NESTED):
            raise too_deep from None
    except (RecursionError, MemoryError):
        raise too_deep from None
    except ValueError:
        pass  # null characters
    else:
        if _is_deeper(tree, _DEEPEST):
            raise too_deep


def _is_deeper(tree: ast.AST, most: int) -> bool:
    level: list[ast.AST] = [tree]
    for _ in range(most):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return False
    return True


def _syntax_error(text: str, error: cst.ParserSyntaxError) -> BadInput:
    """The error as Python has it, whose places are exact; as LibCST has it, if Python has none."""
    line, column = error.raw_line, error.raw_column
    message = error.message.split(": ", 1)[-1].splitlines()[0]
    try:
        ast.parse(text.removeprefix("\ufeff"))
    except SyntaxError as own:
        line, column = own.lineno or line, (own.offset or 1) - 1
        message = own.msg
    except (ValueError, RecursionError, MemoryError):
        pass  # of null characters, and of nesting that is too deep
    before = _LINE.findall(text)[: line - 1]
    return BadInput(f"not Python: {message}", place=Place.at(text, sum(map(len, before)) + column))


def _firm(text: str) -> list[int]:
    """The offsets of all that is no white space between a line's tokens, or a continuation."""
    return [offset for offset, character in enumerate(text) if character not in _LOOSE]
