"""Cut an output of a format where its text passes from what is generated to what is not.

``{{ '%s: %s' | format(a, b) }}`` becomes ``{{ a ~ ': ' }}{{ b }}``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from jinja2 import nodes

from rewriter.engine.context import Context, Surroundings, in_bodies, is_open
from rewriter.engine.draft import (
    Added,
    Atom,
    Body,
    Code,
    Copied,
    Node,
    Statement,
    dropped,
    text_of,
)
from rewriter.engine.markers import SWALLOWS_BEFORE, SWALLOWS_BEHIND
from rewriter.engine.row_cuts import segments
from rewriter.engine.verbs.choose import taken_apart
from rewriter.source.lexer import Span
from rewriter.source.literals import value_offsets
from rewriter.source.operands import Formatted, formatted

# Expressions that bind at least as tightly as a name in a chain of operands.
_TIGHT: Final = (nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem, nodes.Call, nodes.Filter)


def split_formats(body: Body, context: Context) -> Body:
    """Each output of a format that prints both, cut into outputs that print one."""

    def change(siblings: Body, _: Surroundings) -> Body:
        found: list[Node] = []
        for node in siblings:
            root: Any = node.leaf.node if isinstance(node, Statement) and node.leaf else None
            made = formatted(root) if isinstance(root, nodes.Expr) else None
            is_mixed = isinstance(node, Statement) and any(
                map(context.outline.is_joined, node.atoms)
            )
            if isinstance(node, Statement) and made and is_mixed:
                found += _cut(node, made, context)
            else:
                found.append(node)
        return tuple(found)

    return in_bodies(body, change, is_open)


def _cut(statement: Statement, made: Formatted, context: Context) -> Iterator[Node]:
    values = {context.template.outer(value): value for value in made.values}
    groups = segments(tuple(_atoms(made, context)), context)
    if len(groups) < 2:
        yield statement
        return
    written = text_of(statement.code, context.template.text)
    for number, group in enumerate(groups):
        is_last = number == len(groups) - 1
        opening = "{{-" if not number and written.startswith(SWALLOWS_BEFORE) else "{{"
        closing = "-}}" if is_last and written.endswith(SWALLOWS_BEHIND) else "}}"
        joiners = (f"{opening} ", *[" ~ "] * (len(group) - 1))
        code: Code = () if number else dropped(statement.code, context.by)
        for joiner, atom in zip(joiners, group, strict=True):
            value = values.get(Span(atom.start, atom.end))
            before, after = _around(atom, value if len(group) > 1 else None)
            own = Copied(atom.start, atom.end, context.by)
            code = (*code, Added(joiner + before, context.by), own, Added(after, context.by))
        code = (*code, Added(f" {closing}", context.by))
        lead: Code = () if number else statement.lead
        output = replace(statement, code=code, atoms=group, lead=lead)
        alone = values.get(Span(group[0].start, group[0].end)) if len(group) == 1 else None
        yield from taken_apart(output, context, alone) if alone else (output,)


def _around(atom: Atom, joined: nodes.Expr | None) -> tuple[str, str]:
    """The quotes of a text, or the parentheses of a value that is joined to others."""
    if atom.is_literal:
        return atom.quote, atom.quote
    return ("(", ")") if joined is not None and not isinstance(joined, _TIGHT) else ("", "")


def _atoms(made: Formatted, context: Context) -> Iterator[Atom]:
    """What a format prints, in the order that it does; nothing if its text is not one literal."""
    outline, template = context.outline, context.template
    text: str = made.text.value
    span = template.span(made.text)
    offsets = value_offsets(template.text, *span, text) if span else None
    if offsets is None:
        return
    start = 0
    for value in made.values:
        end = text.index(made.mark, start)
        quote = template.text[offsets[-1]]
        yield from outline.characters(offsets[start:end], offsets[end], quote)
        place = template.outer(value)
        assert place is not None, "an argument is written somewhere"
        yield Atom(*place, outline.labels.site(place.start))
        start = end + len(made.mark)
    quote = template.text[offsets[-1]]
    yield from outline.characters(offsets[start:-1], offsets[-1], quote)
