"""The types of blocks, calls and messages that a template tests for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from jinja2 import nodes

from rewriter.source.walk import find_all, find_within
from rewriter.tracing.arms import reads
from rewriter.tracing.fields import given_types, holds_blocks, is_models, ordinary_types
from rewriter.tracing.made_from import bindings, key_of, made_from, names_in, origins, targets

_Within: TypeAlias = Literal["message", "block", "call"]
_OF_RESULTS: Final = frozenset({"content", "output", "outputs"})
_WRITTEN_WHOLE: Final = frozenset({"tojson", "string"})
_SPELLINGS: Final = frozenset({"lower", "trim"})
_PARTS: Final = frozenset({"startswith", "endswith"})
# Keys that only blocks of results have.
_OF_RESULTS_ALONE: Final = frozenset({"tool_use_id"})
_TOOL: Final = "tool"
# The roles of blocks that only the environment writes.
GIVING_ROLES: Final = frozenset({_TOOL, "function", "ipython", "environment", "observation"})
# The names of the assistant, as a role or an author of blocks.
_OWN_ROLES: Final = frozenset({"assistant", "model", "ai", "bot", "gpt"})
# The type for results that are recognised by another key.
_RESULT: Final = "tool_result"


class ResultKey(NamedTuple):
    """A key that marks a result, by its value or its presence."""

    key: str
    value: str | None
    within: _Within

    def tells(self, held: Mapping[Any, Any]) -> bool:
        """Whether it marks a message, call or block."""
        return self.key in held and self.value in (None, held[self.key])


@dataclass(frozen=True, slots=True)
class ForeignKinds:
    """The types and keys that mark text that no model writes."""

    types: frozenset[str] = frozenset()
    results: tuple[ResultKey, ...] = ()

    def of(self, held: Mapping[Any, Any]) -> str | None:
        """The type, if no model writes it; ``None`` if a model may."""
        kind = held.get("type")
        if isinstance(kind, str) and kind in self.types:
            return kind
        return _RESULT if any(each.tells(held) for each in self.results) else None


@dataclass(frozen=True, slots=True)
class TypesAsked:
    """The texts that a template compares with values of a key ``type``.

    For a test on a part of a type, the types of results that contain it; and every text of the
    template that is such a type, however it is compared. ``results`` are told by other keys.
    """

    found: tuple[tuple[str, _Within], ...] = ()
    results: tuple[ResultKey, ...] = ()

    def of(self, within: _Within) -> tuple[str, ...]:
        """The types of blocks, calls or messages."""
        return tuple(dict.fromkeys(text for text, of in self.found if of == within))

    def foreign(self, within: _Within) -> frozenset[str]:
        """Those that hold text that no model is known to write."""
        return frozenset(self.of(within)) - ordinary_types()

    def foreign_kinds(self, within: _Within) -> ForeignKinds:
        """The types and keys that mark blocks, calls or messages that no model writes."""
        results = tuple(each for each in self.results if each.within == within)
        return ForeignKinds(self.foreign(within), results)


def types_asked(tree: nodes.Template) -> TypesAsked:
    """The types that a template asks for."""
    items = dict(items_of(tree))
    results = tuple(dict.fromkeys(_results(tree, items)))
    told_otherwise = {each.value for each in results}
    return TypesAsked(tuple(_asked(tree, items, told_otherwise)), results)


def _asked(
    tree: nodes.Template, items: Mapping[str, _Within], told_otherwise: Set[str | None]
) -> Iterator[tuple[str, _Within]]:
    own = {each.name for each in find_all(tree, nodes.Name) if each.ctx != "load"}
    for compared in find_all(tree, nodes.Compare):
        yield from _compared(compared, items, {"messages", *own})
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
        text = written.value
        is_type = isinstance(text, str) and text.lower() in given_types()
        if is_type and text not in told_otherwise:
            yield text.lower(), "block"


def _compared(
    compared: nodes.Compare, items: Mapping[str, _Within], own: Set[str]
) -> Iterator[tuple[str, _Within]]:
    """The types that a test asks for; a variable from outside, with none of ``own``, has none."""
    sides = [_spelled(side) for side in (compared.expr, *(each.expr for each in compared.ops))]
    typed = [each for side in sides for each in find_within(side, nodes.Expr) if _is_type(each)]
    if not typed or names_in(typed[0]).isdisjoint(own):
        return
    within = _within(typed[0], items)
    is_in = any(operand.op in ("in", "notin") for operand in compared.ops)
    is_part = is_in and typed[0] is not sides[0]
    is_changed = typed[0] not in sides
    for text in (text for side in sides if not _holds(side, typed) for text in _texts(side)):
        kind = text.lower() if is_changed else text
        # What a type is cut or split to is no more than a part of it.
        is_cut = is_changed and kind not in given_types()
        yield from _having(kind, within) if is_part or is_cut else [(kind, within)]


def _is_type(node: nodes.Node) -> bool:
    return key_of(node) == "type"


def _holds(side: nodes.Expr, typed: Sequence[nodes.Expr]) -> bool:
    return any(each in typed for each in find_within(side, nodes.Expr))


def _spelled(side: nodes.Expr) -> nodes.Expr:
    """What a side of a test spells in lower case, or without space around it."""
    if isinstance(side, nodes.Filter) and side.name in _SPELLINGS and side.node is not None:
        return _spelled(side.node)
    return side


def _results(tree: nodes.Template, items: Mapping[str, _Within]) -> Iterator[ResultKey]:
    """The keys, other than the type, by which a template recognises results."""
    names = made_from(tree)
    own = {each.name for each in find_all(tree, nodes.NSRef)} | {"loop"}
    for compared in find_all(tree, nodes.Compare):
        sides = [compared.expr, *(operand.expr for operand in compared.ops)]
        texts = [text for side in sides for text in _texts(side)]
        for side in sides:
            key = key_of(side)
            base = getattr(side, "node", None)
            is_own = isinstance(base, nodes.Name) and base.name in own
            if key is None or key == "type" or is_models(key) or is_own:
                continue
            if "messages" not in origins(side, names):
                continue
            # A value with a role is a message, unless it is a loop variable for blocks.
            within = _within(side, items, "message" if key == "role" else "block")
            giving = given_types() | (GIVING_ROLES if within == "block" else frozenset())
            if (key, within) == ("role", "message"):
                continue
            yield from (ResultKey(key, text, within) for text in texts if text in giving)
            is_other = any(operand.op in ("ne", "notin") for operand in compared.ops)
            if within == "block" and is_other and not _OWN_ROLES.isdisjoint(texts):
                yield ResultKey(key, _TOOL, within)
        if isinstance(compared.expr, nodes.Const) and compared.expr.value in _OF_RESULTS_ALONE:
            yield ResultKey(compared.expr.value, None, "block")
    asked: list[nodes.Node] = [each.node for each in find_all(tree, nodes.Test)]
    asked += [each.test for each in find_all(tree, nodes.If)]
    for key in map(key_of, asked):
        if key in _OF_RESULTS_ALONE:
            yield ResultKey(key, None, "block")


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


def _within(
    typed: nodes.Node, items: Mapping[str, _Within], otherwise: _Within = "block"
) -> _Within:
    """What a type is read from; ``otherwise`` if no loop shows it."""
    of = typed.node if isinstance(typed, (nodes.Getattr, nodes.Getitem, nodes.Call)) else typed
    of = of.node if isinstance(typed, nodes.Call) and isinstance(of, nodes.Getattr) else of
    return items.get(of.name, otherwise) if isinstance(of, nodes.Name) else otherwise


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
    """The types of results that contain a text, which may be a type by itself."""
    given = sorted(each for each in given_types() if part in each)
    if part not in given and not any(part in each for each in ordinary_types()):
        yield part, within
    yield from ((each, within) for each in given)
