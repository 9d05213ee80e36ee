"""What a verification found."""

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
        promise: what should have held, and did not.
        conversation: what was rendered, as JSON data.
        original, variant: the texts, or ``None`` where the template raised, or there is none.
        original_mask, variant_mask: spans of characters that the masks hold.
        original_error, variant_error: what was raised, type and message, or nothing.
        expected: the text that the variant should print, where that is declared to be another
            than the original's.
        at: the first wrong or differing character of the variant's text, where there is one.
        place: what in the variant's source printed it, where that is known.
        original_place: what in the original's source printed the character that should be there.

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
        """What tells it from other failures."""
        return self.promise, self.place, self.original_place


@dataclass(frozen=True, slots=True)
class Report:
    """A verification's result.

    Attributes:
        failures: one for each promise that was broken and each way of breaking it, as told by
            what in either source printed the text; the smallest conversation first.
        conversations: how many were checked.
        raised: on how many of them the original raised; without one, the variant.
        judged: on how many the mask was judged by where each character comes from. The others
            took the same paths as these.
        steered: how many of the conversations were made for branches that the others missed.
        coverage: which branches were reached, of the original, if there is one, and the variant.
        text_proof: how the text is known: by ``structure``, for every conversation, or by
            ``samples``; empty where there is no original.
        structure: the comparison of the two trees, where the text should be equal.
        account: each source of the variant's text, with why it is accounted for.
        findings: unmet preconditions of the variant's blocks, where they were looked for.
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
        """The sources of text that nothing showed, so that nothing is known of their mask."""
        return tuple(each for each in self.account if each.is_open)

    @property
    def holds(self) -> bool:
        """Whether every promise held on every conversation, and nothing harmful was found."""
        return not self.failures and all(finding.harmless for finding in self.findings)

    @property
    def ok(self) -> bool:
        """Whether that is so, and nothing is left unproven."""
        return self.holds and not self.unproven


class VerificationFailed(Refused):
    """The rewritten template broke a promise; ``report`` says which, and on what."""

    def __init__(self, report: Report, *, name: str = "<template>") -> None:
        broken = next(iter(report.failures), None)
        unmet = next((found.message for found in report.findings if not found.harmless), "")
        message = f"a promise is broken: {broken.promise if broken else unmet}"
        hint = "nothing was written; this is a rewriter's fault"
        if broken and broken.promise == FIRST_BLOCK:
            hint = "nothing was written; transformers before 5.4 gives it none: install a newer one"
        if broken and broken.promise == KEPT_TURNS:
            hint = "nothing was written; print the same whatever follows, or ask for no such goal"
        super().__init__(message, reason=Reason.BROKEN_PROMISE, name=name, hint=hint)
        self.report = report

    def __str__(self) -> str:
        if not self.report.failures:
            return super().__str__()
        shown = json.dumps(self.report.failures[0].conversation, ensure_ascii=False)
        return f"{super().__str__()}\nconversation: {shown}"
