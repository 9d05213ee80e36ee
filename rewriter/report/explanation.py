"""How a variant came about, for a person who wants to know before trusting it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rewriter.errors import Place

if TYPE_CHECKING:
    from rewriter.rewriting import Rewrite


def explanation(result: Rewrite) -> str:
    """What was seen, what was tried and lost, and each edit with its transform and reason."""
    return "\n".join(_lines(result))


def _lines(result: Rewrite) -> Iterator[str]:
    yield from _section("seen", result.seen)
    yield from _section("tried, and not taken", result.lost)
    yield from _section("taken", [" + ".join(result.transforms) or "no transform"])
    yield from _section(
        "edits",
        [
            f"line {Place.at(result.source, edit.start).line}: {edit.transform}: {edit.reason}"
            for edit in result.edits
        ],
    )


def _section(title: str, lines: tuple[str, ...] | list[str]) -> Iterator[str]:
    if lines:
        yield f"{title}:"
        yield from (f"  {line}" for line in lines)
