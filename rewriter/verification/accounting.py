"""Every source of text of a variant accounted for, or named as not proven.

What the conversations of a verification did not show is forced, and the mask there is judged as
any other. Nothing that stays open is passed in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from rewriter.conversations.coverage import Explorer
from rewriter.errors import Place
from rewriter.tracing.accounting import Account, Messages, State
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.probes import further_probes, probes
from rewriter.tracing.sources import Source
from rewriter.tracing.unlisted import conversations_with, with_each_key
from rewriter.verification.mask import MaskFault, MaskJudge

_WIDTH: Final = 48


@dataclass(frozen=True, slots=True)
class Accounted:
    """A source of text of the variant, and why it is accounted for, or that it is not.

    Attributes:
        text: the source, as it is written.
        offset: where in the variant it is.
        place: the same, as a person reads it.
        state: what is known of it.
        tests: the lines of the tests on the way to it.

    """

    text: str
    offset: int
    place: Place
    state: State
    tests: tuple[int, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether too little is known of it."""
        return self.state in (State.OPEN, State.ONE_SIDED, State.NOT_TAKEN_OVER)

    @property
    def is_of_original(self) -> bool:
        """Whether it stands in the original, and so does its place, and not in the variant."""
        return self.state is State.NOT_TAKEN_OVER

    def __str__(self) -> str:
        return f"line {self.place.line}: {self.text}: {self.state}"


@dataclass(frozen=True, slots=True)
class ForcedFault:
    """A promise that the mask breaks where tests are forced.

    Attributes:
        fault: the promise, and the piece that is wrong.
        conversation: what was rendered.
        lines: the lines of the tests that were forced.

    """

    fault: MaskFault
    conversation: Conversation
    lines: tuple[int, ...]


def accounted(
    masks: MaskJudge, explorer: Explorer
) -> tuple[tuple[Accounted, ...], tuple[ForcedFault, ...]]:
    """The account of a variant whose conversations ``masks`` has judged, and what is wrong in it.

    ``explorer`` knows which of its branches nothing reaches.
    """
    account = masks.account
    faults: list[ForcedFault] = []
    if account.open:
        _settle_dead(account, masks, explorer)
        _show_reached(account, masks, explorer)
    if account.open:
        _show_more(account, masks)
        for forced in account.force():
            lines = _lines(masks, forced.template.forces)
            conversation = Conversation.given(forced.messages, forced.options)
            faults += [
                ForcedFault(fault, conversation, lines) for fault in masks.forced_faults(forced)
            ]
    return tuple(_accounted(masks, account)), tuple(faults)


def _show_reached(account: Account, masks: MaskJudge, explorer: Explorer) -> None:
    """Trace the conversations that were seen to reach the branches of what is open.

    They were not judged closely, as nothing but what is evaluated there was new in them.
    """
    wanted = {_tag(masks, source) for source in account.open}
    arms = {span.start for s in account.open if (span := masks.traced.template.outer(s.node))}
    for number, branch in enumerate(explorer.template.branches):
        if branch.at in arms or not wanted.isdisjoint(branch.outputs):
            for sight in explorer.sights(number, assistant=True):
                _show(account, masks, sight.conversation.messages, sight.conversation.options)


def _show(
    account: Account, masks: MaskJudge, messages: Messages, options: Mapping[str, Any]
) -> None:
    trace = masks.traced.attempted(messages, **options)
    if trace is None:
        account.note_refused(messages, options)
    else:
        account.note(trace, messages, options)


def _show_more(account: Account, masks: MaskJudge) -> None:
    """Show conversations with every key that the template reads, and those that it may refuse."""
    keyed = chain(conversations_with(masks.traced.unlisted), with_each_key(masks.traced.template))
    given = ((each.messages, each.options) for each in keyed)
    for messages, options in chain(given, probes(), further_probes((), documents=True)):
        if not account.open:
            return
        _show(account, masks, messages, options)


def _settle_dead(account: Account, masks: MaskJudge, explorer: Explorer) -> None:
    """Settle what stands in branches that nothing reaches."""
    template = masks.traced.template
    branches = explorer.template.branches
    dead = {at for number in explorer.impossible for at in branches[number].outputs}
    arms = {branches[n].at for n in explorer.impossible if branches[n].kind in ("first", "second")}
    for source in account.open:
        span = template.outer(source.node)
        tag = _tag(masks, source)
        if tag in dead or (span is not None and span.start in arms):
            account.settle(source, State.DEAD)


def _tag(masks: MaskJudge, source: Source) -> int:
    """The offset of the output tag, or of the text, that a source stands in."""
    if source.kind == "text":
        return source.at
    return max((at for at in masks.traced.template.output_tags if at <= source.at), default=-1)


def _accounted(masks: MaskJudge, account: Account) -> Iterator[Accounted]:
    text = masks.traced.template.text
    for source, state in account.states:
        span = masks.traced.template.outer(source.node)
        end = span.end if span else source.at + _WIDTH
        written = " ".join(text[source.at : min(end, source.at + _WIDTH)].split())
        numbers = {answer.decision: answer.holds for answer in source.answers}
        place = Place.at(text, source.at)
        yield Accounted(written, source.at, place, state, _lines(masks, numbers))


def _lines(masks: MaskJudge, decisions: Iterable[int]) -> tuple[int, ...]:
    """The lines on which some decisions stand."""
    found = (masks.traced.sources.decisions[number].node.lineno for number in decisions)
    return tuple(dict.fromkeys(found))
