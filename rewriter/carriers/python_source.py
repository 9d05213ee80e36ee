"""Python as LibCST reads it, with each node's place in the file's own text."""

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
# A deeper tree cannot be walked in Python, which allows a thousand nested calls.
_DEEPEST: Final = 1_000
# How Python's errors about nesting begin.
_TOO_NESTED: Final = ("too many nested", "too many levels of indentation")
_LOOSE: Final = frozenset(" \t\f\r\n\\\ufeff")


@dataclass(frozen=True, eq=False)
class PythonSource:
    """The text of a Python file, with LibCST's tree."""

    text: str
    module: cst.Module

    @classmethod
    def read(cls, text: str, name: str) -> PythonSource:
        """Parse ``text``, which may begin with a byte-order mark.

        Raises:
            BadInput: it is not Python; the error says where.

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
        """The file's line ending."""
        return "\r\n" if "\r\n" in self.text else "\n"

    def definition(self, called: str) -> cst.CSTNode | None:
        """The function, class or assignment of that name, which may be ``Class.method``."""
        found: cst.CSTNode = self.module
        for name in called.split("."):
            within = _statements(found)
            inner = next((each for each in within if name in defined_by(each)), None)
            if inner is None:
                return None
            found = inner
        return found

    def docstring(self, function: cst.CSTNode) -> tuple[int, int] | None:
        """The span of the function's docstring, without its quotes, if it has one."""
        match function:
            case cst.FunctionDef(body=cst.IndentedBlock(body=[first, *_])):
                match first:
                    case cst.SimpleStatementLine(body=[cst.Expr(cst.SimpleString() as literal)]):
                        before, after = len(literal.prefix + literal.quote), len(literal.quote)
                        return self.start(literal) + before, self.end(literal) - after
        return None

    def start(self, node: cst.CSTNode) -> int:
        """The offset of the node's first character that is not white space."""
        return self._in_text[bisect_left(self._in_code, self._given(node).start)]

    def end(self, node: cst.CSTNode) -> int:
        """The offset after its last such character."""
        span = self._given(node)
        return self._in_text[bisect_left(self._in_code, span.start + span.length) - 1] + 1

    def code(self, node: cst.CSTNode) -> str:
        """The node's text in the file, without the comments before and after it."""
        return self.text[self.start(node) : self.end(node)]

    def place(self, node: cst.CSTNode) -> Place:
        """Where the node begins, for messages."""
        return Place.at(self.text, self.start(node))

    def _given(self, node: cst.CSTNode) -> CodeSpan:
        """The node's span in the code that LibCST gives back."""
        span = self._spans[node]
        assert isinstance(span, CodeSpan), "LibCST gives every node a position"
        start = len(self._content[: span.start].decode())
        return CodeSpan(start, len(self._content[span.start :][: span.length].decode()))

    # LibCST drops form feeds and some continuations, and may give back other white space. So count
    # the characters that are not white space.

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
    """Every node of a kind in the tree below ``node``, including ``node``."""
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
    """Refuse code so deep that LibCST, whose parser has no limit, would crash or take minutes.

    Python's own parser mostly has a limit. Its other errors are ignored, since the file may be for
    a later Python.

    Raises:
        BadInput: it is nested deeper than Python itself reads.

    """
    too_deep = BadInput("the Python is nested too deeply to be read", name=name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about escapes in the file
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
    """Python's own error, whose place is exact; LibCST's, if Python finds no error."""
    line, column = error.raw_line, error.raw_column
    message = error.message.split(": ", 1)[-1].splitlines()[0]
    try:
        ast.parse(text.removeprefix("\ufeff"))
    except SyntaxError as own:
        line, column = own.lineno or line, (own.offset or 1) - 1
        message = own.msg
    except (ValueError, RecursionError, MemoryError):
        pass  # for null characters, and for too deep nesting
    before = _LINE.findall(text)[: line - 1]
    return BadInput(f"not Python: {message}", place=Place.at(text, sum(map(len, before)) + column))


def _firm(text: str) -> list[int]:
    """The offsets of all characters that are not white space between tokens, or a continuation."""
    return [offset for offset, character in enumerate(text) if character not in _LOOSE]
