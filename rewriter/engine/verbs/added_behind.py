"""What a template adds behind a value that is cut where it is built: calls, or the turn's end.

``{% set text = text + end %}`` makes the value's last part longer. What must not stand in the mask
with that part becomes a part of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from jinja2 import nodes

from rewriter.engine.context import Context
from rewriter.engine.draft import Atom, Statement, replaced
from rewriter.engine.outline import Status
from rewriter.engine.row_cuts import cut_between, segments
from rewriter.source.lexer import Span
from rewriter.source.operands import operands


@dataclass(frozen=True, slots=True)
class Addition:
    """A definition that adds text behind the value; ``groups[0]`` belongs to the part ``first``."""

    statement: Statement
    groups: tuple[tuple[Atom, ...], ...]
    first: int
    target: Span
    read: Span
    operator: str

    @property
    def end(self) -> int:
        """The number after that of the last part to which it adds."""
        return self.first + len(self.groups)


def adds_behind(definition: Statement, name: str) -> bool:
    """Whether a definition sets ``name`` to what it held, with something behind."""
    node = definition.leaf.node if definition.leaf else None
    if not isinstance(node, nodes.Assign):
        return False
    value: Any = node.node
    first, *others = operands(value)
    reads = [each for each in value.find_all(nodes.Name) if each.name == name]
    return bool(others) and len(reads) == 1 and reads[0] is first


def additions(
    definitions: Iterable[Statement], row: Sequence[tuple[Atom, ...]], context: Context
) -> tuple[Addition, ...] | None:
    """What the definitions that `adds_behind` add to ``row``, which is the value in its parts.

    ``None`` if one adds to a part behind which there is text already.
    """
    found: list[Addition] = []
    last, status = len(row) - 1, context.outline.status(row[-1][0])
    for each in definitions:
        addition = _addition(each, last, status, context)
        if addition is None or addition.first < last:
            return None
        found.append(addition)
        last, status = addition.end - 1, context.outline.status(addition.groups[-1][0])
    return tuple(found)


def _addition(
    definition: Statement, last: int, status: Status, context: Context
) -> Addition | None:
    node = definition.leaf.node if definition.leaf else None
    value: Any = node.node if isinstance(node, nodes.Assign) else None
    target = context.template.outer(node.target) if isinstance(node, nodes.Assign) else None
    read = context.template.outer(operands(value)[0])
    if not target or not read:
        return None
    groups = tuple(segments([a for a in definition.atoms if a.start >= read.end], context))
    if not groups:
        return None
    # What is printed in no turn of the assistant's may stand anywhere.
    own = (a for a in groups[0] if a.label.is_assistant)
    goes_on = all(context.outline.status(atom) in (status, Status.SILENT) for atom in own)
    operator = " ~ " if isinstance(value, nodes.Concat) else " + "
    return Addition(definition, groups, last if goes_on else last + 1, target, read, operator)


def cut_addition(
    addition: Addition, names: Sequence[str], context: Context
) -> tuple[Statement, ...]:
    """An addition to each part, of those with ``names``."""
    found: list[Statement] = []
    own = names[addition.first : addition.end]
    rest = addition.statement.code
    for span in (addition.target, addition.read):
        rest = replaced(rest, *span, own[0], context.by)
    for group, following, name in zip(
        addition.groups, [*addition.groups[1:], None], [*own[1:], ""], strict=True
    ):
        code = rest
        if following is not None:
            marks = (" %}", f"{{% set {name} = {name}{addition.operator}")
            code, rest = cut_between(group[-1], following[0], rest, context, marks)
        found.append(replace(addition.statement, code=code, atoms=group))
    return tuple(found)
