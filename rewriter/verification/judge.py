"""What judges a variant on one conversation, and what it finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from rewriter.conversations.first_look import FirstLook, Outcomes
from rewriter.conversations.rendering import Outcome, Raised
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.render import TracedTemplate
from rewriter.verification.blame import printed_by
from rewriter.verification.broken import Broken
from rewriter.verification.faults import Fault, printed_wrongly
from rewriter.verification.mask import MaskJudge
from rewriter.verification.spans import first_out_of_order, has_empty

RENDERS: Final = "the template renders a conversation that it is verified on"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcomes of a conversation, and the promises that they break."""

    original: Outcome | None
    variant: Outcome
    broken: tuple[Broken, ...]

    @property
    def raised(self) -> bool:
        """Whether a template raised, so that there was nothing to judge."""
        return isinstance(self.original or self.variant, Raised)


class Judge(Protocol):
    """Judges a variant, one conversation at a time."""

    @property
    def masks(self) -> MaskJudge:
        """The judge of the variant's masks."""

    @property
    def is_masked(self) -> bool:
        """Whether the variant should have a mask, which is then judged too."""

    def first_look(self) -> FirstLook:
        """The first look at conversations before they are judged."""

    def suspects(self, outcomes: Outcomes) -> bool:
        """Whether the printed outcomes alone show a broken promise."""

    def differs(self, outcomes: Outcomes) -> bool:
        """Whether the printed text differs from the promised one, whatever the mask."""

    def judged(
        self, conversation: Conversation, original: Outcome | None = None, *, masks: bool = True
    ) -> Verdict:
        """The verdict on one conversation; ``original`` is the original's outcome, if known.

        Without ``masks``, only the text is judged.
        """

    @property
    def traced_original(self) -> TracedTemplate | None:
        """The original, ready to tell what printed a character."""

    def fault(self, conversation: Conversation, broken: Broken) -> Fault:
        """The fault that a broken promise on a conversation shows."""


def fault_of_variant(traced: TracedTemplate, conversation: Conversation, broken: Broken) -> Fault:
    """The fault of the variant's source that printed the wrong character, if there is one."""
    piece = broken.printed
    if piece is None and broken.at is not None:
        culprit = printed_by(traced, conversation, broken.at)
        piece = culprit.piece if culprit else None
    return printed_wrongly(broken.promise, piece)


def has_odd_spans(outcome: Outcome) -> bool:
    """Whether spans are empty, or out of order."""
    if isinstance(outcome, Raised):
        return False
    return has_empty(outcome.mask) or first_out_of_order(outcome.mask) is not None
