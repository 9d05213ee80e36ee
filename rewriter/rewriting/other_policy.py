"""Notice a mask that fails under one policy but holds under the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rewriter.turns.parts import Policy
    from rewriter.verification.report import Report

_OTHER: Final[dict[Policy, Policy]] = {"strict": "trl", "trl": "strict"}


def with_other_policy(report: Report, policy: Policy, judged: Callable[[Policy], Report]) -> Report:
    """The report, with a notice if everything that fails holds under the other policy.

    ``judged`` gives the report under a policy.
    """
    from rewriter.verification.mask_promises import OF_POLICIES
    from rewriter.verification.notices import edges_of

    unmet = any(not finding.harmless for finding in report.findings)
    promises = {failure.promise for failure in report.failures}
    if unmet or not promises or not promises <= OF_POLICIES or not judged(_OTHER[policy]).holds:
        return report
    return replace(report, notices=(edges_of(_OTHER[policy]), *report.notices))
