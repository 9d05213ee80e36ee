"""What is known of each source of text of a template: the account that a proof must settle.

A source is accounted for once it was evaluated in an assistant's turn, where it is labelled and
judged, or once it is known why it never will be.
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
from rewriter.tracing.probes import in_any_order
from rewriter.tracing.provenance import Field, Input, Unknown
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


class Account:
    """The account of one template, of the conversations that it `note`s.

    Attributes:
        traced: the template.
        places: where its sources stand.
        assigned_by_others: the numbers of those that are seen to be assigned in others' turns
            alone.
        answers: those that the conversations gave to tests before what they show.
        telling: the conversations that showed something new.
        others: those that did not; forced, they may yet.
        refused: those at which the template raises; likewise.

    """

    def __init__(self, traced: TracedTemplate) -> None:
        self.traced = traced
        self.places = SourcePlaces(traced.sources)
        self.assigned_by_others: set[int] = set()
        self.answers: set[Answer] = set()
        self.telling: list[Given] = []
        self.others: list[Given] = []
        self.refused: list[Given] = []
        self._by_key = {source.key: source for source in traced.sources.sources}
        self._states: dict[int, State] = {}
        self._evaluated: set[int] = set()

    @property
    def states(self) -> Sequence[tuple[Source, State]]:
        """Each source with what is known of it."""
        return [(each, self.state(each)) for each in self.traced.sources.sources]

    @property
    def open(self) -> Sequence[Source]:
        """The sources that are not accounted for."""
        return [source for source, state in self.states if state is State.OPEN]

    def in_any_order(self) -> Iterator[Given]:
        """Conversations of all orders of speakers that show what is open, and asks who else speaks.

        All of them, as what stands there may print for any speaker.
        """
        open_ = {s.key for s in self.open if self.places.asks_of_other_turns(s)}
        for given in in_any_order(roles_asked(self.traced.template.tree)) if open_ else ():
            trace = self.traced.attempted(given[0], **given[1])
            if trace and any(key in open_ for key, _ in trace.evaluated):
                yield given

    def source_of(self, key: int) -> Source | None:
        """The source that a trace calls by a key; none for what is no source of text."""
        return self._by_key.get(key)

    def state(self, source: Source) -> State:
        """What is known of a source."""
        found = self._state_where_it_stands(source)
        is_elsewhere = found is State.OPEN and self._is_called_elsewhere(source)
        return State.ANOTHER_ROLE if is_elsewhere else found

    def _state_where_it_stands(self, source: Source) -> State:
        found = self._states.get(source.number)
        if found is not None:
            return found
        if source.number in self.places.raising:
            return State.RAISES
        if source.number not in self.places.in_turns:
            return State.OUTSIDE
        if self.places.is_of_prompt(source):
            return State.PROMPT
        # What a namespace is set to in another's turn is there in the assistant's.
        is_kept = (source.target or "").startswith(".")
        is_anothers = not is_kept and self.places.is_of_another_role(source)
        return State.ANOTHER_ROLE if is_anothers else State.OPEN

    def is_evaluated(self, source: Source) -> bool:
        """Whether a conversation shows a source, in whose turn ever, or forced before all turns."""
        is_outside = self._states.get(source.number) is State.OUTSIDE
        return is_outside or source.number in self._evaluated

    def is_settled(self, source: Source) -> bool:
        """Whether a conversation, or what was found out elsewhere, accounts for a source."""
        return source.number in self._states

    def settle(self, source: Source, state: State) -> None:
        """Take note of what was found out about a source elsewhere."""
        self._states.setdefault(source.number, state)

    def note(self, trace: Trace, messages: Messages, options: Mapping[str, Any]) -> bool:
        """Take in a conversation that the template renders; say whether it shows anything new."""
        is_telling = bool(self.take(trace, messages, State.SHOWN))
        (self.telling if is_telling else self.others).append((messages, options))
        return is_telling

    def note_refused(self, messages: Messages, options: Mapping[str, Any]) -> None:
        """Take in a conversation at which the template raises, though forced it may not."""
        self.refused.append((messages, options))

    def take(self, trace: Trace, messages: Messages, state: State) -> frozenset[int]:
        """Settle as ``state`` what a trace is the first to show, and give it."""
        new: set[int] = set()
        roles = {
            turn: None if turn is None else messages[turn].get("role")
            for _, turn in trace.evaluated
        }
        # What is assigned in the assistant's turns and in others' counts for the assistant's.
        for key, turn in sorted(trace.evaluated, key=lambda noted: roles[noted[1]] != ASSISTANT):
            source = self.source_of(key)
            if source is not None and state is State.SHOWN:
                self._note_evaluated(source, is_own=roles[turn] == ASSISTANT)
            if source is None or source.number in self._states:
                continue
            nobodys = self.nobodys(source)
            if nobodys and nobodys.isdisjoint(self._printed_names(trace, turn)):
                continue
            if self._is_not_chosen(source, trace, turn):
                continue
            if self.places.is_assigned(source):
                self._states[source.number] = (
                    State.ASSIGNED if state is State.SHOWN else State.FORCED
                )
                if turn is not None and roles[turn] != ASSISTANT:
                    self.assigned_by_others.add(source.number)
            elif roles[turn] == ASSISTANT:
                self._states[source.number] = state
            else:
                if turn is None and source.macro is None:
                    self._states[source.number] = State.OUTSIDE
                continue
            new.add(source.number)
            self.answers.update(source.answers)
        return frozenset(new)

    def _note_evaluated(self, source: Source, *, is_own: bool) -> None:
        self._evaluated.add(source.number)
        if is_own:
            self.assigned_by_others.discard(source.number)

    def _is_not_chosen(self, source: Source, trace: Trace, turn: int | None) -> bool:
        """Whether what a key chooses from was evaluated only, and something else chosen."""
        # The template's own texts are told by where they stand.
        is_told = source.kind == "constant" or not source.is_looked_up
        return not is_told and not prints(trace, source, turn)

    def nobodys(self, source: Source) -> frozenset[str]:
        """What a source that stands in an output reads, and nobody is known to write.

        Where it is not printed, as where ``replace`` finds nothing to replace, nothing is known.
        """
        if source.kind != "read" or source.target is not None:
            return frozenset()
        read = reads(source.node)
        for looked_up in find_within(source.node, nodes.Getitem):
            if not isinstance(looked_up.arg, nodes.Const):
                read -= reads(looked_up.arg)
        return self.unlisted & read

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
                names |= self.traced.foreign_reads.get(run.sites[0], frozenset())
        return names

    @cached_property
    def unlisted(self) -> frozenset[str]:
        """The keys and variables that the template reads and nobody is known to write."""
        found = self.traced.unlisted
        whose = self.traced.fields.of_name
        return frozenset(
            name for name in (*found.keys, *found.variables) if whose(name) is Whose.UNKNOWN
        )

    def settle_alike(self, source: Source, state: State) -> None:
        """Settle a source and those that are evaluated in the same place."""
        place = source.answers, source.macro, source.target
        for each in self.traced.sources.sources[source.number :]:
            if (each.answers, each.macro, each.target) == place:
                self._states.setdefault(each.number, state)

    def _is_called_elsewhere(self, source: Source) -> bool:
        """Whether a macro holds it that is called, but in no turn of the assistant's."""
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
