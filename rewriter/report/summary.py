"""A one-line summary of a rewrite."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rewriter.report.explanation import PROOFS

if TYPE_CHECKING:
    from rewriter.rewriting.result import Rewrite


def summary(result: Rewrite) -> str:
    """The edits, the transforms, the family and its catalog, the policy, and how it is proven."""
    edits = f"{len(result.edits)} edit{'' if len(result.edits) == 1 else 's'}"
    by = ", ".join(result.transforms) or "no transform"
    family = f" for {'/'.join(filter(None, (result.catalog, result.family)))}"
    by += family if result.family else ""
    return f"{edits} by {by}, policy {result.policy}; {PROOFS[result.proof]}"


def why_untouched(result: Rewrite) -> str:
    """Why nothing was changed."""
    return "left as it is" if result.has_wrong_marks else "nothing to do"
