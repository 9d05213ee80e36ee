"""Check that a variant's mask holds what the assistant generates, and nothing else.

It goes by the origin of each character, and never searches for strings, since message text may look
like anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, takewhile
from typing import Final
from typing import Literal as OneOf

from rewriter.conversations.rendering import Rendered
from rewriter.source.template import Template
from rewriter.tracing.accounting import Account
from rewriter.tracing.clock import at_time
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.fields import LISTED, Fields
from rewriter.tracing.forced_accounting import Forced
from rewriter.tracing.origins import Literal
from rewriter.tracing.render import TracedTemplate
from rewriter.tracing.trace import Trace
from rewriter.turns.alike_roles import is_printed_alike
from rewriter.turns.headers import agreement
from rewriter.turns.parts import (
    ASSISTANT,
    OUTSIDE,
    UNTOLD,
    EmptyThoughts,
    Policy,
    empty_thoughts_under,
)
from rewriter.turns.stop_headers import Stops, stops_printed
from rewriter.turns.turns import Turns
from rewriter.verification.blame import culprit
from rewriter.verification.broken import Broken
from rewriter.verification.first_blocks import FIRST_BLOCK, is_first_lost
from rewriter.verification.labelled_render import LabelledRender
from rewriter.verification.prompted_space import PromptedSpace, may_be_generated

TRACED_ALIKE: Final = "tracing prints the text and the mask that transformers prints"


class MaskJudge:
    """Judges the masks of one template under one policy.

    ``stops`` are texts that end its turns and also begin the next: the declared ones or, if nothing
    can declare them, those that end the template's last turn. ``fields`` say who writes each key
    and variable. Turns of messages whose value for the key ``left_out`` is not true have no mask.
    ``empty_thoughts`` says who writes those that the template inserts. ``prompted_space`` says
    where white space that the generation prompt prints may be. With ``may_train_alike`` a mask may
    hold the turns of unusual roles that print just what an answer of the assistant prints.
    """

    def __init__(
        self,
        source: Template | str,
        policy: Policy,
        stops: Stops | OneOf["printed"] | None = None,
        fields: Fields = LISTED,
        left_out: str = "",
        empty_thoughts: EmptyThoughts | None = None,
        *,
        prompted_space: PromptedSpace = "anywhere",
        may_train_alike: bool = True,
    ) -> None:
        self.may_train_alike = may_train_alike
        self._prompted_space = prompted_space
        self._left_out = left_out
        self._alike: dict[str, bool] = {}
        self.empty_thoughts = empty_thoughts_under(policy, empty_thoughts)
        self.traced = TracedTemplate(source, fields)
        found = stops_printed(self.traced) if stops == "printed" else stops
        self.stops = found
        self._turns = self._turns_of(self.traced)
        self.policy = policy
        self.account = Account(self.traced)

    def broken(self, conversation: Conversation, rendered: Rendered) -> tuple[str, ...]:
        """The promises that the mask breaks on a conversation that the template renders."""
        faults = self.faults(conversation, rendered)
        return tuple(dict.fromkeys(fault.promise for fault in faults))

    def faults(self, conversation: Conversation, rendered: Rendered) -> tuple[Broken, ...]:
        """Each promise that the mask breaks, once for each piece of the source that breaks it."""
        labelled = self._labels_alike(conversation, rendered)
        if isinstance(labelled, str):
            return (Broken(labelled),)
        found: dict[tuple[str, int | None], Broken] = {}
        for promise, at in chain(
            labelled.broken(rendered.mask, self.policy),
            self._space_held(conversation, labelled, rendered),
        ):
            blamed = None if at is None else culprit(self.traced, labelled.trace, at)
            fault = Broken(promise, at, printed=blamed.piece if blamed else None)
            found.setdefault((promise, fault.printed), fault)
        return tuple(found.values())

    def _space_held(
        self, conversation: Conversation, labelled: LabelledRender, rendered: Rendered
    ) -> Iterator[tuple[str, int]]:
        if self._prompted_space == "anywhere":
            return
        for promise, at in labelled.prompted_space(rendered.mask):
            if self._prompted_space == "outside" or not may_be_generated(
                self._turns, conversation, labelled.trace, at
            ):
                yield promise, at

    def forced_faults(self, forced: Forced) -> Iterator[Broken]:
        """Each promise that the mask breaks in text that only forced tests show.

        Text that is also read without forcing counts only where the mask holds it under these
        answers alone.
        """
        labelled = self._forced_labels(forced, forced.template)
        if labelled is None:
            return
        usual = self._forced_labels(forced, self.traced)
        known = {(each.turn, each.origin) for each in usual.trace.runs} if usual else set()
        sources = [self.traced.sources.sources[number] for number in forced.sources]
        shown = {source.at for source in sources}
        tags = {_tag_of(self.traced, source.at) for source in sources if source.target is None}
        is_passed_on = any(source.target is not None for source in sources)
        for promise, at in labelled.broken(labelled.trace.generated, self.policy):
            runs = labelled.trace.runs if at is not None else ()
            run = next((each for each in runs if at in range(each.start, each.end)), None)
            if run is None:
                continue
            if isinstance(run.origin, Literal):
                is_new = run.origin.at in shown
            else:
                through = is_passed_on or not tags.isdisjoint(run.sites)
                is_new = through and (run.turn, run.origin) not in known
            if is_new or (run.sites and run.sites[-1] in tags):
                blamed = culprit(self.traced, labelled.trace, run.start)
                yield Broken(promise, printed=blamed.piece if blamed else None)

    def _forced_labels(self, forced: Forced, traced: TracedTemplate) -> LabelledRender | None:
        """The labels of a forced render, or of the unforced render of its conversation."""
        roles = tuple(str(message.get("role")) for message in forced.messages)
        turns = self._turns_of(traced)
        parts = turns.attempted(forced.messages, **forced.options)
        if parts is None:
            return None
        cue, late = turns.prompts.usual, parts.late
        return LabelledRender(parts.trace, parts.kinds, roles, cue, late, self.empty_thoughts)

    def _turns_of(self, traced: TracedTemplate) -> Turns:
        return Turns(traced, stops=self.stops, empty_thoughts=self.empty_thoughts)

    def every_fault(
        self, conversation: Conversation, rendered: Rendered
    ) -> tuple[tuple[str, int | None], ...]:
        """Each promise that the mask breaks, with every character that breaks it, in order."""
        labelled = self._labels_alike(conversation, rendered)
        if isinstance(labelled, str):
            return ((labelled, None),)
        return tuple(labelled.broken(rendered.mask, self.policy))

    def _labels_alike(self, conversation: Conversation, rendered: Rendered) -> LabelledRender | str:
        """The labels, or a broken promise if tracing prints something other than the render."""
        with at_time(conversation.now):
            labelled = self._labels(conversation)
        if labelled is None or labelled.trace.text != rendered.text:
            return TRACED_ALIKE
        if labelled.trace.generated == rendered.mask:
            return labelled
        lost = is_first_lost(labelled.trace.generated, rendered.mask)
        return FIRST_BLOCK if lost else TRACED_ALIKE

    def _labels(self, conversation: Conversation) -> LabelledRender | None:
        """The labels; ``None`` if the conversation renders but raises when traced."""
        labelled = self._labels_of_all(conversation)
        if labelled is None:
            return None
        left_out = {
            index
            for index, message in enumerate(conversation.messages)
            if labelled.roles[index] == ASSISTANT and not message.get(self._left_out, True)
        }
        strangers = {
            index
            for index, role in enumerate(labelled.roles)
            if self.may_train_alike and role != ASSISTANT and self._is_printed_alike(role)
        }
        return labelled.without(left_out).with_or_without(strangers)

    def _is_printed_alike(self, role: str) -> bool:
        """Whether the template takes this role for the assistant's, so either mask is right."""
        if role not in self._alike:
            self._alike[role] = is_printed_alike(self.traced, role)
        return self._alike[role]

    def _labels_of_all(self, conversation: Conversation) -> LabelledRender | None:
        messages, options = conversation.messages, conversation.options
        roles = tuple(str(message.get("role")) for message in messages)
        if not conversation.add_generation_prompt:
            parts = self._turns.attempted(messages, **options)
            if parts is None:
                return None
            self.account.note(parts.trace, messages, options)
            cue, late = self._turns.prompts.usual, parts.late
            whole = LabelledRender(parts.trace, parts.kinds, roles, cue, late, self.empty_thoughts)
            return whole.without(parts.retold)
        trace = self.traced.attempted(messages, add_generation_prompt=True, **options)
        if trace is None:
            return None
        kinds, late, retold = self._alike_without_prompt(trace, conversation)
        after = (
            (UNTOLD if run.turn is not None and roles[run.turn] == ASSISTANT else OUTSIDE)
            * (run.end - max(run.start, len(kinds)))
            for run in trace.runs
            if run.end > len(kinds)
        )
        labels = kinds + "".join(after)
        cue, chosen = self._turns.prompts.usual, self.empty_thoughts
        render = LabelledRender(trace, labels, roles, cue, late, chosen, is_prompted=True)
        return render.without(retold)

    def _alike_without_prompt(
        self, trace: Trace, conversation: Conversation
    ) -> tuple[str, frozenset[int], frozenset[int]]:
        """The labels of text that is also printed without a generation prompt.

        The text must be in the same turns, but other source may print it. Also the places of late
        ends there, and the answers that are retold.
        """
        bare = self._turns.attempted(conversation.messages, **conversation.options)
        if bare is None:
            return "", frozenset(), frozenset()
        self.account.note(bare.trace, conversation.messages, conversation.options)
        end = max(_alike(trace, bare.trace), _alike_in_turns(trace, bare.trace))
        return bare.kinds[:end], frozenset(at for at in bare.late if at < end), bare.retold


def _alike(trace: Trace, bare: Trace) -> int:
    """How many characters two renders have in common, printed by the same source."""
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(trace.runs, bare.runs, strict=False))
    return max((run.end for run, _ in pairs), default=0)


def _alike_in_turns(trace: Trace, bare: Trace) -> int:
    """How many characters they have in common in the same turns, whatever prints them.

    After all turns, the prompt may continue a message.
    """
    end = min(trace.last_turn_end, bare.last_turn_end, agreement(trace.text, bare.text))
    for run, same in zip(_by_turns(trace), _by_turns(bare), strict=False):
        if run != same:
            return min(end, run[0], same[0])
    return end


def _by_turns(trace: Trace) -> Iterator[tuple[int, int | None]]:
    """The start of each stretch of text in one turn, with the turn."""
    turn: int | None = -1
    for run in trace.runs:
        if run.turn != turn:
            turn = run.turn
            yield run.start, turn


def _tag_of(traced: TracedTemplate, at: int) -> int:
    """The offset of the output tag at, or before, an offset."""
    return max((tag for tag in traced.template.output_tags if tag <= at), default=-1)
