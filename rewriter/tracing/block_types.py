"""The types of blocks, calls and messages that a template tests for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from jinja2 import nodes

from rewriter.source.walk import find_all
from rewriter.tracing.arms import reads
from rewriter.tracing.fields import given_types, holds_blocks, ordinary_types
from rewriter.tracing.made_from import bindings, key_of, names_in, targets

_Within: TypeAlias = Literal["message", "block", "call"]
_OF_RESULTS: Final = frozenset({"content", "output", "outputs"})
_WRITTEN_WHOLE: Final = frozenset({"tojson", "string"})
_PARTS: Final = frozenset({"startswith", "endswith"})


@dataclass(frozen=True, slots=True)
class TypesAsked:
    """The texts that a template compares with values of a key ``type``.

    For a test on a part of a type, the types of results that contain it; and every text of the
    template that is such a type, however it is compared.
    """

    found: tuple[tuple[str, _Within], ...]

    def of(self, within: _Within) -> tuple[str, ...]:
        """The types of blocks, calls or messages."""
        return tuple(dict.fromkeys(text for text, of in self.found if of == within))

    def foreign(self, within: _Within) -> frozenset[str]:
        """Those that hold text that no model is known to write."""
        return frozenset(self.of(within)) - ordinary_types()


def types_asked(tree: nodes.Template) -> TypesAsked:
    """The types that a template asks for."""
    return TypesAsked(tuple(_asked(tree)))


def _asked(tree: nodes.Template) -> Iterator[tuple[str, _Within]]:
    items = dict(items_of(tree))
    for compared in find_all(tree, nodes.Compare):
        yield from _compared(compared, items)
    for called in find_all(tree, nodes.Call):
        match called.node:
            case nodes.Getattr(node=typed, attr=method) if method in _PARTS:
                if key_of(typed) == "type":
                    for text in (text for each in called.args for text in _texts(each)):
                        yield from _having(text, _within(typed, items))
    firsts = _of_first_message(tree)
    said = {name: within for name, within in items.items() if name not in firsts}
    if any(_reads_result(each, said) for each in find_all(tree, nodes.Expr)):
        yield "tool_result", "block"
    for written in find_all(tree, nodes.Const):
        if isinstance(written.value, str) and written.value.lower() in given_types():
            yield written.value.lower(), "block"


def _compared(
    compared: nodes.Compare, items: Mapping[str, _Within]
) -> Iterator[tuple[str, _Within]]:
    sides = [compared.expr, *(operand.expr for operand in compared.ops)]
    typed = [side for side in sides if key_of(side) == "type"]
    if not typed:
        return
    within = _within(typed[0], items)
    is_in = any(operand.op in ("in", "notin") for operand in compared.ops)
    is_part = is_in and typed[0] is not compared.expr
    for text in (text for side in sides if side not in typed for text in _texts(side)):
        yield from _having(text, within) if is_part else [(text, within)]


def items_of(tree: nodes.Template) -> Iterator[tuple[str, _Within]]:
    """What the loop variables are: messages, calls, or blocks of content."""
    passed_on = dict(_passed_on(tree))
    for loop in find_all(tree, nodes.For):
        read = reads(loop.iter) | {passed_on.get(name, "") for name in names_in(loop.iter)}
        within: _Within | None = "message" if "messages" in names_in(loop.iter) else None
        within = "block" if any(map(holds_blocks, read)) else within
        within = "call" if "tool_calls" in read else within
        for name in targets(loop.target) if within else ():
            yield name, within or "block"


def _of_first_message(tree: nodes.Template) -> frozenset[str]:
    """The loop variables for blocks of only the first message, which is not an answer."""
    walked = [(set(targets(loop.target)), loop.iter) for loop in find_all(tree, nodes.For)]
    firsts = {name for names, value in walked if _is_of_first(value) for name in names}
    others = {name for names, value in walked if not _is_of_first(value) for name in names}
    return frozenset(firsts - others)


def _is_of_first(value: nodes.Node) -> bool:
    match value:
        case nodes.Getattr(node=inner) | nodes.Getitem(node=inner, arg=nodes.Const(value=str())):
            return _is_of_first(inner)
        case nodes.Getitem(node=nodes.Name(name="messages"), arg=nodes.Const(value=0)):
            return True
    return False


def _passed_on(tree: nodes.Template) -> Iterator[tuple[str, str]]:
    """The names, including macros' parameters, that a key of a message is assigned to."""
    for target, value in bindings(tree):
        if isinstance(target, nodes.Name):
            for each in value.args if isinstance(value, nodes.Call) else [value]:
                key = key_of(each)
                if key and holds_blocks(key):
                    yield target.name, key


def _within(typed: nodes.Node, items: Mapping[str, _Within]) -> _Within:
    """What a type is read from."""
    of = typed.node if isinstance(typed, (nodes.Getattr, nodes.Getitem, nodes.Call)) else typed
    of = of.node if isinstance(typed, nodes.Call) and isinstance(of, nodes.Getattr) else of
    return items.get(of.name, "block") if isinstance(of, nodes.Name) else "block"


def _reads_result(node: nodes.Expr, items: Mapping[str, _Within]) -> bool:
    """Whether a result's key, or the whole block, is read whatever the block's type."""
    match node:
        case nodes.Filter(node=nodes.Name(name=name), name=written) if written in _WRITTEN_WHOLE:
            return items.get(name) == "block"
        case nodes.Getattr(node=nodes.Name(name=name)) | nodes.Getitem(node=nodes.Name(name=name)):
            return items.get(name) == "block" and key_of(node) in _OF_RESULTS
        case nodes.Call(node=nodes.Getattr(node=nodes.Name(name=name), attr="get")):
            return items.get(name) == "block" and key_of(node) in _OF_RESULTS
    return False


def _texts(node: nodes.Node) -> Iterator[str]:
    """The constant texts in an expression or a list."""
    for each in node.items if isinstance(node, (nodes.List, nodes.Tuple)) else [node]:
        if isinstance(each, nodes.Const) and isinstance(each.value, str):
            yield each.value


def _having(part: str, within: _Within) -> Iterator[tuple[str, _Within]]:
    yield from ((each, within) for each in sorted(given_types()) if part in each)
