"""A finding of the lint, in the form of compiler errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rewriter.verification.preconditions.finding import Finding


def finding_text(finding: Finding, name: str) -> str:
    """``file:line:column: message``, the line with a caret, and the hint."""
    place = finding.place
    return (
        f"{name}:{place.line}:{place.column}: {finding.message} [{finding.kind}]\n"
        f"{place.drawn()}\n"
        f"help: {finding.hint}\n"
    )
