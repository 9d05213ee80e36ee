"""How a variant came about, for anyone who wants to know before trusting it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from rewriter.errors import Place

if TYPE_CHECKING:
    from rewriter.rewriting.result import Rewrite

PROOFS: Final = {
    "structure": "verified, its text by structure",
    "verified": "verified, its text by samples",
    "on file": "proven before",
    "none": "not verified",
}
"""How a variant is proven, in words, by `Rewrite.proof`."""


def explanation(result: Rewrite) -> str:
    """What was seen, tried and chosen, and each edit with its transform and reason."""
    return "\n".join(_lines(result))


def _lines(result: Rewrite) -> Iterator[str]:
    yield from _section("seen", result.seen)
    yield from _section("tried, but not chosen", result.tried)
    yield from _section("taken", [" + ".join(result.transforms) or "no transform"])
    yield from _section(
        "edits",
        [
            f"line {Place.at(result.source, edit.start).line}: {edit.transform}: {edit.reason}"
            for edit in result.edits
        ],
    )
    if result.report:
        yield from _section("account of the variant's text", list(map(str, result.report.account)))
        proof = f"its text by {result.report.text_proof}" if result.report.text_proof else ""
        yield from _section("proof", [line for line in (proof, *_difference(result)) if line])


def tried_by_reason(tried: Sequence[str]) -> dict[str, list[str]]:
    """The plans that were tried, by the reason for rejecting them."""
    found: dict[str, list[str]] = {}
    for line in tried:
        plan, _, reason = line.partition(": ")
        found.setdefault(reason, []).append(plan)
    return found


def _difference(result: Rewrite) -> Iterator[str]:
    """Where the two trees differ, if that is why the text is only sampled."""
    if result.report and result.report.structure and not result.report.structure.holds:
        yield str(result.report.structure.difference)


def section_text(title: str, lines: Sequence[str]) -> str:
    """A heading with the lines below it; empty if there are no lines."""
    return "".join(f"{line}\n" for line in _section(title, lines))


def _section(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield f"{title}:"
        yield from (f"  {line}" for line in lines)
