"""How a file is laid out, and tags that follow it without changing what is printed.

Under ``trim_blocks`` a newline after a tag is swallowed, under ``lstrip_blocks`` the white space
before a tag at the start of a line, and ``-`` takes all white space on its side. So a tag that
is put in takes over whatever its neighbour swallowed, and gives back what it would itself eat.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rewriter.engine.draft import Body, Node, Statement, statements, text_of
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
        """The white space that a statement's line begins with."""
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


@dataclass(frozen=True, slots=True)
class Gap:
    """What an insertion stands next to: the texts on both sides, as the variant has them."""

    before: str
    after: str

    @property
    def swallowed_left(self) -> bool:
        """Whether the tag to the left takes the white space behind it."""
        return self.before.rstrip().endswith(("-%}", "-}}", "-#}"))

    @property
    def swallowed_right(self) -> bool:
        """Whether the tag to the right takes the white space before it."""
        return self.after.lstrip().startswith(("{%-", "{{-", "{#-"))


def opener(tag: str, first: Statement, layout: Layout, before: str) -> tuple[str, str]:
    """The tag to put before ``first``: the text and, separately, the white space after it.

    ``before`` is what precedes ``first`` in the variant.
    """
    code = text_of(first.code, layout.text)
    dashed = code.startswith(("{{-", "{%-"))
    if first.lead:
        return text_of(first.lead, layout.text) + f"{{%- {tag} %}}", ""
    if dashed and layout.own_line(first):
        return f"{{%- {tag} %}}", layout.line(layout.indentation(first))
    if dashed:
        return f"{{%- {tag} %}}", ""
    if first.is_text:
        guard = _guard(before)
        return f"{guard}{{% {tag} %}}", layout.newline if code.startswith(("\n", "\r")) else ""
    if code.startswith("{%") and layout.own_line(first):
        return f"{{% {tag} %}}", layout.line(layout.indentation(first))
    return (_guard(before) if code.startswith("{{") else "") + f"{{% {tag} %}}", ""


def _guard(before: str) -> str:
    """An empty output where a tag would eat printed indentation before it."""
    line = before[before.rfind("\n") + 1 :]
    swallowed = before.rstrip().endswith(("-%}", "-}}", "-#}"))
    return "{{ '' }}" if line and not line.strip() and not swallowed else ""


def closer(tag: str, last: Statement, layout: Layout, after: str) -> str:
    """The tag to put right behind ``last``, which is followed by ``after`` in the variant."""
    code = text_of(last.code, layout.text)
    gap = Gap(code, after)
    broken = "\n" in after[: len(after) - len(after.lstrip())]
    if gap.swallowed_left:
        return f"{{% {tag} -%}}"
    if gap.swallowed_right:
        lined = layout.own_line(last) and (broken or not after.strip())
        break_ = layout.line(layout.indentation(last)) if lined or last.lead else ""
        return f"{break_}{{%- {tag} %}}" if break_ else f"{{% {tag} %}}"
    printed_newline = after.startswith(("\n", "\r\n")) and not code.endswith("%}")
    return f"{{% {tag} %}}" + (layout.newline if printed_newline else "")


def first_of(body: Body) -> Statement:
    """The first statement of a run."""
    return next(iter(statements(body)))


def last_of(body: Body) -> Statement:
    """The last statement of a run."""
    return list(statements(body))[-1]


def text_between(body: Sequence[Node], layout: Layout) -> str:
    """A run of nodes as the variant has them."""
    return "".join(
        text_of((*statement.lead, *statement.code), layout.text) for statement in statements(body)
    )
