"""Turn reports about a template into reports about the file that holds it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rewriter.carriers.carried import Held
from rewriter.errors import Place, RewriteError

if TYPE_CHECKING:
    from rewriter.conversations.coverage import Coverage
    from rewriter.verification.accounting import Accounted
    from rewriter.verification.notice import Notice
    from rewriter.verification.preconditions.finding import Finding
    from rewriter.verification.report import Report


def located_error(error: RewriteError, held: Held) -> RewriteError:
    """The same error, located in the file."""
    from rewriter.verification.report import VerificationFailed

    if isinstance(error, VerificationFailed):
        # The rewritten text is not in a file yet; the failure's other place is in the original.
        error.report = located_report(error.report, original=held, variant=None)
    if error.place is None:
        error.name = held.title
    else:
        error.place = held.placed(error.place)
        error.name, error.message = held.file, held.said(error.message)
    return error


def located_finding(finding: Finding, held: Held) -> Finding:
    """The same finding, located in the file."""
    place = held.placed(finding.place)
    return replace(finding, place=place, message=held.said(finding.message))


def located_notice(notice: Notice, held: Held) -> Notice:
    """The same notice, located in the file."""
    return replace(notice, place=_placed(notice.place, held))


def located_report(report: Report, *, original: Held | None, variant: Held | None) -> Report:
    """The report, with every place located in its file; ``None`` leaves the places as they are."""
    holders = (original, variant) if len(report.coverage) > 1 else (variant,)
    coverage = zip(report.coverage, holders, strict=False)
    return replace(
        report,
        failures=tuple(
            replace(
                failure,
                place=_placed(failure.place, variant),
                original_place=_placed(failure.original_place, original),
            )
            for failure in report.failures
        ),
        findings=tuple(
            located_finding(finding, variant) if variant else finding for finding in report.findings
        ),
        coverage=tuple(_coverage(each, held) if held else each for each, held in coverage),
        account=tuple(_accounted(each, original, variant) for each in report.account),
        notices=tuple(
            located_notice(each, variant) if variant else each for each in report.notices
        ),
    )


def _accounted(source: Accounted, original: Held | None, variant: Held | None) -> Accounted:
    held = original if source.is_of_original else variant
    return replace(source, place=held.placed(source.place)) if held else source


def _coverage(coverage: Coverage, held: Held) -> Coverage:
    return replace(
        coverage,
        branches=tuple(replace(each, place=held.placed(each.place)) for each in coverage.branches),
        outputs=tuple(replace(each, place=held.placed(each.place)) for each in coverage.outputs),
    )


def _placed(place: Place | None, held: Held | None) -> Place | None:
    return held.placed(place) if place and held else place
