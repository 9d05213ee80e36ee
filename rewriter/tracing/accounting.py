"""What is known of each source of text of a template: the account that a proof must settle.

A source is accounted for once it was evaluated in an assistant's turn, where it is labelled and
judged, or once it is known why it never will be. What no conversation shows is forced.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import chain, islice
from typing import Any, Final, NamedTuple, TypeAlias

from jinja2 import nodes

from rewriter.tracing.arms import reads
from rewriter.tracing.fields import Whose
from rewriter.tracing.forced_renders import ForcedRender
from rewriter.tracing.probes import in_any_order
from rewriter.tracing.provenance import Field, Input, Unknown
from rewriter.tracing.render import TracedTemplate
from rewriter.tracing.role_tests import roles_asked
from rewriter.tracing.shown_sources import is_noted, prints
from rewriter.tracing.source_places import ASSISTANT, SourcePlaces, Way
from rewriter.tracing.sources import Answer, Source
from rewriter.tracing.trace import Trace

Messages: TypeAlias = Sequence[Mapping[str, Any]]
Given: TypeAlias = tuple[Messages, Mapping[str, Any]]

# So many ways to one source are tried; a macro that is called from more places is rare.
_MOST_WAYS: Final = 4
# So many conversations that told nothing new are tried as well.
_MOST_OTHERS: Final = 16
# A source is looked at on so many conversations, as what is printed around it may differ.
_ENOUGH: Final = 3


class State(StrEnum):
    """Why a source of text is accounted for, or that it is not."""

    SHOWN = "seen in an assistant's turn"
    FORCED = "seen in an assistant's turn once its tests were forced"
    ASSIGNED = "seen where it is assigned"
    OUTSIDE = "printed before all turns"
    ANOTHER_ROLE = "never printed in an assistant's turn, as the role decides"
    PROMPT = "printed for a generation prompt only"
    RAISES = "never printed, as the template raises there"
    DEAD = "never reached"
    NOT_ITS_OWN = "in a generation block, and never seen in an assistant's turn"
    OPEN = "never seen"
    ONE_SIDED = "always answered alike; answered otherwise, another text is printed"
    NOT_TAKEN_OVER = (
        "a test of the original's, always answered alike; otherwise it prints other text"
    )


_ELSEWHERE: Final = frozenset({State.OUTSIDE, State.ANOTHER_ROLE, State.PROMPT, State.DEAD})


class Forced(NamedTuple):
    """A forced template, and a conversation on which it shows what only forcing shows."""

    template: TracedTemplate
    messages: Messages
    options: Mapping[str, Any]
    sources: frozenset[int]


@dataclass(slots=True)
class _Tried:
    """What came of the conversations on which one way was forced."""

    shown: bool = False
    # Evaluated, and nothing of it printed.
    is_empty: bool = False
    raised: int = 0
    refused: int = 0
    rendered: int = 0

    def note(self, forced: ForcedRender, way: Way, messages: Messages) -> None:
        """Note what raised; before the way's end that tells nothing of what is there."""
        if not _is_anothers(forced.turn, messages) and forced.took(way):
            self.refused += forced.is_refused
            self.raised += not forced.is_refused


