"""Replace a macro call by the macro's body, if it prints header and body together.

A block must not be in a macro, where its span would be counted from the macro's own first
character. So the body is copied into a ``with`` of the arguments, where it can be split for the
assistant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from jinja2 import nodes

from rewriter.engine.context import Context, Surroundings, in_bodies, is_open, label_of
from rewriter.engine.draft import (
    Body,
    Compound,
    Node,
    Section,
    Statement,
    copied,
    dropped,
    mapped,
)
from rewriter.engine.markers import SWALLOWS_BEFORE, SWALLOWS_BEHIND, guard, kept_break
from rewriter.engine.outline import Status
from rewriter.engine.transforms import Inline
from rewriter.engine.verbs.caller import called_by, handed_over, is_call_block
from rewriter.turns.label import Label

_DEEPEST = 4


def inline(_: Inline, body: Body, context: Context) -> Body:
    """Each output that is a call of a macro and prints both, with the macro's body in its place."""
    macros = _ending({node.block.node.name: node for node in _macros(body)})  # type: ignore[union-attr]

    def change(siblings: Body, around: Surroundings) -> Body:
        found: list[Node] = []
        for index, node in enumerate(siblings):
            call = _call(node, macros, context)
            if call is None:
                found.append(node)
                continue
            ending = (around.following,) if around.following else ()
            after = context.text((*siblings[index + 1 :], *ending))
            found += _unfolded(node, call, macros[call.node.name], context, (tuple(found), after))
        return tuple(found)

    for _depth in range(_DEEPEST if macros else 0):
        body = in_bodies(body, change, is_open)
    return body


def _ending(macros: Mapping[str, Compound]) -> Mapping[str, Compound]:
    """Those that never come to call themselves: the body of another would have no end."""
    calls = {
        name: {
            call.node.name
            for call in macro.block.node.find_all(nodes.Call)
            if isinstance(call.node, nodes.Name)
        }
        for name, macro in macros.items()
        if macro.block and macro.block.node
    }

    def reached(name: str) -> set[str]:
        found: set[str] = set()
        new = calls.get(name, set())
        while new:
            found |= new
            new = {each for one in new for each in calls.get(one, ())} - found
        return found

    return {name: macro for name, macro in macros.items() if name not in reached(name)}


def _macros(body: Body) -> Iterator[Compound]:
    for node in body:
        if isinstance(node, Compound):
            if node.keyword == "macro":
                yield node
            else:
                for section in node.sections:
                    yield from _macros(section.body)


def _call(node: Node, macros: Mapping[str, Compound], context: Context) -> Any:
    """The call, if the node prints what a macro does, and not all of that is generated."""
    if call := called_by(node):
        name: Any = call.node
        return call if is_call_block(node, macros.get(name.name), context) else None
    if not isinstance(node, Statement) or not node.is_output or node.leaf is None:
        return None
    called = node.leaf.node
    if not isinstance(called, nodes.Call) or not isinstance(called.node, nodes.Name):
        return None
    trails = bool(label_of((node,)) & Label.TRAILING) and context.status(node) is Status.INSIDE
    mixed = context.status(node) is Status.MIXED or trails
    return called if mixed and called.node.name in macros else None


def _unfolded(
    node: Node, call: nodes.Call, macro: Compound, context: Context, beside: tuple[Body, str]
) -> tuple[Node, ...]:
    """The macro's body between tags that trim as the output, or the call block, did."""
    given = _given(call, macro, context)
    if given is None:
        return (node,)
    before, after = beside
    code = context.text((node,))
    inner = _edged(_copied(macro.sections[0].body, context))
    if isinstance(node, Compound):
        inner = handed_over(inner, node, context)
    printed = context.text(inner)
    trims, trims_after = code.startswith(SWALLOWS_BEFORE), code.endswith(SWALLOWS_BEHIND)
    opening = "{%-" if trims else guard(context.text(before)) + "{%"
    opening += f" with{given} %}}" + kept_break(printed)
    closing = guard(printed) + "{% endwith "
    closing += "-%}" if trims_after else "%}" + kept_break(after)
    block = Compound(
        (Section(context.added(opening), inner),), context.added(closing), opened_by="with"
    )
    if isinstance(node, Compound):
        return _without(node.sections[0].tag, context), block, _without(node.end, context)
    return _without(node, context), block


def _without(tag: Statement, context: Context) -> Statement:
    """A tag in whose place the macro's body stands."""
    return replace(tag, code=dropped(tag.code, context.by), atoms=())


def _given(call: nodes.Call, macro: Compound, context: Context) -> str | None:
    """The arguments as a ``with`` assigns them, or ``None`` where they are not all plain."""
    node: Any = macro.block.node if macro.block else None
    names = [parameter.name for parameter in node.args]
    if call.dyn_args is not None or call.dyn_kwargs is not None or len(call.args) > len(names):
        return None
    found = dict(zip(names[len(names) - len(node.defaults) :], node.defaults, strict=True))
    found |= dict(zip(names, call.args, strict=False))
    found |= {each.key: each.value for each in call.kwargs}
    if set(found) != set(names):
        return None
    written = (f"{name}={_written(found[name], context)}" for name in names)
    return "".join(f" {each}" if not number else f", {each}" for number, each in enumerate(written))


def _written(value: nodes.Expr, context: Context) -> str:
    outer = context.template.outer(value)
    assert outer is not None, "an argument is written somewhere"
    return outer.of(context.template.text)


def _copied(body: Body, context: Context) -> Body:
    return mapped(body, lambda each: replace(each, code=copied(each.code, context.by)))


def _edged(body: Body) -> Body:
    """The body without the white space that the macro's own tags swallow."""
    start, end = 0, len(body)
    while start < end and _is_blank(body[start]):
        start += 1
    while end > start and _is_blank(body[end - 1]):
        end -= 1
    return body[start:end]


def _is_blank(node: Node) -> bool:
    return isinstance(node, Statement) and node.is_blank
