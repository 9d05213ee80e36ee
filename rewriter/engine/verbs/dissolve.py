"""Remove a conditional's tags, and all of its bodies but one."""

from __future__ import annotations

from dataclasses import replace

from rewriter.engine.context import Context
from rewriter.engine.draft import Body, Compound, Node, Statement, cut, dropped, mapped


def dissolved(node: Compound, kept: int | None, context: Context) -> Body:
    """Only the body of section ``kept``, if any; the rest is removed line by line."""

    def out(statement: Statement) -> Statement:
        return replace(statement, code=dropped(statement.code, context.by), lead=(), atoms=())

    found: list[Node] = []
    for number, section in enumerate(node.sections):
        found.append(out(section.tag))
        if number == kept:
            body = list(section.body)
            if body and isinstance(body[0], Statement) and body[0].is_blank:
                body[0] = _without_break(body[0], context)
            if len(body) > 1 and isinstance(body[-1], Statement) and body[-1].is_blank:
                body[-1] = out(body[-1])
            found += body
        else:
            found += mapped(section.body, out)
    return (*found, out(node.end))


def trim_indentation(before: list[Node], following: Node, context: Context) -> None:
    """Take out the indentation of a line that goes, where the next line brings its own."""
    if not before or not isinstance(following, Statement) or not following.is_blank:
        return
    blank = before[-1]
    if isinstance(blank, Statement) and blank.is_blank and blank.leaf is not None:
        start, end = blank.leaf.span
        left, right = cut(blank.code, max(start, context.template.text.rfind("\n", start, end) + 1))
        before[-1] = replace(blank, code=(*left, *dropped(right, context.by)))


def trim_line(before: list[Node], context: Context) -> None:
    """Take out the break before a line that goes, and the line's indentation."""
    blank = before[-1] if before else None
    if isinstance(blank, Statement) and blank.is_blank and blank.leaf is not None:
        start, end = blank.leaf.span
        line_end = context.template.text.rfind("\n", start, end)
        if line_end >= 0:
            left, right = cut(blank.code, line_end)
            before[-1] = replace(blank, code=(*left, *dropped(right, context.by)))


def _without_break(blank: Statement, context: Context) -> Statement:
    """Swallowed white space without its first line break, which the tag before it had."""
    assert blank.leaf is not None
    start, end = blank.leaf.span
    line_end = context.template.text.find("\n", start, end)
    if line_end < 0:
        return blank
    left, right = cut(blank.code, line_end + 1)
    return replace(blank, code=(*dropped(left, context.by), *right))
