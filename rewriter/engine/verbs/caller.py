"""Replace ``caller()`` in a macro's body by the content of the call block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from jinja2 import nodes

from rewriter.engine.context import Context, atoms
from rewriter.engine.draft import (
    Body,
    Compound,
    Node,
    Section,
    Statement,
    dropped,
    statements,
    text_of,
)
from rewriter.engine.markers import SWALLOWS_BEFORE, SWALLOWS_BEHIND, guard, kept_break
from rewriter.engine.outline import Status, united

_CALLER = nodes.Name("caller", "load")


def is_call_block(node: Node, macro: Compound | None, context: Context) -> bool:
    """Whether a call block prints generated text together with other text."""
    if not isinstance(node, Compound) or macro is None:
        return False
    handed, body = node.sections[0].body, macro.sections[0].body
    is_assistants = any(atom.label.is_assistant for each in handed for atom in atoms(each))
    found = united(context.status(each) for each in (*handed, *body))
    return is_assistants and found is Status.MIXED and _is_plain(node, macro)


def called_by(node: Node) -> nodes.Call | None:
    """The call that a call block makes of a macro by its name."""
    block: Any = node.block.node if isinstance(node, Compound) and node.block else None
    if not isinstance(block, nodes.CallBlock) or node.keyword != "call":  # type: ignore[union-attr]
        return None
    return block.call if isinstance(block.call.node, nodes.Name) else None


def _is_plain(node: Compound, macro: Compound) -> bool:
    """Whether it is printed once, and reads nothing that the macro's body gives another value."""
    block: Any = node.block.node if node.block else None
    own: Any = macro.block.node if macro.block else None
    given = {name.name for name in own.find_all(nodes.Name) if name.ctx == "store"}
    given |= {name.name for name in own.args} - _passed_as_itself(block.call, own)
    if own.find(nodes.For):
        given.add("loop")
    handed = {name.name for each in block.body for name in each.find_all(nodes.Name)}
    asked = [call for call in own.find_all(nodes.Call) if call.node == _CALLER]
    printed = [each for each in statements(macro.sections[0].body) if _is_caller(each)]
    is_bare = len(asked) == len(printed) == 1 and not asked[0].args and not asked[0].kwargs
    return is_bare and not block.args and handed.isdisjoint(given)


def _passed_as_itself(call: nodes.Call, macro: nodes.Macro) -> set[str]:
    """The parameters that are given the value of a name that is called alike."""
    pairs = zip(macro.args, call.args, strict=False)
    return {name.name for name, value in pairs if value == nodes.Name(name.name, "load")}


def handed_over(body: Body, block: Compound, context: Context) -> Body:
    """The body, with each ``caller()`` replaced by the content of ``block``."""
    found: list[Node] = []
    for index, node in enumerate(body):
        if isinstance(node, Compound):
            sections = tuple(
                Section(each.tag, handed_over(each.body, block, context)) for each in node.sections
            )
            found.append(replace(node, sections=sections))
        elif _is_caller(node):
            found += scope(node, block, context, found, context.text(body[index + 1 :]))
        else:
            found.append(node)
    return tuple(found)


def _is_caller(statement: Statement) -> bool:
    call = statement.leaf.node if statement.leaf and statement.is_output else None
    return isinstance(call, nodes.Call) and call.node == _CALLER


def scope(
    statement: Statement, block: Compound, context: Context, before: Sequence[Node], after: str
) -> tuple[Node, ...]:
    """What is handed, in a scope of its own whose tags trim as those of both did."""
    output = text_of(statement.code, context.template.text)
    (section,) = block.sections
    first, last = context.text((section.tag,)), context.text((block.end,))
    opening = "{%-" if output.startswith(SWALLOWS_BEFORE) else guard(context.text(before)) + "{%"
    opening += " with -%}" if first.endswith(SWALLOWS_BEHIND) else " with %}"
    closing = "{%- endwith " if last.startswith(SWALLOWS_BEFORE) else "{% endwith "
    closing += "-%}" if output.endswith(SWALLOWS_BEHIND) else "%}" + kept_break(after)
    gone = replace(statement, code=dropped(statement.code, context.by), atoms=())
    scope = Section(context.added(opening), section.body)
    return gone, Compound((scope,), context.added(closing), opened_by="with")
