"""Judge the marks of a template that was already marked."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from rewriter.engine.families import proven_variants
from rewriter.rewriting.other_policy import with_other_policy
from rewriter.source.digest import digest_of
from rewriter.verification.first_blocks import loses_first_block
from rewriter.verification.notice import NoticeId
from rewriter.verification.notices import wrong_marks

if TYPE_CHECKING:
    from rewriter.rewriting.request import Request
    from rewriter.rewriting.result import Rewrite
    from rewriter.turns.parts import Policy
    from rewriter.verification.report import Report


def judged_marks(result: Rewrite, request: Request) -> Rewrite:
    """The result, with the verdict on the template's marks.

    Marks of ours that the corpus has as proven are not judged again. Others may follow the other
    policy.
    """
    if not request.verify:
        return result
    digest = digest_of(result.template)
    on_file = request.verify is True and digest in proven_variants()
    if on_file and not loses_first_block(result.template):
        return replace(result, proof="on file")
    judge = partial(_report, result, request)
    report = with_other_policy(judge(request.policy), request.policy, judge)
    is_others = any(notice.id is NoticeId.OTHER_POLICY for notice in report.notices)
    wrong = () if report.ok or is_others else (wrong_marks(report),)
    return replace(result, report=result.report or report, notices=(*wrong, *report.notices))


def _report(result: Rewrite, request: Request, policy: Policy) -> Report:
    from rewriter.verification.check import verify_alone

    return verify_alone(
        result.template,
        policy,
        examples=request.examples,
        seed=request.seed,
        draw=request.draw,
        fields=request.fields,
        empty_thoughts=request.empty_thoughts,
    )