class Account:
    """The account of one template, of the conversations that it `note`s."""

    def __init__(self, traced: TracedTemplate) -> None:
        self._traced = traced
        self._inventory = traced.sources
        self._places = SourcePlaces(self._inventory)
        self._by_key = {source.key: source for source in self._inventory.sources}
        self._states: dict[int, State] = {}
        self._evaluated: set[int] = set()
        # What is assigned in others' turns, as far as conversations show.
        self._of_others: set[int] = set()
        self._answers: set[Answer] = set()
        self._output: list[Given] = []
        # Of these nothing was new, or the template raises; forced, they may show something yet.
        self._others: list[Given] = []
        self._refused: list[Given] = []

    @property
    def states(self) -> Sequence[tuple[Source, State]]:
        """Each source with what is known of it."""
        return [(each, self.state(each)) for each in self._inventory.sources]

    @property
    def open(self) -> Sequence[Source]:
        """The sources that are not accounted for."""
        return [source for source, state in self.states if state is State.OPEN]

    def in_any_order(self) -> Iterator[Given]:
        """Conversations of all orders of speakers that show what is open, and asks who else speaks.

        All of them, as what stands there may print for any speaker.
        """
        open_ = {s.key for s in self.open if self._places.asks_of_other_turns(s)}
        for given in in_any_order(roles_asked(self._traced.template.tree)) if open_ else ():
            trace = self._traced.attempted(given[0], **given[1])
            if trace and any(key in open_ for key, _ in trace.evaluated):
                yield given

    def state(self, source: Source) -> State:
        """What is known of a source."""
        found = self._state_where_it_stands(source)
        is_elsewhere = found is State.OPEN and self._is_called_elsewhere(source)
        return State.ANOTHER_ROLE if is_elsewhere else found

    def _state_where_it_stands(self, source: Source) -> State:
        found = self._states.get(source.number)
        if found is not None:
            return found
        if source.number not in self._places.in_turns:
            return State.OUTSIDE
        if source.number in self._places.raising:
            return State.RAISES
        if self._places.is_of_prompt(source):
            return State.PROMPT
        # What a namespace is set to in another's turn is there in the assistant's.
        is_kept = (source.target or "").startswith(".")
        is_anothers = not is_kept and self._places.is_of_another_role(source)
        return State.ANOTHER_ROLE if is_anothers else State.OPEN

    def is_evaluated(self, source: Source) -> bool:
        """Whether a conversation shows a source, in whose turn ever, or forced before all turns."""
        is_outside = self._states.get(source.number) is State.OUTSIDE
        return is_outside or source.number in self._evaluated

    def settle(self, source: Source, state: State) -> None:
        """Take note of what was found out about a source elsewhere."""
        self._states.setdefault(source.number, state)

    def note(self, trace: Trace, messages: Messages, options: Mapping[str, Any]) -> bool:
        """Take in a conversation that the template renders; say whether it shows anything new."""
        is_telling = bool(self._take(trace, messages, State.SHOWN))
        (self._output if is_telling else self._others).append((messages, options))
        return is_telling

    def note_refused(self, messages: Messages, options: Mapping[str, Any]) -> None:
        """Take in a conversation at which the template raises, though forced it may not."""
        self._refused.append((messages, options))

    def _take(self, trace: Trace, messages: Messages, state: State) -> frozenset[int]:
        """The sources that a trace is the first to show."""
        new: set[int] = set()
        roles = {
            turn: None if turn is None else messages[turn].get("role")
            for _, turn in trace.evaluated
        }
        # What is assigned in the assistant's turns and in others' counts for the assistant's.
        for key, turn in sorted(trace.evaluated, key=lambda noted: roles[noted[1]] != ASSISTANT):
            source = self._by_key.get(key)
            if source is not None and state is State.SHOWN:
                self._note_evaluated(source, is_own=roles[turn] == ASSISTANT)
            if source is None or source.number in self._states:
                continue
            nobodys = self._nobodys(source)
            if nobodys and nobodys.isdisjoint(self._printed_names(trace, turn)):
                continue
            if self._is_not_chosen(source, trace, turn):
                continue
            if self._places.is_assigned(source):
                self._states[source.number] = (
                    State.ASSIGNED if state is State.SHOWN else State.FORCED
                )
                if turn is not None and roles[turn] != ASSISTANT:
                    self._of_others.add(source.number)
            elif roles[turn] == ASSISTANT:
                self._states[source.number] = state
            else:
                if turn is None and source.macro is None:
                    self._states[source.number] = State.OUTSIDE
                continue
            new.add(source.number)
            self._answers.update(source.answers)
        return frozenset(new)

    def _note_evaluated(self, source: Source, *, is_own: bool) -> None:
        self._evaluated.add(source.number)
        if is_own:
            self._of_others.discard(source.number)

    def _is_not_chosen(self, source: Source, trace: Trace, turn: int | None) -> bool:
        """Whether what a key chooses from was evaluated only, and something else chosen."""
        # The template's own texts are told by where they stand.
        is_told = source.kind == "constant" or not source.is_looked_up
        return not is_told and not prints(trace, source, turn)

    def _nobodys(self, source: Source) -> frozenset[str]:
        """What a source that stands in an output reads, and nobody is known to write.

        Where it is not printed, as where ``replace`` finds nothing to replace, nothing is known.
        """
        if source.kind != "read" or source.target is not None:
            return frozenset()
        read = reads(source.node)
        for looked_up in (source.node, *source.node.find_all(nodes.Getitem)):
            if isinstance(looked_up, nodes.Getitem) and not isinstance(looked_up.arg, nodes.Const):
                read -= reads(looked_up.arg)
        return self._unlisted & read

    def _printed_names(self, trace: Trace, turn: int | None) -> Set[str]:
        """The keys and variables of which the turn prints a value."""
        names: set[str] = set()
        for run in trace.runs:
            if run.turn != turn:
                continue
            if isinstance(run.origin, Input):
                names.add(run.origin.name)
            elif isinstance(run.origin, Field):
                names.update(key for key in run.origin.path if isinstance(key, str))
            elif isinstance(run.origin, Unknown) and run.sites:
                names |= self._traced.foreign_reads.get(run.sites[0], frozenset())
        return names

    @cached_property
    def _unlisted(self) -> frozenset[str]:
        found = self._traced.unlisted
        whose = self._traced.fields.of_name
        return frozenset(
            name for name in (*found.keys, *found.variables) if whose(name) is Whose.UNKNOWN
        )

    def force(self, *, thoroughly: bool = True) -> Iterator[Forced]:
        """Force what was not shown, and give each conversation on which that shows something.

        ``thoroughly``: also settle what that does not show, if it tells why.
        """
        tried: set[object] = set()
        for source in self._inventory.sources:
            place = source.answers, source.macro, source.target, source.kind == "read"
            if self.state(source) is State.OPEN and place not in tried:
                tried.add(place)
                yield from self._forced(source, thoroughly=thoroughly)

    def force_assigned(self) -> Iterator[Forced]:
        """Force what was seen to be assigned in the turns of others alone, if words may do so.

        Give each conversation in which the assistant's words have it assigned in its turn.
        """
        given = (*self._output, *_by_roles(self._others))
        alike: dict[object, list[Source]] = {}
        for source in [self._inventory.sources[number] for number in sorted(self._of_others)]:
            place = source.answers, source.macro, source.target
            alike.setdefault(place, []).append(source)
        for sources in (each for each in alike.values() if each[0].answers):
            yield from islice(self._assigned(sources, given), _ENOUGH)

    def _assigned(self, sources: Sequence[Source], given: Sequence[Given]) -> Iterator[Forced]:
        """The conversations in which it is evaluated that is assigned in one place."""
        renders = self._traced.forced_renders
        numbers = frozenset(source.number for source in sources)
        for way in self._ways(sources[0]):
            for messages, options in given:
                forced = renders.along(way, messages, options, own=True, softly=True)
                if forced.trace and is_noted(forced.trace.evaluated, sources[0], messages):
                    yield Forced(forced.template, messages, options, numbers)

    def _forced(self, source: Source, *, thoroughly: bool) -> Iterator[Forced]:
        tried, more = _Tried(), _Tried()
        yield from self._until_shown(source, self._sets(source, thoroughly=thoroughly), tried)
        if not tried.shown:
            # What contradicts the data in one more way tells nothing of why it is not shown.
            yield from self._until_shown(source, self._with_its_keys(source), more)
        if tried.shown or more.shown or source.number in self._states or not thoroughly:
            return
        if self._places.asks_of_other_turns(source) and not self.is_evaluated(source):
            if self._raises_in_any_order(source):
                self._settle_alike(source, State.RAISES)
            return
        if tried.rendered and not tried.raised and not tried.is_empty:
            # Every question that may come out otherwise was answered, so who speaks decides.
            self._settle_alike(source, State.ANOTHER_ROLE)
        elif tried.refused and not tried.raised and not tried.rendered:
            self._settle_alike(source, State.RAISES)

    def _until_shown(
        self, source: Source, sets: Iterable[Sequence[Given]], tried: _Tried
    ) -> Iterator[Forced]:
        """Force a source on one set of conversations after another, until one shows it."""
        ways = tuple(self._ways(source))
        for given in sets:
            for way in ways:
                yield from self._along(way, source, given, tried)
                if tried.shown:
                    return

    def _raises_in_any_order(self, source: Source) -> bool:
        """Whether some orders of speakers come to a source, and the template refuses each."""
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
        """Sets of conversations that may show a source once tests are forced, each if need be."""
        yield self._that_set(self._nobodys(source))
        yield self._output
        rest = (self._others, self._refused) if thoroughly else (self._refused, self._others)
        yield _by_roles(chain(*rest))
        if source.kind == "read":
            yield self._with_keys(reads(source.node) - self._unlisted)

    def _with_its_keys(self, source: Source) -> Iterator[Sequence[Given]]:
        """Further sets of conversations, which have what the source reads wherever it may stand."""
        if source.kind == "read":
            yield self._that_set(reads(source.node))
            yield self._holding(reads(source.node))

    def _that_set(self, names: frozenset[str]) -> Sequence[Given]:
        """Conversations in which some keys or variables are set, those with the most first."""
        every = (*self._output, *self._others, *self._refused) if names else ()
        first = sorted(every, key=lambda given: -_how_many(names, given))[:_MOST_OTHERS]
        return [given for given in first if _how_many(names, given)]

    def _with_keys(self, names: Iterable[str]) -> Sequence[Given]:
        """Conversations in which the assistant's messages have keys that no message has."""
        known = {key for messages, _ in self._output for each in messages for key in each}
        missing = {name: name for name in sorted(names) if name not in known}
        if not missing:
            return ()
        return [
            ([{**missing, **m} if m.get("role") == ASSISTANT else m for m in messages], options)
            for messages, options in self._output
        ]

    def _holding(self, names: Iterable[str]) -> Sequence[Given]:
        """Conversations in which what the assistant says is kept under some keys."""
        content = {name: name for name in sorted(names)}
        return [
            (
                [{**m, "content": content} if m.get("role") == ASSISTANT else m for m in messages],
                options,
            )
            for messages, options in self._output
        ]

    def _settle_alike(self, source: Source, state: State) -> None:
        """Settle a source and those that are evaluated in the same place."""
        place = source.answers, source.macro, source.target
        for each in self._inventory.sources[source.number :]:
            if (each.answers, each.macro, each.target) == place:
                self._states.setdefault(each.number, state)

    def _along(
        self, way: Way, source: Source, given: Sequence[Given], tried: _Tried
    ) -> Iterator[Forced]:
        shown = 0
        for messages, options in given:
            # In another's turn a forced answer may raise that in the assistant's does not.
            for own in (False, True):
                forced = self._traced.forced_renders.along(way, messages, options, own=own)
                if forced.trace is not None or not _is_anothers(forced.turn, messages):
                    break
            trace = forced.trace
            if trace is None:
                tried.note(forced, way, messages)
                continue
            tried.rendered += 1
            new = self._take(trace, messages, State.FORCED)
            is_evaluated = is_noted(trace.evaluated, source, messages)
            is_shown = source.number in self._states and is_evaluated
            tried.is_empty |= is_noted(trace.empty, source, messages)
            tried.is_empty |= is_evaluated and not is_shown
            if new or is_shown:
                tried.shown = True
                shown += 1
                yield Forced(forced.template, messages, options, self._forced_in(trace))
                if shown == _ENOUGH:
                    return

    def _forced_in(self, trace: Trace) -> frozenset[int]:
        """The sources that a trace shows, and that nothing but forcing showed."""
        found = (self._by_key.get(key) for key, _ in trace.evaluated)
        return frozenset(
            each.number
            for each in found
            if each is not None and self._states.get(each.number) is State.FORCED
        )

    def _ways(self, source: Source) -> Iterator[Way]:
        """The answers that lead to a source: those that nothing showed alone, then all of them."""
        whole = list(islice(self._places.ways(source), _MOST_WAYS))
        hidden = [tuple(a for a in way if a not in self._answers) for way in whole]
        yield from dict.fromkeys(way for way in (*hidden, *whole) if way)

    def _is_called_elsewhere(self, source: Source) -> bool:
        """Whether a macro holds it that is called, but in no turn of the assistant's."""
        open_, seen = [source.macro], {source.macro}
        while open_:
            macro = open_.pop()
            calls = self._places.calls.get(macro, ()) if macro else ()
            if not calls:
                return False
            for call in calls:
                state = self._state_where_it_stands(call)
                if state not in _ELSEWHERE and (state is not State.OPEN or call.macro is None):
                    return False
                if state is State.OPEN and call.macro not in seen:
                    seen.add(call.macro)
                    open_.append(call.macro)
        return True


def _how_many(names: Iterable[str], given: Given) -> int:
    """How many of some keys and variables a conversation has; what describes a tool has many."""
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


def noted(traced: TracedTemplate, given: Iterable[Given]) -> Account:
    """The account of a template after some conversations."""
    account = Account(traced)
    for messages, options in given:
        trace = traced.attempted(messages, **options)
        if trace is None:
            account.note_refused(messages, options)
        else:
            account.note(trace, messages, options)
    return account
