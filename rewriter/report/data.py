"""Results as data, for programs: of a verification, a rewrite, or a batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from rewriter.conversations.coverage import Coverage, Reached
from rewriter.conversations.kinds import ASSISTANT
from rewriter.errors import Place
from rewriter.report.account import why_unproven
from rewriter.tracing.conversation import Conversation
from rewriter.verification.preconditions.finding import Finding
from rewriter.verification.report import Failure, Report

if TYPE_CHECKING:
    from rewriter.report.outcome import Outcome
    from rewriter.rewriting.result import Rewrite
    from rewriter.verification.accounting import Accounted
    from rewriter.verification.notice import Notice

VERSION: Final = 1
"""The version of the JSON documents. It changes if a name is removed or changes its meaning."""


def report_data(report: Report) -> dict[str, Any]:
    """All of ``report``, as JSON.

    Later versions may add names, but never remove one or change its meaning:

        version        the version of this format, 1
        ok             whether nothing failed, no harmful finding was made, and nothing is unproven
        conversations  the number of conversations that were checked
        raised         on how many of them the original (without one, the variant) raised
        judged         on how many the mask was judged by where each character comes from; the
                       others took the same paths through the variant
        text_proof     how the text is known to be the original's: "structure", for every
                       conversation, or "samples"; null if it need not be equal
        unproven       a list of the variant's sources that are not proven: text, place,
                       tests, the lines of the tests on the way to it, reason, a sentence, and
                       original: whether it stands in the original, as its place does
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
            place           where the variant's source printed it: line and column from 1, and
                            excerpt, the template's line; or null
            original_place  where the original's source printed the expected text, in the same form
        steered        how many of the conversations were made for branches that others missed
        coverage       a list: of the original, if there is one, and of the variant
            reached         how many branches some conversation reached
            branches        how many there are
            missed          a list of those that none reached, but one could: kind, place, and
                            assistant: whether it is beside what the assistant's turns reach, so
                            that in the variant nothing is known of its mask
            impossible      a list of those that are proven unreachable: kind, place
            outputs         how many outputs there are; one is printed if a render that takes
                            its branch comes to its end
            unprinted       a list of the places of those that none printed, but one could
            first           a list of conversations, and what each was the first to reach:
                            conversation; branches, a list of kind, place; outputs, of places
        findings       a list, in the order of the source, of
            kind, message, hint, harmless, place
        notices        a list of what to know before training: id, message, place
    """
    return {
        "version": VERSION,
        "ok": report.ok,
        "conversations": report.conversations,
        "raised": report.raised,
        "judged": report.judged,
        "steered": report.steered,
        "text_proof": report.text_proof or None,
        "unproven": [_source(source) for source in report.unproven],
        "failures": [_failure(failure) for failure in report.failures],
        "coverage": [_coverage(coverage) for coverage in report.coverage],
        "findings": [_finding(finding) for finding in report.findings],
        "notices": [_notice(notice) for notice in report.notices],
    }


def rewrite_data(result: Rewrite, file: str, template: str = "") -> dict[str, Any]:
    """The outcome for one template, as JSON.

    ``file``, and ``template``, its name in the file, or null; ``changed``; ``transforms``, their
    names in order; ``edits``, how many; ``family`` and its ``catalog``, or null; ``policy``;
    ``empty_thoughts`` or null; ``proof``: ``structure``, ``verified``, ``on file`` or ``none``;
    ``conversations``, how many it was verified on in this run; ``notices``, a list of ``id``,
    ``message``, ``place``.
    """
    return {
        "file": file,
        "template": template or None,
        "changed": result.template != result.source,
        "transforms": list(result.transforms),
        "edits": len(result.edits),
        "family": result.family,
        "catalog": result.catalog,
        "policy": result.policy,
        "empty_thoughts": result.empty_thoughts,
        "proof": result.proof,
        "conversations": result.report.conversations if result.report else 0,
        "notices": [_notice(notice) for notice in result.notices],
    }


def notices_data(notices: Sequence[Notice], file: str, template: str = "") -> dict[str, Any]:
    """The notices about one template that nothing else is said of, as JSON.

    ``file``, and ``template``, its name in the file, or null; ``notices``, a list of ``id``,
    ``message``, ``place``.
    """
    return {
        "file": file,
        "template": template or None,
        "notices": [_notice(notice) for notice in notices],
    }


def outcome_data(outcome: Outcome) -> dict[str, Any]:
    """The outcome for one template of a batch, as JSON; the names are those of `Outcome`."""
    return {
        "title": outcome.title,
        "original": outcome.original,
        "file": outcome.file,
        "verdict": outcome.verdict,
        "transforms": list(outcome.transforms),
        "edits": outcome.edits,
        "lines": outcome.lines,
        "conversations": outcome.conversations,
        "exit_code": outcome.exit_code,
        "notices": [_notice(notice) for notice in outcome.notices],
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
        "original_place": _place(failure.original_place),
    }


def _outcome(text: str | None, mask: tuple[tuple[int, int], ...], error: str) -> dict[str, Any]:
    return {"text": text, "mask": [list(span) for span in mask], "error": error or None}


def _coverage(coverage: Coverage) -> dict[str, Any]:
    beside = coverage.missed_in(ASSISTANT)
    return {
        "reached": sum(reached.first is not None for reached in coverage.branches),
        "branches": len(coverage.branches),
        "missed": [{**_branch(each), "assistant": each in beside} for each in coverage.missed],
        "impossible": [_branch(reached) for reached in coverage.impossible],
        "outputs": len(coverage.outputs),
        "unprinted": [_place(output.place) for output in coverage.unprinted],
        "first": _first(coverage),
    }


def _first(coverage: Coverage) -> list[dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}

    def of(conversation: Conversation) -> dict[str, Any]:
        first = {"conversation": conversation.as_json(), "branches": [], "outputs": []}
        return found.setdefault(id(conversation), first)

    for reached in coverage.branches:
        if reached.first is not None:
            of(reached.first)["branches"].append(_branch(reached))
    for output in coverage.outputs:
        if output.first is not None:
            of(output.first)["outputs"].append(_place(output.place))
    return list(found.values())


def _branch(reached: Reached) -> dict[str, Any]:
    return {"kind": reached.branch.kind, "place": _place(reached.place)}


def _source(source: Accounted) -> dict[str, Any]:
    return {
        "text": source.text,
        "place": _place(source.place),
        "tests": list(source.tests),
        "reason": why_unproven(source),
        "original": source.is_of_original,
    }


def _notice(notice: Notice) -> dict[str, Any]:
    return {**asdict(notice), "place": _place(notice.place)}


def _finding(finding: Finding) -> dict[str, Any]:
    return {**asdict(finding), "place": _place(finding.place)}


def _place(place: Place | None) -> dict[str, Any] | None:
    if place is None:
        return None
    return {"line": place.line, "column": place.column, "excerpt": place.excerpt}
