"""Account for sources of text by forcing the tests that lead to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from typing import Any, Final, NamedTuple

from rewriter.tracing.accounting import Account, Given, Messages, State
from rewriter.tracing.arms import reads
from rewriter.tracing.forced_renders import ForcedRender
from rewriter.tracing.probes import in_any_order
from rewriter.tracing.render import TracedTemplate
from rewriter.tracing.role_tests import roles_asked
from rewriter.tracing.shown_sources import is_noted
from rewriter.tracing.source_places import ASSISTANT, Way
from rewriter.tracing.sources import Answer, Source
from rewriter.tracing.split_texts import said_in_parts, split_at
from rewriter.tracing.trace import Trace

# The most ways to one source to try; macros that are called from more places are rare.
_MOST_WAYS: Final = 4
# How many conversations that showed nothing new to try as well.
_MOST_OTHERS: Final = 16
# On how many conversations to look at a source, since the text around it may differ.
_ENOUGH: Final = 3


class Forced(NamedTuple):
    """A forced template, and a conversation on which it shows what only forcing shows."""

    template: TracedTemplate
    messages: Messages
    options: Mapping[str, Any]
    sources: frozenset[int]


@dataclass(slots=True)
class _Tried:
    """The outcomes of the conversations on which one way was forced."""

    shown: bool = False
    # Evaluated, but not printed.
    is_empty: bool = False
    raised: int = 0
    refused: int = 0
    rendered: int = 0

    def note(self, forced: ForcedRender, way: Way, messages: Messages) -> None:
        """Record an error, which only counts at the end of the way."""
        if not _is_anothers(forced.turn, messages) and forced.took(way):
            self.refused += forced.is_refused
            self.raised += not forced.is_refused


class Forcing:
    """Forces the open sources of an account, and settles those that this shows."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._traced = account.traced
        self._sources = account.traced.sources.sources
        self._places = account.places

    def unshown(self, *, thoroughly: bool = True) -> Iterator[Forced]:
        """Force sources that were not shown, and yield each conversation that then shows something.

        With ``thoroughly``, also settle sources that stay unshown for a known reason.
        """
        tried: set[object] = set()
        for source in self._sources:
            place = source.answers, source.macro, source.target, source.kind == "read"
            if self._account.state(source) is State.OPEN and place not in tried:
                tried.add(place)
                yield from self._forced(source, thoroughly=thoroughly)

    def assigned(self) -> Iterator[Forced]:
        """Force sources that were assigned only in others' turns, if message text decides that.

        Yield each conversation in which the assistant's text has it assigned in its turn.
        """
        given = (*self._account.telling, *_by_roles(self._account.others))
        alike: dict[object, list[Source]] = {}
        for source in [
            self._sources[number] for number in sorted(self._account.assigned_by_others)
        ]:
            place = source.answers, source.macro, source.target
            alike.setdefault(place, []).append(source)
        for sources in (each for each in alike.values() if each[0].answers):
            yield from islice(self._along_assigned(sources, given), _ENOUGH)

    def _along_assigned(
        self, sources: Sequence[Source], given: Sequence[Given]
    ) -> Iterator[Forced]:
        """The conversations in which it is evaluated that is assigned in one place."""
        renders = self._traced.forced_renders
        numbers = frozenset(source.number for source in sources)
        for way in self._ways(sources[0]):
            for messages, options in given:
                forced = renders.along(way, messages, options, own=True, softly=True)
                if forced.trace and is_noted(forced.trace.evaluated, sources[0], messages):
                    yield Forced(forced.template, messages, options, numbers)

    def _forced(self, source: Source, *, thoroughly: bool) -> Iterator[Forced]:
        tried, more, least = _Tried(), _Tried(), _Tried()
        if ways := tuple(self._ways_left_open(source)):
            yield from self._until_shown(source, [self._account.telling], least, ways)
        if not self._account.is_settled(source):
            sets = self._sets(source, thoroughly=thoroughly)
            yield from self._until_shown(source, sets, tried, tuple(self._ways(source)))
        if not (tried.shown or self._account.is_settled(source)):
            # A further contradiction with the data does not explain why it is not shown.
            sets = self._with_what_it_needs(source)
            yield from self._until_shown(source, sets, more, tuple(self._ways(source)))
        is_shown = tried.shown or more.shown or self._account.is_settled(source)
        if is_shown or not thoroughly:
            return
        if self._places.asks_of_other_turns(source) and not self._account.is_evaluated(source):
            if self._raises_in_any_order(source):
                self._account.settle_alike(source, State.RAISES)
            return
        if tried.rendered and not tried.raised and not tried.is_empty:
            # Every question that may have another answer was forced, so the speaker decides.
            self._account.settle_alike(source, State.ANOTHER_ROLE)
        elif tried.refused and not tried.raised and not tried.rendered:
            self._account.settle_alike(source, State.RAISES)

    def _until_shown(
        self, source: Source, sets: Iterable[Sequence[Given]], tried: _Tried, ways: Sequence[Way]
    ) -> Iterator[Forced]:
        """Force a source on one set of conversations after another, until one shows it."""
        for given in sets:
            for way in ways:
                yield from self._along(way, source, given, tried)
                if tried.shown:
                    return

    def _raises_in_any_order(self, source: Source) -> bool:
        """Whether some orders of speakers reach a source, but the template refuses all of these."""
        ways = list(islice(self._places.ways(source), _MOST_WAYS))
        found = False
        for messages, options in in_any_order(roles_asked(self._traced.template.tree)):
            rendered = self._traced.forced_renders.along((), messages, options)
            if any(rendered.took(way) for way in ways):
                if not rendered.is_refused:
                    return False
                found = True
        return found

    def _sets(self, source: Source, *, thoroughly: bool) -> Iterator[Sequence[Given]]:
        """Sets of conversations that may show a source with forced tests, in the order to try."""
        yield self._that_set(self._account.nobodys(source))
        yield self._account.telling
        rest = (
            (self._account.others, self._account.refused)
            if thoroughly
            else (self._account.refused, self._account.others)
        )
        yield _by_roles(chain(*rest))
        if source.kind == "read":
            yield self._with_keys(reads(source.node) - self._account.unlisted)

    def _with_what_it_needs(self, source: Source) -> Iterator[Sequence[Given]]:
        """Further sets of conversations, with what the source reads or splits in every place."""
        if separators := split_at(self._traced.template.tree):
            telling = self._account.telling
            yield [(said_in_parts(each, separators), options) for each, options in telling]
        if source.kind == "read":
            yield self._that_set(reads(source.node))
            yield self._holding(reads(source.node))

    def _that_set(self, names: frozenset[str]) -> Sequence[Given]:
        """Conversations in which some keys or variables are set, those with the most first."""
        account = self._account
        every = (*account.telling, *account.others, *account.refused) if names else ()
        first = sorted(every, key=lambda given: -_how_many(names, given))[:_MOST_OTHERS]
        return [given for given in first if _how_many(names, given)]

    def _with_keys(self, names: Iterable[str]) -> Sequence[Given]:
        """Conversations in which the assistant's messages have keys that no message has."""
        known = {key for messages, _ in self._account.telling for each in messages for key in each}
        missing = {name: name for name in sorted(names) if name not in known}
        if not missing:
            return ()
        return [
            ([{**missing, **m} if m.get("role") == ASSISTANT else m for m in messages], options)
            for messages, options in self._account.telling
        ]

    def _holding(self, names: Iterable[str]) -> Sequence[Given]:
        """Conversations in which the assistant's text is under some keys."""
        kept = {"content": {name: name for name in sorted(names)}}
        return [
            ([{**m, **kept} if m.get("role") == ASSISTANT else m for m in messages], options)
            for messages, options in self._account.telling
        ]

    def _along(
        self, way: Way, source: Source, given: Sequence[Given], tried: _Tried
    ) -> Iterator[Forced]:
        shown = 0
        for messages, options in given:
            # A forced answer may raise in another's turn, but not in the assistant's.
            for own in (False, True):
                forced = self._traced.forced_renders.along(way, messages, options, own=own)
                if forced.trace is not None or not _is_anothers(forced.turn, messages):
                    break
            trace = forced.trace
            if trace is None:
                tried.note(forced, way, messages)
                continue
            tried.rendered += 1
            new = self._account.take(trace, messages, State.FORCED)
            is_evaluated = is_noted(trace.evaluated, source, messages)
            is_shown = self._account.is_settled(source) and is_evaluated
            tried.is_empty |= is_noted(trace.empty, source, messages)
            tried.is_empty |= is_evaluated and not is_shown
            if new or is_shown:
                tried.shown = True
                shown += 1
                yield Forced(forced.template, messages, options, self._forced_in(trace))
                if shown == _ENOUGH:
                    return

    def _forced_in(self, trace: Trace) -> frozenset[int]:
        """The sources that a trace shows, and that only forcing has shown."""
        found = (self._account.source_of(key) for key, _ in trace.evaluated)
        return frozenset(
            each.number
            for each in found
            if each is not None and self._account.state(each) is State.FORCED
        )

    def _ways(self, source: Source) -> Iterator[Way]:
        """The answers that lead to a source: first only those never seen, then all of them.

        Between them, also those that only forced tests gave: what forced them may be another test.
        """
        answers, forced = self._account.answers, self._account.forced_answers
        yield from self._ways_without(source, answers | forced, answers, frozenset())

    def _ways_left_open(self, source: Source) -> Iterator[Way]:
        """The same, but what a test that reads alike answers by itself is left to conversations."""
        answers = self._account.answers
        alike = {(self._written[number], holds) for number, holds in answers}
        way = chain.from_iterable(self._places.ways(source))
        asked = {each for each in way if (self._written[each.decision], each.holds) in alike}
        if not asked <= answers:
            yield from self._ways_without(source, asked, asked - answers)

    def _ways_without(self, source: Source, *known: Set[Answer]) -> Iterator[Way]:
        whole = list(islice(self._places.ways(source), _MOST_WAYS))
        ways = (tuple(a for a in way if a not in left) for left in known for way in whole)
        yield from dict.fromkeys(way for way in ways if way)

    @cached_property
    def _written(self) -> Sequence[str]:
        """Each decision as it is written, by its number."""
        return [repr(each.node) for each in self._traced.sources.decisions]


def _how_many(names: Iterable[str], given: Given) -> int:
    """How many of some keys and variables a conversation has; schemas of tools have many."""
    messages, options = given
    written = repr((messages, {name: options[name] for name in options if name != "tools"}))
    return sum(repr(name) in written for name in names)


def _by_roles(given: Iterable[Given]) -> Sequence[Given]:
    """One of some conversations for each order of speakers, and form of what they say."""
    found: dict[object, Given] = {}
    for messages, options in given:
        said = tuple((each.get("role"), type(each.get("content"))) for each in messages)
        found.setdefault((said, bool(options.get("tools"))), (messages, options))
    return list(found.values())[:_MOST_OTHERS]


def _is_anothers(turn: int | None, messages: Messages) -> bool:
    return turn is not None and messages[turn].get("role") != ASSISTANT
