"""The layout of a file: line endings, indentation, statements on lines of their own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rewriter.engine.draft import Statement, text_of
from rewriter.source.template import Template

_INDENTED = re.compile(r"^([ \t]+)\S", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Layout:
    """The habits of one file."""

    text: str
    newline: str
    unit: str

    @classmethod
    def of(cls, template: Template) -> Layout:
        """The line ending and the indentation that the file uses most."""
        text = template.text
        newline = "\r\n" if text.count("\r\n") * 2 > text.count("\n") else "\n"
        steps = [match.group(1) for match in _INDENTED.finditer(text)]
        unit = "\t" if any("\t" in step for step in steps) else " " * _step(steps)
        return cls(text, newline, unit)

    def own_line(self, statement: Statement) -> bool:
        """Whether a statement stands alone on its line in the original."""
        if statement.leaf is None:
            return bool(statement.lead)
        start, end = statement.leaf.span
        before = self.text[self.text.rfind("\n", 0, start) + 1 : start]
        after = self.text[end:].split("\n", 1)[0]
        return "\n" in self.text and not before.strip() and not after.strip()

    def indentation(self, statement: Statement) -> str:
        """The indentation of a statement's line."""
        if statement.lead:
            return text_of(statement.lead, self.text).rpartition("\n")[2]
        if statement.leaf is None:
            return ""
        start = statement.leaf.span.start
        line = self.text[self.text.rfind("\n", 0, start) + 1 : start]
        return line[: len(line) - len(line.lstrip())]

    def line(self, indentation: str) -> str:
        """A line break and the indentation of the next line."""
        return self.newline + indentation


def _step(steps: Sequence[str]) -> int:
    return min((len(step) for step in steps if len(step) > 1), default=4)
