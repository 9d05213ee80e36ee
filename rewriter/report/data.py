"""A verification's result as data, for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rewriter.errors import Place
from rewriter.verification.preconditions.finding import Finding
from rewriter.verification.report import Failure, Report


def report_data(report: Report) -> dict[str, Any]:
    """The whole of ``report`` as JSON has it.

    Names are added in later versions, and none is taken away or given another meaning::

        ok             whether nothing failed and no harmful finding was made
        conversations  how many were checked
        raised         on how many the original raised; without one, the variant
        failures       a list, the one with the smallest conversation first, of
            promise         what should have held, a sentence
            conversation    messages, tools, documents, add_generation_prompt, and every flag
            original        what it printed: an object, or null if there is no original
                text            the text, or null if it raised
                mask            [start, end) of each span, in characters of the text
                error           the exception's type and message, or null
            variant         the same of the variant
            expected        the text that should be there, if declared to differ; else null
            at              the first wrong or differing character of the variant's text, or null
            place           what in the variant's source printed it: line and column from 1, and
                            excerpt, the line itself; or null
        findings       a list, in the order of the source, of
            kind, message, hint, harmless, place

    """
    return {
        "ok": report.ok,
        "conversations": report.conversations,
        "raised": report.raised,
        "failures": [_failure(failure) for failure in report.failures],
        "findings": [_finding(finding) for finding in report.findings],
    }


def _failure(failure: Failure) -> dict[str, Any]:
    original = _outcome(failure.original, failure.original_mask, failure.original_error)
    there_is_one = failure.original is not None or failure.original_error
    return {
        "promise": failure.promise,
        "conversation": failure.conversation,
        "original": original if there_is_one else None,
        "variant": _outcome(failure.variant, failure.variant_mask, failure.variant_error),
        "expected": failure.expected,
        "at": failure.at,
        "place": _place(failure.place),
    }


def _outcome(text: str | None, mask: tuple[tuple[int, int], ...], error: str) -> dict[str, Any]:
    return {"text": text, "mask": [list(span) for span in mask], "error": error or None}


def _finding(finding: Finding) -> dict[str, Any]:
    return asdict(finding)


def _place(place: Place | None) -> dict[str, Any] | None:
    return None if place is None else asdict(place)
