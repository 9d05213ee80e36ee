"""Which parts of the templates a verification reached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rewriter.conversations.kinds import ASSISTANT

if TYPE_CHECKING:
    from rewriter.conversations.coverage import Coverage
    from rewriter.errors import Place


def coverage_line(coverage: Sequence[Coverage]) -> str:
    """How many branches were reached, in one line; the original comes first, if there is one."""
    whose = _names(coverage)
    shares = [_share(each, name) for each, name in zip(coverage, whose, strict=True)]
    unknown = len(coverage[-1].missed_in(ASSISTANT))
    of_mask = f"; of {unknown} in the assistant's turn the mask is unknown" if unknown else ""
    return f"reached {', '.join(shares)}{of_mask}"


def coverage_text(coverage: Sequence[Coverage], names: Sequence[str]) -> str:
    """Every branch and output that was missed; ``names`` are those of the templates."""
    lines = [
        line
        for each, name in zip(coverage, names, strict=True)
        for line in sorted(_missed(each, name))
    ]
    return "".join(text for _, _, text in lines)


def _names(coverage: Sequence[Coverage]) -> Sequence[str]:
    return ("original", "variant") if len(coverage) > 1 else ("template",)


def _share(coverage: Coverage, name: str) -> str:
    missed, impossible = len(coverage.missed), len(coverage.impossible)
    possible = len(coverage.branches) - impossible
    apart = f" ({impossible} more cannot be)" if impossible else ""
    return f"{possible - missed} of {possible} branches of the {name}{apart}"


def _missed(coverage: Coverage, name: str) -> Iterator[tuple[int, int, str]]:
    in_turn = coverage.missed_in(ASSISTANT)
    for each in coverage.missed:
        where = ", in the assistant's turn" if each in in_turn else ""
        yield _shown(each.place, name, f"not reached: {each.branch.kind}{where}")
    for each in coverage.impossible:
        yield _shown(each.place, name, f"cannot be reached: {each.branch.kind}")
    for output in coverage.unprinted:
        yield _shown(output.place, name, "not printed")


def _shown(place: Place, name: str, words: str) -> tuple[int, int, str]:
    text = f"{name}:{place.line}:{place.column}: {words}\n{place.drawn()}\n"
    return place.line, place.column, text
