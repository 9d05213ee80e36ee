"""The result of a verification."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from rewriter.conversations.coverage import Coverage
from rewriter.conversations.rendering import Spans
from rewriter.errors import Place, Reason, Refused
from rewriter.verification.accounting import Accounted
from rewriter.verification.contracts import KEPT_TURNS
from rewriter.verification.first_blocks import FIRST_BLOCK
from rewriter.verification.notice import Notice
from rewriter.verification.preconditions.finding import Finding
from rewriter.verification.structure import Structure

TextProof: TypeAlias = Literal["structure", "samples", ""]


@dataclass(frozen=True, slots=True)
class Failure:
    """A broken promise, on the smallest conversation that was found to break it.

    Attributes:
        promise: the promise that does not hold.
        conversation: the conversation, as JSON data.
        original, variant: the texts, or ``None`` if the template raised, or there is none.
        original_mask, variant_mask: spans of characters that the masks hold.
        original_error, variant_error: the type and message of the error, or an empty string.
        expected: the text that the variant should print, if that is declared to differ from the
            original's.
        at: the first wrong or differing character of the variant's text, if there is one.
        place: the variant's source that printed it, if known.
        original_place: the original's source that printed the expected character.

    """

    promise: str
    conversation: dict[str, Any]
    original: str | None
    variant: str | None
    original_mask: Spans = ()
    variant_mask: Spans = ()
    original_error: str = ""
    variant_error: str = ""
    expected: str | None = None
    at: int | None = None
    place: Place | None = None
    original_place: Place | None = None

    @property
    def identity(self) -> tuple[str, Place | None, Place | None]:
        """A key that identifies this failure."""
        return self.promise, self.place, self.original_place


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a verification.

    Attributes:
        failures: one for each broken promise and each source that breaks it; the smallest
            conversation first.
        conversations: how many were checked.
        raised: on how many of them the original raised; without one, the variant.
        judged: on how many the mask was judged by the origin of each character. The others took the
            same paths as these.
        steered: how many of the conversations were made for branches that the others missed.
        coverage: which branches were reached, of the original, if there is one, and the variant.
        text_proof: how the text is proven: by ``structure``, for every conversation, or by
            ``samples``; empty without an original.
        structure: the comparison of the two trees, if the text should be equal.
        account: each source of the variant's text, with why it is accounted for.
        findings: unmet preconditions of the variant's blocks, if these were checked.
        notices: what to know before training; their places are in the variant.

    """

    failures: tuple[Failure, ...]
    conversations: int
    raised: int
    judged: int = 0
    steered: int = 0
    coverage: tuple[Coverage, ...] = ()
    text_proof: TextProof = ""
    structure: Structure | None = None
    account: tuple[Accounted, ...] = ()
    findings: tuple[Finding, ...] = ()
    notices: tuple[Notice, ...] = ()

    @property
    def unproven(self) -> tuple[Accounted, ...]:
        """The sources of text that were never seen to print, so that their mask is unknown."""
        return tuple(each for each in self.account if each.is_open)

    @property
    def holds(self) -> bool:
        """Whether every promise held on every conversation, with no harmful finding."""
        return not self.failures and all(finding.harmless for finding in self.findings)

    @property
    def ok(self) -> bool:
        """Whether that is so, and nothing is unproven."""
        return self.holds and not self.unproven


class VerificationFailed(Refused):
    """The rewritten template broke a promise; ``report`` says which, and on which conversation."""

    def __init__(self, report: Report, *, name: str = "<template>") -> None:
        broken = next(iter(report.failures), None)
        unmet = next((found.message for found in report.findings if not found.harmless), "")
        message = f"a promise is broken: {broken.promise if broken else unmet}"
        hint = "nothing was written; this is a bug in rewriter"
        if broken and broken.promise == FIRST_BLOCK:
            hint = (
                "nothing was written; transformers before 5.4 gives it no span: install a newer one"
            )
        if broken and broken.promise == KEPT_TURNS:
            hint = "nothing was written; print the same whatever follows, or ask for no such goal"
        super().__init__(message, reason=Reason.BROKEN_PROMISE, name=name, hint=hint)
        self.report = report

    def __str__(self) -> str:
        if not self.report.failures:
            return super().__str__()
        shown = json.dumps(self.report.failures[0].conversation, ensure_ascii=False)
        return f"{super().__str__()}\nconversation: {shown}"
