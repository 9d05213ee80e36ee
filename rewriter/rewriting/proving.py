"""Prove the variant of one plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from rewriter.engine.families import Family, catalog_of
from rewriter.engine.plan import Subject
from rewriter.engine.planner import (
    Candidate,
    check_ended,
    check_ends_kept,
    wraps,
)
from rewriter.engine.transforms import (
    MASK,
    STOP_TOKEN,
    Transform,
)
from rewriter.errors import Place, Reason, Refused
from rewriter.rewriting.request import Request
from rewriter.rewriting.result import Proof, Rewrite
from rewriter.source.digest import digest_of
from rewriter.source.edits import original_offset
from rewriter.verification.first_blocks import loses_first_block

if TYPE_CHECKING:
    from rewriter.conversations.rendering import Renderings
    from rewriter.verification.accounting import Accounted
    from rewriter.verification.prompted_space import PromptedSpace


def attempted(
    subject: Subject,
    known: Family | None,
    request: Request,
    rendered: Renderings | None,
    candidate: Candidate,
    *,
    hasty: bool,
    prompted_space: PromptedSpace,
) -> Rewrite:
    """The result of a candidate, proven if that is asked for."""
    plan = candidate.plan
    name = known.name if known else None
    result = Rewrite(
        request.source,
        plan.template,
        plan.edits,
        plan.transforms,
        name,
        request.policy,
        empty_thoughts=request.empty_thoughts,
        catalog=catalog_of(known) if known else None,
    )
    if STOP_TOKEN in request.goals:
        check_ended(candidate, subject)
    if request.verify != "afresh" and known and on_file(known, candidate, request):
        return replace(result, proof="on file") if request.verify else result
    check_ends_kept(candidate, subject)
    if rendered is None:
        return result
    return _proven(
        result,
        subject,
        candidate.recipe,
        request,
        known,
        rendered,
        hasty=hasty,
        prompted_space=prompted_space,
    )


def on_file(known: Family, candidate: Candidate, request: Request) -> bool:
    """Whether the corpus has a candidate's variant as proven."""
    variant = candidate.plan.template
    digest = digest_of(variant)
    is_proven = known.proven(request.policy) == digest and request.is_usual
    return is_proven and not loses_first_block(variant)


def _proven(
    result: Rewrite,
    subject: Subject,
    recipe: Sequence[Transform],
    request: Request,
    known: Family | None,
    rendered: Renderings,
    *,
    hasty: bool,
    prompted_space: PromptedSpace,
) -> Rewrite:
    from rewriter.rewriting.promises import promised
    from rewriter.verification.check import verify_pair
    from rewriter.verification.report import VerificationFailed

    report = verify_pair(
        result.source,
        result.template,
        promised(subject, recipe),
        result.policy,
        examples=request.examples,
        seed=request.seed,
        draw=request.draw,
        regressions=known.conversations if known else (),
        hasty=hasty,
        alone_if_proven=True,
        fields=request.fields,
        empty_thoughts=request.empty_thoughts,
        masked=MASK in request.goals or any(map(wraps, recipe)),
        prompted_space=prompted_space,
        rendered=rendered,
    )
    rendered.forget(result.template)
    if not report.holds:
        raise VerificationFailed(report)
    for source in report.unproven:
        raise _unproven(source, result)
    proof: Proof = "structure" if report.text_proof == "structure" else "verified"
    return replace(result, proof=proof, report=report)


def _unproven(source: Accounted, result: Rewrite) -> Refused:
    """The refusal for a source that was never seen to print, with its place in the original."""
    offset = original_offset(source.offset, result.edits)
    lines = ", ".join(str(line) for line in source.tests)
    tested = f"it depends on the tests in line {lines} of the variant; " if lines else ""
    return Refused(
        f"nothing makes the template print {source.text!r}, so it is unknown who writes it",
        reason=Reason.UNSEEN,
        place=Place.at(result.source, offset),
        hint=f"{tested}remove it, or mark the text that the model writes by hand",
    )
