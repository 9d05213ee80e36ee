"""Judge the marks of a template that was already marked."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING

from rewriter.engine.families import proven_variants
from rewriter.rewriting.other_policy import told_of_other_policy
from rewriter.verification.first_blocks import loses_first_block
from rewriter.verification.notice import NoticeId
from rewriter.verification.notices import wrong_marks

if TYPE_CHECKING:
    from rewriter.rewriting.asked import Asked
    from rewriter.rewriting.result import Rewrite
    from rewriter.turns.parts import Policy
    from rewriter.verification.report import Report


def judged(result: Rewrite, asked: Asked) -> Rewrite:
    """The result, with the verdict on the template's marks.

    Marks of ours that the corpus has as proven are not judged again. Others may follow the other
    policy.
    """
    if not asked.verify:
        return result
    digest = sha256(result.template.encode(errors="surrogatepass")).hexdigest()
    on_file = asked.verify is True and digest in proven_variants()
    if on_file and not loses_first_block(result.template):
        return replace(result, proof="on file")
    judge = partial(_report, result, asked)
    report = told_of_other_policy(judge(asked.policy), asked.policy, judge)
    is_others = any(notice.id is NoticeId.OTHER_POLICY for notice in report.notices)
    wrong = () if report.ok or is_others else (wrong_marks(report),)
    return replace(result, report=result.report or report, notices=(*wrong, *report.notices))


def _report(result: Rewrite, asked: Asked, policy: Policy) -> Report:
    from rewriter.verification.check import verify_alone

    return verify_alone(
        result.template,
        policy,
        examples=asked.examples,
        seed=asked.seed,
        draw=asked.draw,
        fields=asked.fields,
        empty_thoughts=asked.empty_thoughts,
    )
