"""The account of a template's sources of text, which a proof must settle.

A source is accounted for once it has been evaluated in an assistant's turn, where it is labelled
and judged, or once it is known why it never will be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from enum import StrEnum
from functools import cached_property
from typing import Any, Final, TypeAlias

from jinja2 import nodes

from rewriter.source.walk import find_within
from rewriter.tracing.arms import reads
from rewriter.tracing.fields import Whose
from rewriter.tracing.origins import Field, Input, Unknown
from rewriter.tracing.probes import in_any_order
from rewriter.tracing.render import TracedTemplate
from rewriter.tracing.role_tests import roles_asked
from rewriter.tracing.shown_sources import prints
from rewriter.tracing.source_places import ASSISTANT, SourcePlaces
from rewriter.tracing.sources import Answer, Source
from rewriter.tracing.trace import Trace

Messages: TypeAlias = Sequence[Mapping[str, Any]]
Given: TypeAlias = tuple[Messages, Mapping[str, Any]]


class State(StrEnum):
    """Why a source of text is accounted for, or that it is not."""

    SHOWN = "seen in an assistant's turn"
    FORCED = "seen in an assistant's turn with forced tests"
    ASSIGNED = "seen where it is assigned"
    OUTSIDE = "printed before all turns"
    ANOTHER_ROLE = "never printed in an assistant's turn, as the role decides"
    PROMPT = "printed for a generation prompt only"
    RAISES = "never printed, as the template raises there"
    DEAD = "never reached"
    NOT_ITS_OWN = "in a generation block, and never seen in an assistant's turn"
    OPEN = "never seen"
    ONE_SIDED = "always got the same answer; with the other answer, the text differs"
    NOT_TAKEN_OVER = (
        "a test of the original that always got the same answer; with the other, its text differs"
    )


_ELSEWHERE: Final = frozenset({State.OUTSIDE, State.ANOTHER_ROLE, State.PROMPT, State.DEAD})


class Account:
    """The account of one template, from the conversations that it `note`s.

    Attributes:
        traced: the template.
        places: where its sources may print.
        assigned_by_others: the numbers of sources that were assigned only in others' turns.
        answers: the answers of tests on the way to what the conversations show.
        forced_answers: likewise, to what they show with forced tests.
        telling: the conversations that showed something new.
        others: those that did not, but may with forced tests.
        refused: those for which the template raises, likewise.

    """

    def __init__(self, traced: TracedTemplate) -> None:
        self.traced = traced
        self.places = SourcePlaces(traced.sources)
        self.assigned_by_others: set[int] = set()
        self.answers: set[Answer] = set()
        self.forced_answers: set[Answer] = set()
        self.telling: list[Given] = []
        self.others: list[Given] = []
        self.refused: list[Given] = []
        self._by_key = {source.key: source for source in traced.sources.sources}
        self._states: dict[int, State] = {}
        # What the tree alone tells of those without a state.
        self._unshown: dict[int, State] = {}
        self._evaluated: set[int] = set()

    @property
    def states(self) -> Sequence[tuple[Source, State]]:
        """Each source with its state."""
        return [(each, self.state(each)) for each in self.traced.sources.sources]

    @property
    def open(self) -> Sequence[Source]:
        """The sources that are not accounted for."""
        return [source for source, state in self.states if state is State.OPEN]

    def in_any_order(self) -> Iterator[Given]:
        """Conversations with all orders of speakers, if open sources depend on other speakers.

        All orders, since such a source may print for any speaker.
        """
        open_ = {s.key for s in self.open if self.places.asks_of_other_turns(s)}
        for given in in_any_order(roles_asked(self.traced.template.tree)) if open_ else ():
            trace = self.traced.attempted(given[0], **given[1])
            if trace and any(key in open_ for key, _ in trace.evaluated):
                yield given

    def source_of(self, key: int) -> Source | None:
        """The source with a key in a trace; ``None`` if it is not a source of text."""
        return self._by_key.get(key)

    def state(self, source: Source) -> State:
        """The state of a source."""
        found = self._state_where_it_stands(source)
        is_elsewhere = found is State.OPEN and self._is_called_elsewhere(source)
        return State.ANOTHER_ROLE if is_elsewhere else found

    def _state_where_it_stands(self, source: Source) -> State:
        found = self._states.get(source.number) or self._unshown.get(source.number)
        if found is None:
            found = self._unshown[source.number] = self._state_by_tree(source)
        return found

    def _state_by_tree(self, source: Source) -> State:
        if source.number in self.places.raising:
            return State.RAISES
        if source.number not in self.places.in_turns:
            return State.OUTSIDE
        if self.places.is_of_prompt(source):
            return State.PROMPT
        # A namespace keeps in the assistant's turn what it was set to in another's.
        is_kept = (source.target or "").startswith(".")
        is_anothers = not is_kept and self.places.is_of_another_role(source)
        return State.ANOTHER_ROLE if is_anothers else State.OPEN

    def is_evaluated(self, source: Source) -> bool:
        """Whether a conversation shows a source in any turn, or forced, before all turns."""
        is_outside = self._states.get(source.number) is State.OUTSIDE
        return is_outside or source.number in self._evaluated

    def is_settled(self, source: Source) -> bool:
        """Whether a source is accounted for, by a conversation or otherwise."""
        return source.number in self._states

    def settle(self, source: Source, state: State) -> None:
        """Record the state of a source, found by other means."""
        self._states.setdefault(source.number, state)

    def note(self, trace: Trace, messages: Messages, options: Mapping[str, Any]) -> bool:
        """Record a conversation that the template renders; return whether it shows anything new."""
        is_telling = bool(self.take(trace, messages, State.SHOWN))
        (self.telling if is_telling else self.others).append((messages, options))
        return is_telling

    def note_refused(self, messages: Messages, options: Mapping[str, Any]) -> None:
        """Record a conversation for which the template raises, but may not with forced tests."""
        self.refused.append((messages, options))

    def take(self, trace: Trace, messages: Messages, state: State) -> frozenset[int]:
        """Settle, as ``state``, the sources that a trace is the first to show, and return them."""
        new: set[int] = set()
        noted = [*self._noted(trace, messages)]
        if state is State.SHOWN:
            for source, is_own, _ in noted:
                self._note_evaluated(source, is_own=is_own)
        unsettled = [each for each in noted if each[0].number not in self._states]
        # A value assigned in the assistant's and in others' turns counts as the assistant's.
        for source, is_own, turn in sorted(unsettled, key=lambda each: not each[1]):
            if source.number in self._states:
                continue
            if self._is_not_read(source, trace, turn) or self._is_not_chosen(source, trace, turn):
                continue
            if source.number in self.places.assigned:
                self._states[source.number] = (
                    State.ASSIGNED if state is State.SHOWN else State.FORCED
                )
                if turn is not None and not is_own:
                    self.assigned_by_others.add(source.number)
            elif is_own:
                self._states[source.number] = state
            else:
                if turn is None and source.macro is None:
                    self._states[source.number] = State.OUTSIDE
                continue
            new.add(source.number)
            (self.answers if state is State.SHOWN else self.forced_answers).update(source.answers)
        return frozenset(new)

    def _noted(self, trace: Trace, messages: Messages) -> Iterator[tuple[Source, bool, int | None]]:
        """The sources that a trace shows, each with whether it is in an assistant's turn."""
        for key, turn in trace.evaluated:
            if (source := self._by_key.get(key)) is not None:
                is_own = turn is not None and messages[turn].get("role") == ASSISTANT
                yield source, is_own, turn

    def _note_evaluated(self, source: Source, *, is_own: bool) -> None:
        self._evaluated.add(source.number)
        if is_own:
            self.assigned_by_others.discard(source.number)

    def _is_not_read(self, source: Source, trace: Trace, turn: int | None) -> bool:
        """Whether a source reads unknown names, and the turn prints none of their values."""
        nobodys = self.nobodys(source)
        return bool(nobodys) and nobodys.isdisjoint(self._printed_names(trace, turn))

    def _is_not_chosen(self, source: Source, trace: Trace, turn: int | None) -> bool:
        """Whether a source was only evaluated for a key to choose from, and not chosen."""
        # The template's own texts are identified by their place.
        is_told = source.kind == "constant" or not source.is_looked_up
        return not is_told and not prints(trace, source, turn)

    def nobodys(self, source: Source) -> frozenset[str]:
        """The unknown names that a source in an output reads.

        If their text is not printed, as when ``replace`` finds nothing, nothing is known.
        """
        return self._nobodys.get(source.number, frozenset())

    @cached_property
    def _nobodys(self) -> Mapping[int, frozenset[str]]:
        sources = self.traced.sources.sources if self.unlisted else ()
        printing = (each for each in sources if each.kind == "read" and each.target is None)
        return {each.number: self.unlisted & _passed_on(each.node) for each in printing}

    def _printed_names(self, trace: Trace, turn: int | None) -> Set[str]:
        """The keys and variables whose values the turn prints."""
        names: set[str] = set()
        for run in trace.runs:
            if run.turn != turn:
                continue
            if isinstance(run.origin, Input):
                names.add(run.origin.name)
            elif isinstance(run.origin, Field):
                names.update(key for key in run.origin.path if isinstance(key, str))
            elif isinstance(run.origin, Unknown) and run.sites:
                names |= self.traced.foreign_reads.get(run.sites[0], frozenset())
        return names

    @cached_property
    def unlisted(self) -> frozenset[str]:
        """The unknown keys and variables that the template reads."""
        found = self.traced.unlisted
        whose = self.traced.fields.of_name
        return frozenset(
            name for name in (*found.keys, *found.variables) if whose(name) is Whose.UNKNOWN
        )

    def settle_alike(self, source: Source, state: State) -> None:
        """Settle a source and all others that are evaluated in the same place."""
        place = source.answers, source.macro, source.target
        for each in self.traced.sources.sources[source.number :]:
            if (each.answers, each.macro, each.target) == place:
                self._states.setdefault(each.number, state)

    def _is_called_elsewhere(self, source: Source) -> bool:
        """Whether it is in a macro that is called, but never in an assistant's turn."""
        open_, seen = [source.macro], {source.macro}
        while open_:
            macro = open_.pop()
            calls = self.places.calls.get(macro, ()) if macro else ()
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


def _passed_on(expression: nodes.Node) -> frozenset[str]:
    """The names and keys that an expression reads, but for those that say which key it reads."""
    read = reads(expression)
    for looked_up in find_within(expression, nodes.Getitem):
        if not isinstance(looked_up.arg, nodes.Const):
            read -= reads(looked_up.arg)
    return read


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
