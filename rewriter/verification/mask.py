"""Whether a variant's mask holds what the assistant generates, and nothing else.

Judged by where each printed character comes from, never by searching for strings: what people
say may look like anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import Final
from typing import Literal as OneOf

from rewriter.conversations.rendering import Rendered
from rewriter.source.template import Template
from rewriter.tracing.accounting import Account
from rewriter.tracing.clock import told
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.fields import LISTED, Fields
from rewriter.tracing.forced_accounting import Forced
from rewriter.tracing.provenance import Literal
from rewriter.tracing.render import TracedTemplate
from rewriter.tracing.trace import Trace
from rewriter.turns.headers import agreement
from rewriter.turns.parts import (
    ASSISTANT,
    OUTSIDE,
    UNTOLD,
    EmptyThoughts,
    Policy,
)
from rewriter.turns.stop_headers import Stops, stops_printed
from rewriter.turns.turns import Turns
from rewriter.verification.blame import culprit
from rewriter.verification.first_blocks import FIRST_BLOCK, is_first_lost
from rewriter.verification.labelled_render import LabelledRender

TRACED_ALIKE: Final = "tracing prints the text and the mask that transformers prints"


@dataclass(frozen=True, slots=True)
class MaskFault:
    """A promise that a mask breaks.

    Attributes:
        promise: what should have held.
        at: the first wrong character, where there is one.
        printed: the piece of the source that printed it, where that is known.

    """

    promise: str
    at: int | None = None
    printed: int | None = None


class MaskJudge:
    """Judges the masks of one template under one policy.

    ``stops`` are what its turns end in where the next one begins with it: what is declared or,
    where there is nothing to declare it, what the template itself ends its last turn in.
    ``fields`` tell whose each key and variable is. Turns of messages that have something under the
    key ``left_out`` that is not true have no mask. ``empty_thoughts`` say whose those are that the
    template puts in.
    """

    def __init__(
        self,
        source: Template | str,
        policy: Policy,
        stops: Stops | OneOf["printed"] | None = None,
        fields: Fields = LISTED,
        left_out: str = "",
        empty_thoughts: EmptyThoughts | None = None,
    ) -> None:
        self._left_out = left_out
        self.empty_thoughts = empty_thoughts
        self.traced = TracedTemplate(source, fields)
        found = stops_printed(self.traced) if stops == "printed" else stops
        self.stops = found
        self._turns = self._told_by(self.traced)
        self.policy = policy
        self.account = Account(self.traced)

    def broken(self, conversation: Conversation, rendered: Rendered) -> tuple[str, ...]:
        """The promises that the mask breaks on a conversation that the template renders."""
        faults = self.faults(conversation, rendered)
        return tuple(dict.fromkeys(fault.promise for fault in faults))

    def faults(self, conversation: Conversation, rendered: Rendered) -> tuple[MaskFault, ...]:
        """Each promise that the mask breaks, once for each piece of the source that breaks it."""
        told = self._told_alike(conversation, rendered)
        if isinstance(told, str):
            return (MaskFault(told),)
        found: dict[tuple[str, int | None], MaskFault] = {}
        for promise, at in told.broken(rendered.mask, self.policy):
            blamed = None if at is None else culprit(self.traced, told.trace, at)
            fault = MaskFault(promise, at, blamed.piece if blamed else None)
            found.setdefault((promise, fault.printed), fault)
        return tuple(found.values())

    def forced_faults(self, forced: Forced) -> Iterator[MaskFault]:
        """Each promise that the mask breaks in what nothing but forced tests show.

        What is read there, and passed on, counts where the mask holds what it holds under no other
        answer.
        """
        told = self._told_when_forced(forced, forced.template)
        if told is None:
            return
        usual = self._told_when_forced(forced, self.traced)
        known = {(each.turn, each.origin) for each in usual.trace.runs} if usual else set()
        sources = [self.traced.sources.sources[number] for number in forced.sources]
        shown = {source.at for source in sources}
        tags = {_tag_of(self.traced, source.at) for source in sources if source.target is None}
        is_passed_on = any(source.target is not None for source in sources)
        for promise, at in told.broken(told.trace.generated, self.policy):
            runs = told.trace.runs if at is not None else ()
            run = next((each for each in runs if at in range(each.start, each.end)), None)
            if run is None:
                continue
            if isinstance(run.origin, Literal):
                is_new = run.origin.at in shown
            else:
                through = is_passed_on or not tags.isdisjoint(run.sites)
                is_new = through and (run.turn, run.origin) not in known
            if is_new or (run.sites and run.sites[-1] in tags):
                blamed = culprit(self.traced, told.trace, run.start)
                yield MaskFault(promise, None, blamed.piece if blamed else None)

    def _told_when_forced(self, forced: Forced, traced: TracedTemplate) -> LabelledRender | None:
        """What each character of a forced render's conversation is, or of the unforced one's."""
        roles = tuple(str(message.get("role")) for message in forced.messages)
        turns = self._told_by(traced)
        parts = turns.attempted(forced.messages, **forced.options)
        if parts is None:
            return None
        cue, late = turns.prompts.usual, parts.late
        return LabelledRender(parts.trace, parts.kinds, roles, cue, late, self.empty_thoughts)

    def _told_by(self, traced: TracedTemplate) -> Turns:
        return Turns(traced, stops=self.stops, empty_thoughts=self.empty_thoughts)

    def every_fault(
        self, conversation: Conversation, rendered: Rendered
    ) -> tuple[tuple[str, int | None], ...]:
        """Each promise that the mask breaks with each character at which it does, in order."""
        told = self._told_alike(conversation, rendered)
        if isinstance(told, str):
            return ((told, None),)
        return tuple(told.broken(rendered.mask, self.policy))

    def _told_alike(self, conversation: Conversation, rendered: Rendered) -> LabelledRender | str:
        """What each character is; a broken promise where tracing prints other than was rendered."""
        with told(conversation.now):
            kinds = self._told(conversation)
        if kinds is None or kinds.trace.text != rendered.text:
            return TRACED_ALIKE
        if kinds.trace.generated == rendered.mask:
            return kinds
        lost = is_first_lost(kinds.trace.generated, rendered.mask)
        return FIRST_BLOCK if lost else TRACED_ALIKE

    def _told(self, conversation: Conversation) -> LabelledRender | None:
        """What each character is; ``None`` where what renders raises when it is traced."""
        told = self._told_of_all(conversation)
        if told is None:
            return None
        left_out = {
            index
            for index, message in enumerate(conversation.messages)
            if told.roles[index] == ASSISTANT and not message.get(self._left_out, True)
        }
        return told.without(left_out) if left_out else told

    def _told_of_all(self, conversation: Conversation) -> LabelledRender | None:
        messages, options = conversation.messages, conversation.options
        roles = tuple(str(message.get("role")) for message in messages)
        if not conversation.add_generation_prompt:
            parts = self._turns.attempted(messages, **options)
            if parts is None:
                return None
            self.account.note(parts.trace, messages, options)
            cue, late = self._turns.prompts.usual, parts.late
            whole = LabelledRender(parts.trace, parts.kinds, roles, cue, late, self.empty_thoughts)
            return whole.without(parts.retold) if parts.retold else whole
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
        told = kinds + "".join(after)
        cue, chosen = self._turns.prompts.usual, self.empty_thoughts
        labelled = LabelledRender(trace, told, roles, cue, late, chosen, is_prompted=True)
        return labelled.without(retold) if retold else labelled

    def _alike_without_prompt(
        self, trace: Trace, conversation: Conversation
    ) -> tuple[str, frozenset[int], frozenset[int]]:
        """What each character is that is printed without a generation prompt too.

        Whatever prints it, in the same turns; with the places of late ends there, and the answers
        that are retold.
        """
        bare = self._turns.attempted(conversation.messages, **conversation.options)
        if bare is None:
            return "", frozenset(), frozenset()
        self.account.note(bare.trace, conversation.messages, conversation.options)
        end = max(_alike(trace, bare.trace), _alike_in_turns(trace, bare.trace))
        return bare.kinds[:end], frozenset(at for at in bare.late if at < end), bare.retold


def _alike(trace: Trace, bare: Trace) -> int:
    """How many characters two renders print alike, and the same places of the template do."""
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(trace.runs, bare.runs, strict=False))
    return max((run.end for run, _ in pairs), default=0)


def _alike_in_turns(trace: Trace, bare: Trace) -> int:
    """How many characters they print alike in the same turns, whatever does.

    Behind all turns the prompt may have what is said continued.
    """
    end = min(trace.last_turn_end, bare.last_turn_end, agreement(trace.text, bare.text))
    for run, same in zip(_by_turns(trace), _by_turns(bare), strict=False):
        if run != same:
            return min(end, run[0], same[0])
    return end


def _by_turns(trace: Trace) -> Iterator[tuple[int, int | None]]:
    """Where what is printed in one turn begins, with the turn."""
    turn: int | None = -1
    for run in trace.runs:
        if run.turn != turn:
            turn = run.turn
            yield run.start, turn


def _tag_of(traced: TracedTemplate, at: int) -> int:
    """The offset of the output tag that stands at, or before, an offset."""
    return max((tag for tag in traced.template.output_tags if tag <= at), default=-1)
