"""Judge a variant on one conversation, against its original or by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, Literal, Protocol

from rewriter.conversations.first_look import FirstLook, Outcomes
from rewriter.conversations.rendering import Outcome, Raised, Rendered, render
from rewriter.errors import BadInput
from rewriter.source.template import Template
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.fields import LISTED, Fields
from rewriter.tracing.render import TracedTemplate
from rewriter.turns.parts import ASSISTANT, EmptyThoughts, Policy
from rewriter.turns.stop_headers import Stops
from rewriter.verification.blame import printed_by
from rewriter.verification.contracts import KEPT_TURNS, SAME_TEXT, Contract
from rewriter.verification.faults import Departure, Fault, printed_wrongly
from rewriter.verification.kept_turns import is_answered, without_stop
from rewriter.verification.mask import MaskJudge, PromptedSpace
from rewriter.verification.preconditions.jumps import jumps
from rewriter.verification.spans import first_out_of_order, has_empty

RENDERS: Final = "the template renders a conversation that it is verified on"


@dataclass(frozen=True, slots=True)
class Broken:
    """A broken promise.

    Attributes:
        promise: the promise.
        at: the first character of the variant's text that breaks it, if there is one.
        texts: the expected and the printed text, if they differ.
        printed: the piece of the variant's source that printed the character, if known already.

    """

    promise: str
    at: int | None = None
    texts: tuple[str, str] = ("", "")
    printed: int | None = None


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
        return unrendered or _has_odd_spans(outcomes.variant)

    def differs(self, outcomes: Outcomes) -> bool:
        """Never: there is no text to compare with."""
        return outcomes.original is not None

    def fault(self, conversation: Conversation, broken: Broken) -> Fault:
        """The fault, identified by the source of the wrong text."""
        return _of_variant(self.masks.traced, conversation, broken)

    def judged(
        self, conversation: Conversation, original: Outcome | None = None, *, masks: bool = True
    ) -> Verdict:
        """The verdict on the template's text and mask."""
        outcome = render(self.source, conversation)
        if isinstance(outcome, Rendered):
            found = _mask_faults(self.masks, conversation, outcome) if masks else ()
            broken = tuple(found)
        else:
            broken = (Broken(RENDERS),) if self.must_render else ()
        return Verdict(original, outcome, broken)


@dataclass(frozen=True)
class PairJudge:
    """Judges a variant against its original and its contract."""

    original: str
    variant: str
    contract: Contract
    masks: MaskJudge
    must_render: bool = False
    is_masked: bool = True

    def first_look(self) -> FirstLook:
        """What looks at conversations for it."""
        return FirstLook(self.original, self.variant)

    def suspects(self, outcomes: Outcomes) -> bool:
        """Whether the outcomes show a broken promise: another text, or wrong spans."""
        unrendered = self.must_render and isinstance(outcomes.original, Raised)
        return self.differs(outcomes) or unrendered or _has_odd_spans(outcomes.variant)

    def differs(self, outcomes: Outcomes) -> bool:
        """Whether the text differs from the promised one, or one of the two raises."""
        assert outcomes.original is not None, "a pair has an original"
        given = outcomes.conversation, outcomes.original, outcomes.variant
        return self.contract.broken(*given) is not None

    def fault(self, conversation: Conversation, broken: Broken) -> Fault:
        """The fault, identified by the sources of the wrong and of the missing text."""
        if broken.promise != SAME_TEXT or broken.at is None:
            return _of_variant(self.masks.traced, conversation, broken)
        departure = Departure(
            broken.at,
            *broken.texts,
            missing=printed_by(self.traced_original, conversation, broken.at),
            surplus=printed_by(self.masks.traced, conversation, broken.at),
            roles=tuple(str(message.get("role")) for message in conversation.messages),
        )
        return departure.fault(broken.promise)

    @cached_property
    def traced_original(self) -> TracedTemplate:
        """The original, ready to tell what printed a character."""
        return TracedTemplate(self.original)

    def judged(
        self, conversation: Conversation, original: Outcome | None = None, *, masks: bool = True
    ) -> Verdict:
        """The verdict on both texts, and the variant's mask."""
        original = original or render(self.original, conversation)
        variant = render(self.variant, conversation)
        broken = self._broken(conversation, original, variant, masks=masks)
        return Verdict(original, variant, tuple(broken))

    def _broken(
        self, conversation: Conversation, original: Outcome, variant: Outcome, *, masks: bool
    ) -> Iterator[Broken]:
        if self.must_render and isinstance(original, Raised):
            yield Broken(RENDERS)
        if promise := self.contract.broken(conversation, original, variant):
            yield self._difference(promise, conversation, original, variant)
        if masks and isinstance(variant, Rendered):
            if self.is_masked:
                yield from _mask_faults(self.masks, conversation, variant)
            at = self._changed_turn(conversation, variant) if self.contract.keeps_turns else None
            if at is not None:
                yield Broken(KEPT_TURNS, at)

    def _difference(
        self, promise: str, conversation: Conversation, original: Outcome, variant: Outcome
    ) -> Broken:
        """The broken promise, with the first character that differs if both rendered."""
        expected = self.contract.expected(conversation, original)
        if not (isinstance(expected, Rendered) and isinstance(variant, Rendered)):
            return Broken(promise)
        texts = expected.text, variant.text
        return Broken(promise, _first_difference(*texts), texts)

    def _changed_turn(self, conversation: Conversation, variant: Rendered) -> int | None:
        """Where the text changes an assistant's turn of a shorter conversation."""
        messages = conversation.messages
        if conversation.add_generation_prompt:
            return None
        for end in range(1, len(messages)):
            if messages[end - 1].get("role") == ASSISTANT and is_answered(messages, end):
                shorter = replace(conversation, messages=messages[:end])
                before = render(self.variant, shorter)
                if isinstance(before, Raised):
                    continue
                kept = without_stop(shorter, before.text, self.contract.stops)
                if not variant.text.startswith(kept):
                    return _first_difference(kept, variant.text)
        return None


def mask_judge(
    source: str,
    policy: Policy,
    stops: Stops | Literal["printed"] | None = None,
    fields: Fields = LISTED,
    left_out: str = "",
    empty_thoughts: EmptyThoughts | None = None,
    *,
    prompted_space: PromptedSpace = "anywhere",
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
    )


def _mask_faults(
    masks: MaskJudge, conversation: Conversation, rendered: Rendered
) -> Iterator[Broken]:
    for fault in masks.faults(conversation, rendered):
        yield Broken(fault.promise, fault.at, printed=fault.printed)


def _of_variant(traced: TracedTemplate, conversation: Conversation, broken: Broken) -> Fault:
    """The fault of the variant's source that printed the wrong character, if there is one."""
    piece = broken.printed
    if piece is None and broken.at is not None:
        culprit = printed_by(traced, conversation, broken.at)
        piece = culprit.piece if culprit else None
    return printed_wrongly(broken.promise, piece)


def _has_odd_spans(outcome: Outcome) -> bool:
    """Whether spans are empty, or out of order."""
    if isinstance(outcome, Raised):
        return False
    return has_empty(outcome.mask) or first_out_of_order(outcome.mask) is not None


def _first_difference(expected: str, printed: str) -> int:
    """The index of the first character that differs; the length of the text that ends first."""
    pairs = enumerate(zip(expected, printed, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(expected), len(printed)))
