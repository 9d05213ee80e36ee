"""Cut an output where it passes from what is prompted to what is generated, and back.

``'a' + b`` raises where ``b`` is missing, and ``{{ 'a' }}{{ b }}`` would not: an operand that
is left alone stays joined to an empty string unless it cannot be anything but text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from jinja2 import nodes

from rewriter.engine.draft import (
    Added,
    Atom,
    Body,
    Code,
    Compound,
    Node,
    Statement,
    cut,
    dropped,
)
from rewriter.engine.outline import Status
from rewriter.engine.textual import is_surely_text
from rewriter.engine.transforms import Split
from rewriter.engine.verbs.definition import split_definitions
from rewriter.engine.workplace import Surroundings, Workplace, in_bodies, is_open


def split(_: Split, body: Body, place: Workplace) -> Body:
    """Each output that prints both, cut into outputs that print one."""

    def change(siblings: Body, _: Surroundings) -> Body:
        found: list[Node] = []
        for node in siblings:
            if isinstance(node, Compound) or not node.is_output:
                found.append(node)
            else:
                found += parts(node, place)
        return tuple(found)

    return in_bodies(split_definitions(body, place), change, is_open)


def segments(atoms: Sequence[Atom], place: Workplace) -> list[tuple[Atom, ...]]:
    """Neighbouring atoms of one status together; what was never printed goes with the last."""
    groups: list[list[Atom]] = []
    last = Status.SILENT
    for atom in atoms:
        status = place.outline.status(atom)
        if groups and (status in (last, Status.SILENT) or last is Status.SILENT):
            groups[-1].append(atom)
        else:
            groups.append([atom])
        last = last if status is Status.SILENT else status
    return [tuple(group) for group in groups]


def parts(statement: Statement, place: Workplace) -> Iterator[Statement]:
    """The outputs that one output is cut into."""
    groups = segments(statement.atoms, place)
    if len(groups) < 2 or statement.leaf is None:
        yield statement
        return
    start, inner = statement.leaf.span.start, statement.leaf.piece.inner
    pad = " " if place.template.text[inner.start : inner.start + 1].isspace() else ""
    lead: Code = ()
    opening = "{{"
    if place.layout.own_line(statement):
        line = place.layout.line(place.layout.indentation(statement))
        lead, opening = (Added(line, place.by),), "{{-"
    rest = statement.code
    for index, (group, following) in enumerate(zip(groups, [*groups[1:], None], strict=True)):
        code: Code = rest
        if following is not None:
            code, rest = seam(group[-1], following[0], rest, place, (f"{pad}}}}}", opening + pad))
        code = joined_to_text(code, group, place, start, after=index > 0)
        yield replace(statement, code=code, atoms=group, lead=lead if index else statement.lead)


def seam(
    left: Atom, right: Atom, code: Code, place: Workplace, marks: tuple[str, str]
) -> tuple[Code, Code]:
    """``code`` cut between two atoms: the first half closed, the second opened."""
    closing, opening = marks
    if left.quote and left.end == right.start:
        _check_token(left, place)
        one, other = cut(code, right.start)
        closing, opening = left.quote + closing, opening + left.quote
    else:
        end = left.end + len(left.quote)
        start = right.start - len(right.quote)
        if place.template.text[end:start].strip() not in ("+", "~"):
            place.refuse(
                "this expression prints the header and the body and cannot be cut in two here",
                end,
                "take the parentheses out, or print the header in an output of its own",
            )
        one, rest = cut(code, end)
        between, other = cut(rest, start)
        one += dropped(between, place.by)
    return (*one, Added(closing, place.by)), (Added(opening, place.by), *other)


def _check_token(left: Atom, place: Workplace) -> None:
    text = place.template.text
    open_at = text.rfind("<", left.start, left.end)
    if open_at >= 0 and ">" not in text[open_at : left.end] and text[left.end - 1] in "|｜":
        place.refuse(
            "the boundary between prompt and answer falls within a special token",
            left.end,
            "the generation prompt should end where a token ends",
        )


def joined_to_text(
    code: Code, group: Sequence[Atom], place: Workplace, start: int, *, after: bool
) -> Code:
    """``code`` with an empty string beside its only operand, where that might not be text."""
    if len(group) != 1 or group[0].is_literal or not isinstance(code[0 if after else -1], Added):
        return code
    operand = operand_at(group[0], place, start)
    if operand is None or is_surely_text(operand, place.template):
        return code
    before, rest = cut(code, group[0].start)
    if after:
        return (*before, Added("'' + ", place.by), *rest)
    inside, behind = cut(rest, group[0].end)
    return (*before, *inside, Added(" + ''", place.by), *behind)


def operand_at(atom: Atom, place: Workplace, start: int) -> nodes.Expr | None:
    """The expression that an atom stands for, if it is joined by ``+``."""
    root = place.template.output_tags.get(start)
    if not isinstance(root, nodes.Add):
        return None
    for node in root.find_all(nodes.Expr):
        if place.template.outer(node) == (atom.start, atom.end):
            return node
    return None
