"""Where the sources of text of a template may print, as far as its tree alone tells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import product
from typing import Final, TypeAlias

from jinja2 import nodes

from rewriter.tracing.calls import asks_for_prompt
from rewriter.tracing.raising import never_ends
from rewriter.tracing.role_tests import RoleTests, roles_asked
from rewriter.tracing.sources import Answer, Source, Sources

ASSISTANT: Final = "assistant"
# That no template asks for.
_ANY_ROLE: Final = "a role that nobody has"
Way: TypeAlias = tuple[Answer, ...]


class SourcePlaces:
    """Where each of the sources of an inventory prints, and what must be answered on the way."""

    def __init__(self, inventory: Sources) -> None:
        self._inventory = inventory

    @cached_property
    def raising(self) -> frozenset[int]:
        """The numbers of the sources that are evaluated only where the template raises."""
        return never_ends(self._inventory)

    def is_of_prompt(self, source: Source) -> bool:
        """Whether it is printed for a generation prompt only."""
        return any(a.holds and asks_for_prompt(self._test(a)) for a in source.answers)

    def ways(self, source: Source) -> Iterator[Way]:
        """The ways to a source; a call that came to nothing is one to what its macro prints."""
        yield from self._ways_to(source)
        called = self._within.get(_called(source) or "", ())
        for way, inner in product(tuple(self._ways_to(source)), called):
            yield (*way, *inner.answers)

    def _ways_to(self, source: Source, calls: tuple[str, ...] = ()) -> Iterator[Way]:
        if source.macro is None or source.macro in calls:
            yield source.answers
            return
        for call in self.calls.get(source.macro, ()):
            for way in self._ways_to(call, (*calls, source.macro)):
                yield (*way, *source.answers)

    @cached_property
    def calls(self) -> Mapping[str, Sequence[Source]]:
        """The calls of each macro."""
        found: dict[str, list[Source]] = {}
        for source in self._inventory.sources:
            if (name := _called(source)) is not None:
                found.setdefault(name, []).append(source)
        return found

    @cached_property
    def assigned(self) -> frozenset[int]:
        """The numbers of the sources that are assigned, or whose macro is wherever it is called."""
        sources = self._inventory.sources
        return frozenset(source.number for source in sources if self._is_assigned(source))

    def _is_assigned(self, source: Source, calls: tuple[str, ...] = ()) -> bool:
        if source.target is not None or source.macro is None or source.macro in calls:
            return source.target is not None
        within = (*calls, source.macro)
        called = self.calls.get(source.macro, ())
        return bool(called) and all(self._is_assigned(call, within) for call in called)

    @cached_property
    def _within(self) -> Mapping[str, Sequence[Source]]:
        """What each macro prints."""
        found: dict[str, list[Source]] = {}
        for source in self._inventory.sources:
            if source.macro is not None and source.target is None:
                found.setdefault(source.macro, []).append(source)
        return found

    @cached_property
    def in_turns(self) -> frozenset[int]:
        """The sources that may be printed within the loop over the messages, or after it.

        By themselves, by the names that they are assigned to, or by the macro that they stand in.
        """
        begin = self._inventory.turns_begin
        assigned = defaultdict(list)
        for source in self._inventory.sources:
            if source.target is not None:
                assigned[source.target].append(source)
        open_ = [
            source
            for source in self._inventory.sources
            if source.target is None
            and source.macro is None
            and (begin is None or source.statement >= begin)
        ]
        found: set[int] = set()
        while open_:
            source = open_.pop()
            if source.number in found:
                continue
            found.add(source.number)
            for name in self._inventory.names.read_by(source.node):
                # What a macro sets is seen in it alone, but for a namespace.
                open_ += [
                    each
                    for each in assigned[name]
                    if each.macro in (None, source.macro) or name.startswith(".")
                ]
            open_ += self._within.get(_called(source) or "", ())
        return frozenset(found)

    def is_of_another_role(self, source: Source) -> bool:
        """Whether the tests on its way contradict each other in every turn of the assistant's."""
        return self._contradicts_itself(source, ASSISTANT)

    def is_of_no_role(self, source: Source) -> bool:
        """Whether they contradict each other in every turn, whoever speaks."""
        roles = (*roles_asked(self._inventory.template.tree), _ANY_ROLE)
        return all(self._contradicts_itself(source, role) for role in roles)

    def _contradicts_itself(self, source: Source, role: str) -> bool:
        message = source.message
        if message is None:
            return False
        kinds = [self._inventory.decisions[answer.decision].kind for answer in source.answers]
        # In a loop within the loop, what it asks of `loop` is asked of another.
        fixed = {message, "loop"} if kinds.count("loop") == 1 else {message}
        known: dict[str, bool] = {}
        for answer in (*self._told_by_guards(source), *source.answers):
            test = self._test(answer)
            if test is None:
                continue
            if self._roles.answer(test, message, role) is (not answer.holds):
                return True
            for question, holds in self._roles.facts(test, answer.holds, message, role):
                is_fixed = fixed.issuperset(each.name for each in question.find_all(nodes.Name))
                if is_fixed and known.setdefault(repr(question), holds) is not holds:
                    return True
        return False

    def _told_by_guards(self, source: Source) -> Iterator[Answer]:
        """What guards before a source have told of who speaks, if the message is still the same."""
        for answer in source.guards if source.message not in self._roles.values else ():
            test = self._test(answer)
            if test is not None and self._roles.is_fixed(test):
                yield answer

    def asks_of_other_turns(self, source: Source) -> bool:
        """Whether a test on its way asks who spoke before, or who speaks next."""
        tests = (self._test(answer) for answer in source.answers)
        return any(test is not None and self._roles.asks_of_others(test) for test in tests)

    def _test(self, answer: Answer) -> nodes.Node | None:
        decision = self._inventory.decisions[answer.decision]
        return decision.node if decision.kind == "test" else None

    @cached_property
    def _roles(self) -> RoleTests:
        return RoleTests.of(self._inventory.template.tree)


def _called(source: Source) -> str | None:
    """The macro that a source is the call of, or whatever else it calls by a name."""
    called = source.node.node if isinstance(source.node, nodes.Call) else None
    return called.name if isinstance(called, nodes.Name) else None
