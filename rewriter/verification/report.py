"""What a verification found."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from rewriter.errors import Refused
from rewriter.verification.render import Spans


@dataclass(frozen=True, slots=True)
class Failure:
    """A broken promise, on the smallest conversation that was found to break it.

    Attributes:
        promise: what should have held, and did not.
        conversation: what was rendered, as JSON data.
        original, variant: the texts, or ``None`` where the template raised.
        original_mask, variant_mask: spans of characters that the masks hold.

    """

    promise: str
    conversation: dict[str, Any]
    original: str | None
    variant: str | None
    original_mask: Spans = ()
    variant_mask: Spans = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A verification's result.

    Attributes:
        failures: one for each promise that was broken, the one with the smallest conversation
            first.
        conversations: how many were checked.
        raised: on how many of them the original raised.

    """

    failures: tuple[Failure, ...]
    conversations: int
    raised: int

    @property
    def ok(self) -> bool:
        """Whether every promise held on every conversation."""
        return not self.failures


class VerificationFailed(Refused):
    """The rewritten template broke a promise; ``report`` says which, and on what."""

    def __init__(self, report: Report, *, name: str = "<template>") -> None:
        failure = report.failures[0]
        message = f"a promise is broken: {failure.promise}"
        super().__init__(message, name=name, hint="nothing was written; this is a rewriter's fault")
        self.report = report

    def __str__(self) -> str:
        failure = self.report.failures[0]
        conversation = json.dumps(failure.conversation, ensure_ascii=False)
        return f"{super().__str__()}\nconversation: {conversation}"
