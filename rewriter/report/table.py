"""The tables that commands print."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from rewriter.engine.families import Catalog, Supports
from rewriter.report.outcome import Outcome

_SUPPORTED = {
    "tools": "tools",
    "reasoning": "reasoning",
    "list_content": "list content",
    "system_role": "system role",
    "alternation": "strict alternation",
}


def outcomes_table(outcomes: Iterable[Outcome], heading: str) -> Table:
    """A row for each template: its transforms, how it was checked, and the verdict."""
    table = _table(heading, "transforms")
    for heading in ("edits", "lines", "conversations"):
        table.add_column(heading, justify="right")
    table.add_column("verdict", no_wrap=True)
    for outcome in outcomes:
        table.add_row(
            outcome.title,
            "\n".join(outcome.transforms),
            str(outcome.edits),
            str(outcome.lines),
            str(outcome.conversations or "–"),
            Text(outcome.verdict, style="red" if outcome.exit_code else "green"),
        )
    return table


def families_table(catalogs: Mapping[str, Catalog]) -> Table:
    """A row for each family, with its name for ``--family``."""
    table = _table("name", "title", "catalog", "transforms", "supports")
    for name, catalog in catalogs.items():
        for family in catalog.families:
            recipe = "\n".join(family.recipe) or Text("recognised only", style="dim")
            table.add_row(family.name, family.title, name, recipe, supported(family.supports))
    return table


def supported(supports: Supports) -> str:
    """What the family supports, in words."""
    return ", ".join(word for key, word in _SUPPORTED.items() if getattr(supports, key))


def transforms_table(rows: Iterable[Sequence[str]]) -> Table:
    """A row for each transform: name, goal, relation, summary, and whether its examples hold."""
    table = _table("name", "goal", "relation", "what it does", "examples")
    for row in rows:
        table.add_row(*row)
    return table


def _table(first: str, *others: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column(first, no_wrap=True, style="bold")
    for heading in others:
        table.add_column(heading)
    return table
