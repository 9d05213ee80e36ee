"""Remove white space that would no longer be swallowed after a tag beside it is removed."""

from __future__ import annotations

from dataclasses import replace

from rewriter.engine.context import Context
from rewriter.engine.draft import Body, Statement, dropped, mapped, statements, text_of
from rewriter.engine.markers import SWALLOWS_BEFORE, SWALLOWS_BEHIND


def settled(body: Body, context: Context) -> Body:
    """``body`` without white space that was swallowed and would now be printed."""
    loose = {id(statement) for statement in _loose(body, context.template.text)}

    def change(statement: Statement) -> Statement:
        if id(statement) not in loose:
            return statement
        return replace(statement, code=dropped(statement.code, context.by))

    return mapped(body, change)


def _loose(body: Body, source: str) -> list[Statement]:
    row = [(s, text_of((*s.lead, *s.code), source)) for s in statements(body)]
    row = [(statement, text) for statement, text in row if text]
    texts = ["", *(text for _, text in row), ""]
    return [
        statement
        for index, (statement, text) in enumerate(row, start=1)
        if statement.is_blank and not _swallowed(texts[index - 1], text, _next(texts, index))
    ]


def _next(texts: list[str], index: int) -> str:
    return next((text for text in texts[index + 1 :] if text.strip()), "")


def _swallowed(left: str, space: str, right: str) -> bool:
    if left.endswith(SWALLOWS_BEHIND) or right.startswith(SWALLOWS_BEFORE):
        return True
    after_tag = left.endswith(("%}", "#}"))
    rest = space.removeprefix("\r\n").removeprefix("\n") if after_tag else space
    line, newline, indentation = rest.rpartition("\n")
    if right.startswith(("{%", "{#")):
        return not line and not newline and (not indentation or rest != space or not left.strip())
    return not rest or (not right and rest in ("\n", "\r\n"))
