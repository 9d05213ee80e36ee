"""Cut a chain of operands between prompted and generated text."""

from __future__ import annotations

from collections.abc import Sequence

from rewriter.engine.context import Context
from rewriter.engine.draft import Added, Atom, Code, cut, dropped
from rewriter.engine.outline import Status
from rewriter.errors import Reason


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
    if left.quote and left.end == right.start:
        _check_token(left, context)
        one, other = cut(code, right.start)
        closing, opening = left.quote + closing, opening + left.quote
    else:
        end = left.end + len(left.quote)
        start = right.start - len(right.quote)
        if context.template.text[end:start].strip() not in ("+", "~"):
            context.refuse(
                Reason.MIXED,
                "this expression prints the header and the body and cannot be cut in two here",
                end,
                "take the parentheses out, or print the header in an output of its own",
            )
        one, rest = cut(code, end)
        between, other = cut(rest, start)
        one += dropped(between, context.by)
    return (*one, Added(closing, context.by)), (Added(opening, context.by), *other)


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
