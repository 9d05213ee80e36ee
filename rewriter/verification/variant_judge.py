"""Judge a variant on one conversation by itself: the spans and the mask, but no text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rewriter.conversations.first_look import FirstLook, Outcomes
from rewriter.conversations.rendering import Outcome, Raised, Rendered, render
from rewriter.errors import BadInput
from rewriter.source.template import Template
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.fields import LISTED, Fields
from rewriter.turns.parts import EmptyThoughts, Policy
from rewriter.turns.stop_headers import Stops
from rewriter.verification.broken import Broken
from rewriter.verification.faults import Fault
from rewriter.verification.judge import (
    RENDERS,
    Verdict,
    fault_of_variant,
    has_odd_spans,
)
from rewriter.verification.mask import MaskJudge
from rewriter.verification.preconditions.jumps import jumps
from rewriter.verification.prompted_space import PromptedSpace


@dataclass(frozen=True, slots=True)
class VariantJudge:
    """Judges a marked template without its original.

    Attributes:
        source: the template.
        masks: the judge of its masks.
        must_render: whether raising breaks a promise.

    """

    source: str
    masks: MaskJudge
    must_render: bool = False
    traced_original: None = None
    is_masked: bool = True

    def first_look(self) -> FirstLook:
        """What looks at conversations for it."""
        return FirstLook(None, self.source)

    def suspects(self, outcomes: Outcomes) -> bool:
        """Whether the outcome shows a broken promise: spans that are empty, or out of order."""
        unrendered = self.must_render and isinstance(outcomes.variant, Raised)
        return unrendered or has_odd_spans(outcomes.variant)

    def differs(self, outcomes: Outcomes) -> bool:
        """Never: there is no text to compare with."""
        return outcomes.original is not None

    def fault(self, conversation: Conversation, broken: Broken) -> Fault:
        """The fault, identified by the source of the wrong text."""
        return fault_of_variant(self.masks.traced, conversation, broken)

    def judged(
        self, conversation: Conversation, original: Outcome | None = None, *, masks: bool = True
    ) -> Verdict:
        """The verdict on the template's text and mask."""
        outcome = render(self.source, conversation)
        if isinstance(outcome, Rendered):
            found = self.masks.faults(conversation, outcome) if masks else ()
            broken = tuple(found)
        else:
            broken = (Broken(RENDERS),) if self.must_render else ()
        return Verdict(original, outcome, broken)


def mask_judge(
    source: str,
    policy: Policy,
    stops: Stops | Literal["printed"] | None = None,
    fields: Fields = LISTED,
    left_out: str = "",
    empty_thoughts: EmptyThoughts | None = None,
    *,
    prompted_space: PromptedSpace = "anywhere",
    may_train_alike: bool = True,
) -> MaskJudge:
    """The judge of a template's masks; the arguments are those of `MaskJudge`.

    Raises:
        BadInput: the template parses but does not compile.

    """
    template = Template(source)
    for jump in jumps(template):
        raise BadInput(jump.message, place=jump.place, hint=jump.hint)
    return MaskJudge(
        template,
        policy,
        stops,
        fields,
        left_out,
        empty_thoughts,
        prompted_space=prompted_space,
        may_train_alike=may_train_alike,
    )
