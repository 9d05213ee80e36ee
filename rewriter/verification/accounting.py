"""Account for every source of a variant's text, or name it as not proven.

Sources that no conversation of a verification showed are forced to print, and the mask there is
judged like any other. Nothing that stays open is passed in silence.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final

from rewriter.conversations.coverage import Explorer
from rewriter.conversations.rendering import Rendered
from rewriter.errors import Place
from rewriter.source.lexer import Span
from rewriter.source.template import Block, Item
from rewriter.tracing.accounting import Account, Given, State
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.forced_accounting import Forced, Forcing
from rewriter.tracing.probes import further_probes, probes
from rewriter.tracing.sources import Source
from rewriter.tracing.unlisted_conversations import conversations_with, with_each_key
from rewriter.verification.broken import Broken
from rewriter.verification.mask import MaskJudge

_WIDTH: Final = 48
_OPEN: Final = (State.OPEN, State.ONE_SIDED, State.NOT_TAKEN_OVER, State.NOT_ITS_OWN)
# The branches that are the body of a clause.
_BODIES: Final = frozenset({"then", "else", "item"})
# Outside the mask. In a generation block, such a source was never seen to print.
_NOT_TRAINED: Final = (State.OUTSIDE, State.ANOTHER_ROLE, State.PROMPT)


@dataclass(frozen=True, slots=True)
class Accounted:
    """A source of the variant's text, with why it is accounted for, or that it is not.

    Attributes:
        text: the source, as written.
        offset: its offset in the variant.
        place: its place, for messages.
        state: what is known about it.
        tests: the lines of the tests that lead to it.

    """

    text: str
    offset: int
    place: Place
    state: State
    tests: tuple[int, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether too little is known about it."""
        return self.state in _OPEN

    @property
    def is_of_original(self) -> bool:
        """Whether it, and its place, are in the original rather than the variant."""
        return self.state is State.NOT_TAKEN_OVER

    def __str__(self) -> str:
        return f"line {self.place.line}: {self.text}: {self.state}"


@dataclass(frozen=True, slots=True)
class ForcedFault:
    """A promise that the mask breaks when tests are forced.

    Attributes:
        fault: the promise, and the piece that is wrong.
        conversation: the conversation that was rendered.
        lines: the lines of the tests that were forced.

    """

    fault: Broken
    conversation: Conversation
    lines: tuple[int, ...]


def account_of(
    masks: MaskJudge, explorer: Explorer
) -> tuple[tuple[Accounted, ...], tuple[ForcedFault, ...]]:
    """The account of a variant that ``masks`` has judged on conversations, and the faults in it.

    ``explorer`` knows its unreachable branches.
    """
    account = masks.account
    forcing = Forcing(account)
    faults: list[ForcedFault] = []
    if account.open:
        _settle_dead(account, masks, explorer)
        for given in _reached(account, masks, explorer):
            faults += _shown_faults(account, masks, given)
    if account.open:
        for given in _more(account, masks):
            faults += _shown_faults(account, masks, given)
        for given in account.in_any_order():
            faults += _shown_faults(account, masks, given, closely=True)
        faults += _forced_faults(masks, forcing.unshown())
    faults += _forced_faults(masks, forcing.assigned())
    return tuple(_accounted(masks, account)), tuple(faults)


def _forced_faults(masks: MaskJudge, renders: Iterable[Forced]) -> Iterator[ForcedFault]:
    for forced in renders:
        lines = _lines(masks, forced.template.forces)
        conversation = Conversation.given(forced.messages, forced.options)
        for fault in masks.forced_faults(forced):
            yield ForcedFault(fault, conversation, lines)


def _shown_faults(
    account: Account, masks: MaskJudge, given: Given, *, closely: bool = False
) -> Iterator[ForcedFault]:
    """The faults in a conversation that shows something new, or ``closely`` in any."""
    messages, options = given
    trace = masks.traced.attempted(messages, **options)
    if trace is None:
        account.note_refused(messages, options)
    elif account.note(trace, messages, options) or closely:
        conversation = Conversation.given(messages, options)
        for fault in masks.faults(conversation, Rendered(trace.text, trace.generated)):
            yield ForcedFault(fault, conversation, ())


