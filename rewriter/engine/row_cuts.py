"""Cut a chain of operands between prompted and generated text."""

from __future__ import annotations

from collections.abc import Sequence

from jinja2 import nodes

from rewriter.engine.context import Context
from rewriter.engine.draft import Added, Atom, Code, cut, dropped
from rewriter.engine.outline import Status
from rewriter.errors import Reason
from rewriter.source.operands import joined_items
from rewriter.source.walk import find_all


def segments(atoms: Sequence[Atom], context: Context) -> list[tuple[Atom, ...]]:
    """Neighbouring atoms of one zone, grouped; never printed atoms join the last group."""
    groups: list[list[Atom]] = []
    silent = (Status.SILENT, False)
    last = silent
    for atom in atoms:
        zone = context.outline.zone(atom)
        if groups and (zone in (last, silent) or last == silent):
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
