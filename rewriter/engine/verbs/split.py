"""Cut an output between prompted and generated text.

``'a' + b`` raises if ``b`` is missing, but ``{{ 'a' }}{{ b }}`` would not. So an operand that is
left alone stays joined to an empty string, unless it is always text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from jinja2 import nodes

from rewriter.engine.context import Context, Surroundings, in_bodies, is_open
from rewriter.engine.draft import (
    Added,
    Atom,
    Body,
    Code,
    Compound,
    Node,
    Statement,
    cut,
)
from rewriter.engine.row_cuts import cut_between, segments
from rewriter.engine.text_expressions import is_surely_text
from rewriter.engine.transforms import Split
from rewriter.engine.verbs.choose import chosen
from rewriter.engine.verbs.definition import split_definitions
from rewriter.engine.verbs.opening import split_openings
from rewriter.engine.verbs.preface import split_prefaces
from rewriter.engine.verbs.slice import cut_texts
from rewriter.source.operands import operands


def split(_: Split, body: Body, context: Context) -> Body:
    """Cut each output that prints both into outputs that print one."""

    def change(siblings: Body, _: Surroundings) -> Body:
        found: list[Node] = []
        for node in siblings:
            if isinstance(node, Compound) or not node.is_output:
                found.append(node)
            else:
                found += (chosen(part, context) for part in parts(node, context))
        return tuple(found)

    body = split_prefaces(split_definitions(body, context), context)
    body = cut_texts(body, context, lambda statement: list(parts(statement, context)))
    return split_openings(in_bodies(body, change, is_open), context)


def parts(statement: Statement, context: Context) -> Iterator[Statement]:
    """The outputs that one output is cut into."""
    groups = segments(statement.atoms, context)
    if len(groups) < 2 or statement.leaf is None:
        yield statement
        return
    start, inner = statement.leaf.span.start, statement.leaf.piece.inner
    pad = " " if context.template.text[inner.start : inner.start + 1].isspace() else ""
    lead: Code = ()
    opening = "{{"
    if context.layout.own_line(statement):
        line = context.layout.line(context.layout.indentation(statement))
        lead, opening = (Added(line, context.by),), "{{-"
    rest = statement.code
    for index, (group, following) in enumerate(zip(groups, [*groups[1:], None], strict=True)):
        code: Code = rest
        if following is not None:
            code, rest = cut_between(
                group[-1], following[0], rest, context, (f"{pad}}}}}", opening + pad)
            )
        code = joined_to_text(code, group, context, start, after=index > 0)
        yield replace(statement, code=code, atoms=group, lead=lead if index else statement.lead)


def joined_to_text(
    code: Code, group: Sequence[Atom], context: Context, start: int, *, after: bool
) -> Code:
    """``code`` with an empty string beside its only operand, where that might not be text.

    Also before the last operand of a ``~`` that a ``+`` follows.
    """
    if after and len(group) > 1 and _ends_row(group[0], context, start):
        before, rest = cut(code, group[0].start)
        return (*before, Added("'' ~ ", context.by), *rest)
    if len(group) != 1 or group[0].is_literal or not isinstance(code[0 if after else -1], Added):
        return code
    operand = operand_at(group[0], context, start)
    if operand is None or is_surely_text(operand, context.template):
        return code
    before, rest = cut(code, group[0].start)
    if after:
        return (*before, Added("'' + ", context.by), *rest)
    inside, behind = cut(rest, group[0].end)
    # In code that is copied from a macro, the tag's new end follows the operand at once.
    operand_code = tuple(each for each in inside if not isinstance(each, Added))
    closing = tuple(each for each in inside if isinstance(each, Added))
    return (*before, *operand_code, Added(" + ''", context.by), *closing, *behind)


def _ends_row(atom: Atom, context: Context, start: int) -> bool:
    """Whether an operand that may be no text ends a ``~``, and ``+`` goes on after it."""
    root = context.template.output_tags.get(start)
    rows = operands(root)[:-1] if isinstance(root, nodes.Add) else ()
    lasts = [row.nodes[-1] for row in rows if isinstance(row, nodes.Concat)]
    found = (each for each in lasts if context.template.outer(each) == (atom.start, atom.end))
    return any(not is_surely_text(each, context.template) for each in found)


def operand_at(atom: Atom, context: Context, start: int) -> nodes.Expr | None:
    """The expression that an atom stands for, if it is joined by ``+``."""
    root = context.template.output_tags.get(start)
    if not isinstance(root, nodes.Add):
        return None
    for node in operands(root):
        if context.template.outer(node) == (atom.start, atom.end):
            return node
    return None
