"""Cut a chain of operands between prompted and generated text.

``'a' + b`` raises if ``b`` is missing, but ``{{ 'a' }}{{ b }}`` would not. So an operand that is
left alone stays joined to an empty string, unless it is always text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from jinja2 import nodes

from rewriter.engine.context import Context
from rewriter.engine.draft import Added, Atom, Code, Statement, cut, dropped
from rewriter.engine.outline import Status
from rewriter.engine.text_expressions import is_surely_text
from rewriter.errors import Reason
from rewriter.source.operands import joined_items, operands
from rewriter.source.walk import find_all


def segments(atoms: Sequence[Atom], context: Context) -> list[tuple[Atom, ...]]:
    """Neighbouring atoms of one zone, grouped; never printed atoms join the last group.

    What is of two zones itself stays alone.
    """
    groups: list[list[Atom]] = []
    silent = (Status.SILENT, False)
    last = silent
    for atom in atoms:
        zone = context.outline.zone(atom)
        is_alone = context.outline.is_joined(atom) or (
            groups and context.outline.is_joined(groups[-1][-1])
        )
        if groups and not is_alone and (zone in (last, silent) or last == silent):
            groups[-1].append(atom)
        else:
            groups.append([atom])
        last = last if zone == silent else zone
    return [tuple(group) for group in groups]


def cut_between(
    left: Atom, right: Atom, code: Code, context: Context, marks: tuple[str, str]
) -> tuple[Code, Code]:
    """``code`` cut between two atoms: the first half closed, the second opened."""
    closing, opening = marks
    around = _list_around(left, context)
    if around:
        closing, opening = around[1] + closing, opening + around[0]
    if left.quote and left.end == right.start:
        _check_token(left, context)
        one, other = cut(code, right.start)
        closing, opening = left.quote + closing, opening + left.quote
    else:
        end = left.end + len(left.quote)
        start = right.start - len(right.quote)
        between = context.template.text[end:start].strip()
        if between not in ("+", "~") and not (around and between == ","):
            context.refuse(
                Reason.MIXED,
                "this expression prints the header and the body and cannot be cut in two here",
                end,
                "take the parentheses out, or print the header in an output of its own",
            )
        one, rest = cut(code, end)
        gone, other = cut(rest, start)
        one += dropped(gone, context.by)
    return (*one, Added(closing, context.by)), (Added(opening, context.by), *other)


def _list_around(atom: Atom, context: Context) -> tuple[str, str] | None:
    """What stands before and after the items of the joined list that an atom is in, if it is."""
    template = context.template
    for join in find_all(template.tree, nodes.Filter):
        items = joined_items(join)
        span = template.outer(join)
        spans = [template.outer(item) for item in items]
        if span and any(each and each.start <= atom.start < each.end for each in spans):
            first, last = spans[0], spans[-1]
            if first and last:
                text = template.text
                return text[span.start : first.start], text[last.end : span.end]
    return None


def _check_token(left: Atom, context: Context) -> None:
    text = context.template.text
    open_at = text.rfind("<", left.start, left.end)
    if open_at >= 0 and ">" not in text[open_at : left.end] and text[left.end - 1] in "|｜":
        context.refuse(
            Reason.MIXED,
            "the boundary between prompt and answer falls within a special token",
            left.end,
            "the generation prompt should end where a token ends",
        )


def parts(
    statement: Statement, context: Context, arm: nodes.Expr | None = None
) -> Iterator[Statement]:
    """The outputs that one output is cut into; ``arm``, if it prints one arm of a choice."""
    groups = segments(statement.atoms, context)
    if len(groups) < 2 or statement.leaf is None:
        yield statement
        return
    root = arm or context.template.output_tags.get(statement.leaf.span.start)
    inner = statement.leaf.piece.inner
    pad = " " if context.template.text[inner.start : inner.start + 1].isspace() else ""
    lead: Code = ()
    opening = "{{"
    if arm is None and context.layout.own_line(statement):
        line = context.layout.line(context.layout.indentation(statement))
        lead, opening = (Added(line, context.by),), "{{-"
    rest = statement.code
    for index, (group, following) in enumerate(zip(groups, [*groups[1:], None], strict=True)):
        code: Code = rest
        if following is not None:
            code, rest = cut_between(
                group[-1], following[0], rest, context, (f"{pad}}}}}", opening + pad)
            )
        code = joined_to_text(code, group, context, root, after=index > 0)
        yield replace(statement, code=code, atoms=group, lead=lead if index else statement.lead)


def joined_to_text(
    code: Code,
    group: Sequence[Atom],
    context: Context,
    root: nodes.Expr | None,
    *,
    after: bool,
) -> Code:
    """``code`` with an empty string beside its only operand, where that might not be text.

    Also before the last operand of a ``~`` that a ``+`` follows.
    """
    if after and len(group) > 1 and _ends_row(group[0], context, root):
        before, rest = cut(code, group[0].start)
        return (*before, Added("'' ~ ", context.by), *rest)
    if len(group) != 1 or group[0].is_literal or not isinstance(code[0 if after else -1], Added):
        return code
    operand = operand_at(group[0], context, root)
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


def _ends_row(atom: Atom, context: Context, root: nodes.Expr | None) -> bool:
    """Whether an operand that may be no text ends a ``~``, and ``+`` goes on after it."""
    rows = operands(root)[:-1] if isinstance(root, nodes.Add) else ()
    lasts = [row.nodes[-1] for row in rows if isinstance(row, nodes.Concat)]
    found = (each for each in lasts if context.template.outer(each) == (atom.start, atom.end))
    return any(not is_surely_text(each, context.template) for each in found)


def operand_at(atom: Atom, context: Context, root: nodes.Expr | None) -> nodes.Expr | None:
    """The expression that an atom stands for, if it is joined by ``+``."""
    if not isinstance(root, nodes.Add):
        return None
    for node in operands(root):
        if context.template.outer(node) == (atom.start, atom.end):
            return node
    return None