def _reached(account: Account, masks: MaskJudge, explorer: Explorer) -> Iterator[Given]:
    """The conversations that reached the branches of open sources."""
    wanted = {_tag(masks, source) for source in account.open}
    arms = {span.start for s in account.open if (span := masks.traced.template.outer(s.node))}
    for number, branch in enumerate(explorer.template.branches):
        if branch.at in arms or not wanted.isdisjoint(branch.outputs):
            for sight in explorer.sights(number, assistant=True):
                yield sight.conversation.messages, sight.conversation.options


def _more(account: Account, masks: MaskJudge) -> Iterator[Given]:
    """Conversations with every key that the template reads, and others that it may refuse."""
    keyed = chain(conversations_with(masks.traced.unlisted), with_each_key(masks.traced.template))
    given = ((each.messages, each.options) for each in keyed)
    for each in chain(given, probes(), further_probes((), documents=True)):
        if not account.open:
            return
        yield each


def _settle_dead(account: Account, masks: MaskJudge, explorer: Explorer) -> None:
    """Settle the sources in unreachable branches."""
    template = masks.traced.template
    branches = explorer.template.branches
    dead = {at for number in explorer.impossible for at in branches[number].outputs}
    arms = {branches[n].at for n in explorer.impossible if branches[n].kind in ("first", "second")}
    begun = {branches[n].at for n in explorer.impossible if branches[n].kind in _BODIES}
    bodies = tuple(_bodies(template.items, begun))
    for source in account.open:
        span = template.outer(source.node)
        is_dead = _tag(masks, source) in dead or any(body.holds(source.at) for body in bodies)
        if is_dead or (span is not None and span.start in arms):
            account.settle(source, State.DEAD)


def _bodies(items: Iterable[Item], begun: Container[int]) -> Iterator[Span]:
    """The spans of the bodies of clauses whose tags begin at some offsets."""
    for block in (item for item in items if isinstance(item, Block)):
        for clause, body in zip(block.clauses, block.bodies, strict=True):
            if clause.tag.span.start in begun:
                yield body
            else:
                yield from _bodies(clause.body, begun)


def _tag(masks: MaskJudge, source: Source) -> int:
    """The offset of the output tag, or of the text, that a source is in."""
    if source.kind == "text":
        return source.at
    return max((at for at in masks.traced.template.output_tags if at <= source.at), default=-1)


def _accounted(masks: MaskJudge, account: Account) -> Iterator[Accounted]:
    text = masks.traced.template.text
    blocks = tuple(_generation_blocks(masks.traced.template.items))
    for source, state in account.states:
        is_unseen = state in _NOT_TRAINED and not account.is_evaluated(source)
        if is_unseen and any(block.holds(source.at) for block in blocks):
            is_dead = account.places.is_of_no_role(source)
            state = State.DEAD if is_dead else State.NOT_ITS_OWN
        span = masks.traced.template.outer(source.node)
        end = span.end if span else source.at + _WIDTH
        written = " ".join(text[source.at : min(end, source.at + _WIDTH)].split())
        numbers = {answer.decision: answer.holds for answer in source.answers}
        place = Place.at(text, source.at)
        yield Accounted(written, source.at, place, state, _lines(masks, numbers))


def _generation_blocks(items: Iterable[Item]) -> Iterator[Span]:
    for item in items:
        if isinstance(item, Block):
            if item.keyword == "generation":
                yield item.bodies[0]
            for clause in item.clauses:
                yield from _generation_blocks(clause.body)


def _lines(masks: MaskJudge, decisions: Iterable[int]) -> tuple[int, ...]:
    """The lines of some decisions."""
    found = (masks.traced.sources.decisions[number].node.lineno for number in decisions)
    return tuple(dict.fromkeys(found))
