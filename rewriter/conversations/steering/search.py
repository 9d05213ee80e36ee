"""Change the conversations that came nearest to a branch until one reaches it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice, pairwise, product
from typing import Any, Final

from rewriter.conversations.coverage import Explorer, Sight
from rewriter.conversations.kinds import ASSISTANT
from rewriter.conversations.outer_variables import variables
from rewriter.conversations.steering.compared import compared_values
from rewriter.conversations.steering.goals import Goals
from rewriter.conversations.steering.places import (
    MESSAGES,
    MISSING,
    Each,
    Path,
    Place,
    at,
    places,
    put,
)
from rewriter.conversations.steering.reads import Reads
from rewriter.conversations.steering.samples import Samples
from rewriter.conversations.steering.wishes import Way, Wish
from rewriter.conversations.vocabulary import REASONING_FIELDS
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.installed_transformers import prepared
from rewriter.tracing.variables import GIVEN

_MOST_TRIES: Final = 16
_MOST_OPTIONS: Final = 12
_MOST_CONVERSATIONS: Final = 400
_ROLE: Final = "role"
_ASSISTANTS_OWN: Final = frozenset({"tool_calls", *REASONING_FIELDS})
_NOTHING: Final = object()
_MOST_PLACES: Final = 4
_MOST_VALUES: Final = 6
_MOST_ROUNDS: Final = 6
# The fields of one message are set one by one, since some exclude each other.
_SHALLOW: Final = 3


def steered(explorers: Sequence[Explorer]) -> Iterator[Conversation]:
    """Conversations for what the explorers have not seen yet, one template after the other.

    Show each to all explorers before you ask for the next.
    """
    for explorer in explorers:
        yield from islice(Steering(explorer).conversations(), _MOST_CONVERSATIONS)


class Steering:
    """Finds conversations for the branches of one template that none has reached.

    Args:
        explorer: the coverage so far; note each conversation there before you ask for the next.

    """

    def __init__(self, explorer: Explorer) -> None:
        template = explorer.template
        reads = Reads(template.template.tree, variables(template.template.text) | GIVEN)
        values = compared_values(reads)
        paths = {path: None for node in reads.scopes.expressions for path in reads.paths(node)}
        self._samples = Samples(paths, values)
        self._branches = template.branches
        self._guards = template.guards
        self._goals = Goals(reads, values, template.guards)
        self._explorer = explorer
        self._aliases = frozenset(_speaking_as_the_assistant(explorer, values))
        self._attempted: list[tuple[int, bool | None, Sight]] = []

    def conversations(self) -> Iterator[Conversation]:
        """Conversations; render each before you ask for the next."""
        tried: set[str] = set()
        for _ in range(_MOST_ROUNDS):
            before = len(tried)
            for goal in list(self._open()):
                yield from self._towards(goal, tried)
            if len(tried) == before:
                return

    def _open(self) -> Iterator[tuple[int, bool | None]]:
        """Branches not reached at all, then those not in the assistant's turn or not in others'."""
        reached = self._explorer.is_reached
        possible = [n for n in range(len(self._branches)) if n not in self._explorer.impossible]
        yield from ((number, None) for number in possible if not reached(number))
        for number, side in product(possible, (True, False)):
            within = self._branches[number].within
            if within is None or not reached(within, assistant=side):
                continue
            if reached(number, assistant=not side) and not reached(number, assistant=side):
                yield number, side

    def _towards(self, goal: tuple[int, bool | None], tried: set[str]) -> Iterator[Conversation]:
        tries = 0
        for conversation in self._candidates(*goal):
            if self._explorer.is_reached(goal[0], assistant=goal[1]) or tries == _MOST_TRIES:
                return
            key = conversation.size[2]
            if key not in tried:
                tried.add(key)
                tries += 1
                yield conversation

    def _candidates(self, number: int, side: bool | None) -> Iterator[Conversation]:
        ways = self._goals.ways(self._guards[number])
        for sight in self._explorer.sights(self._branches[number].within, assistant=side):
            if (number, side, sight) in self._attempted:
                continue
            self._attempted.append((number, side, sight))
            data = sight.conversation.as_json()
            for way in ways:
                for changed in self._changed(data, way, sight.turn):
                    yield Conversation.from_json(changed)
            yield from self._after_results(sight)

    def _after_results(self, sight: Sight) -> Iterator[Conversation]:
        """The conversation with a call and its result before a turn of the assistant.

        No wish can set what a template records in a tool's turn for the next one.
        """
        messages, at = sight.conversation.messages, sight.turn
        if at is None or messages[at][_ROLE] != ASSISTANT or self._results is None:
            return
        call, result = self._results
        for each in (call, {**call, "content": None}):
            changed = (*messages[:at], each, result, *messages[at:])
            yield replace(sight.conversation, messages=changed)

    @property
    def _results(self) -> tuple[Mapping[str, Any], Mapping[str, Any]] | None:
        """A call and its result, in a form that the template accepted."""
        for number in range(len(self._branches)):
            for sight in self._explorer.sights(number):
                for call, result in pairwise(sight.conversation.messages if sight.rendered else ()):
                    if call.get("tool_calls") and result.get(_ROLE) == "tool":
                        return call, result
        return None

    def _changed(
        self, data: dict[str, Any], way: Way, focus: int | None
    ) -> Iterator[dict[str, Any]]:
        """The conversation with all wishes fulfilled, in one way after another."""
        for attempt in range(_MOST_OPTIONS):
            found = filled = data
            is_over = True
            for wish in way:
                option, is_last = _nth(self._options(found, wish, focus), attempt)
                is_over = is_over and is_last
                if option is None:
                    return
                place, value = option
                if value is not MISSING or at(found, place) is not MISSING:
                    found = put(found, place, value)
                    filled = self._filled(put(filled, place, value), place, wish.paths)
            yield from (each for each in (found, filled) if _is_taken(each))
            if is_over:
                return

    def _filled(self, data: dict[str, Any], place: Place, paths: Sequence[Path]) -> dict[str, Any]:
        """The conversation with other values that are read beside a place added, if missing."""
        around = at(data, place[:-1])
        path = next((path for path in paths if len(path) == len(place)), None)
        beside = self._samples.at(path[:-1]) if path and len(path) > _SHALLOW else None
        if not isinstance(around, Mapping) or not isinstance(beside, Mapping):
            return data
        filled: dict[str, Any] = put(data, place[:-1], {**beside, **around})
        return filled

    def _options(
        self, data: dict[str, Any], wish: Wish, focus: int | None
    ) -> Iterator[tuple[Place, Any]]:
        """Places with values for them: every place with its likeliest value first, and so on."""
        found = [
            (place, at(data, place), self._samples.at(path))
            for path in wish.paths
            for place in islice(places(path, data, focus), _MOST_PLACES)
        ]
        found.sort(key=lambda each: each[1] is MISSING)
        values = [
            (place, self._others(data, wish.like, focus))
            if wish.like
            else (place, islice(wish.demand.fulfilled(value, sample), _MOST_VALUES))
            for place, value, sample in found
        ]
        while values:
            for place, made in list(values):
                value = next(made, _NOTHING)
                if value is _NOTHING:
                    values.remove((place, made))
                elif place[-1] != _ROLE or (isinstance(value, str) and value not in self._aliases):
                    yield place, value

    @staticmethod
    def _others(data: dict[str, Any], paths: Sequence[Path], focus: int | None) -> Iterator[Any]:
        for path in paths:
            for place in islice(places(path, data, focus), _MOST_PLACES):
                if value := at(data, place):
                    yield value


def _speaking_as_the_assistant(
    explorer: Explorer, values: Mapping[Path, Sequence[Any]]
) -> Iterator[str]:
    """Other roles that a template treats like the assistant; the mask may include their turns."""
    role = (MESSAGES, Each.ITEM, _ROLE)
    asked = {"role": "user", "content": "a"}

    def printed(name: str) -> str | None:
        messages = prepared([asked, {"role": name, "content": "b"}])
        return explorer.template.render(messages, {"add_generation_prompt": False}).text

    own = printed(ASSISTANT)
    for name in values.get(role, ()):
        if isinstance(name, str) and name != ASSISTANT and own is not None and printed(name) == own:
            yield name


def _nth(options: Iterator[Any], number: int) -> tuple[Any, bool]:
    """One of the options, cyclically, and whether it is the last or a repetition."""
    known: list[Any] = []
    for option in options:
        if len(known) == number:
            return option, next(options, None) is None
        known.append(option)
    return (known[number % len(known)] if known else None), True


def _is_taken(data: Mapping[str, Any]) -> bool:
    """Whether it is realistic input: lists of mappings, named roles, a prompt or none.

    Only the assistant calls tools or reasons: a template that prints these for every speaker is not
    wrong, since no other speaker has them.
    """
    lists = [data[name] for name in (MESSAGES, "tools", "documents") if data.get(name) is not None]
    if not all(isinstance(each, list) for each in (data.get(MESSAGES), *lists)):
        return False
    if not isinstance(data.get("add_generation_prompt", False), bool):
        return False
    if not all(isinstance(item, Mapping) for each in lists for item in each):
        return False
    return all(
        isinstance(role := message.get(_ROLE), str)
        and (role == ASSISTANT or not _ASSISTANTS_OWN & message.keys())
        for message in data[MESSAGES]
    )
