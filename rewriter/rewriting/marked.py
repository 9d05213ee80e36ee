"""What is known of a template that was marked before it came here: its marks are judged."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

from rewriter.engine.families import proven_variants
from rewriter.verification.notices import marked_otherwise, wrong_marks

if TYPE_CHECKING:
    from rewriter.rewriting.rewrite import Asked, Rewrite
    from rewriter.turns.parts import Policy
    from rewriter.verification.report import Report


def judged(result: Rewrite, asked: Asked) -> Rewrite:
    """The result, with what the marks of its template were found to be.

    Marks of ours that the corpus has as proven are not judged again. Others may have been put in
    as the other policy has it.
    """
    if not asked.verify:
        return result
    digest = sha256(result.template.encode(errors="surrogatepass")).hexdigest()
    if asked.verify is True and digest in proven_variants():
        return replace(result, proof="on file")
    report = _report(result, asked, asked.policy)
    notices = report.notices
    if not report.ok:
        other: Policy = "trl" if asked.policy == "strict" else "strict"
        is_wrong = report.holds or not _report(result, asked, other).holds
        notices = (wrong_marks(report) if is_wrong else marked_otherwise(other), *notices)
    return replace(result, report=result.report or report, notices=notices)


def _report(result: Rewrite, asked: Asked, policy: Policy) -> Report:
    from rewriter.verification.check import verify_alone

    return verify_alone(
        result.template,
        policy,
        examples=asked.examples,
        seed=asked.seed,
        fields=asked.fields,
        empty_thoughts=asked.empty_thoughts,
    )
