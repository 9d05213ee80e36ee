"""Which branches and outputs of a template were reached, and which conversation was first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from rewriter.conversations.kinds import ASSISTANT
from rewriter.errors import Place
from rewriter.tracing.branches import Branch
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.taken_branches import Path, PathTemplate
from rewriter.tracing.unreachable.proof import unreachable


@dataclass(frozen=True, slots=True)
class Reached:
    """A branch, and the conversations that reached it.

    Attributes:
        branch: the branch.
        place: its place in the source.
        first: the first conversation that reached it, or ``None``.
        roles: the roles of the turns in which it was reached; ``None`` for outside all turns.
        rendered: whether a render that reached it was completed.
        impossible: whether it is proven unreachable.

    """

    branch: Branch
    place: Place
    first: Conversation | None
    roles: frozenset[str | None]
    rendered: bool = False
    impossible: bool = False

    @property
    def is_missed(self) -> bool:
        """Whether no conversation reached it, but one could."""
        return self.first is None and not self.impossible


@dataclass(frozen=True, slots=True)
class Output:
    """An output tag or a text of the template, with the first conversation that printed it."""

    place: Place
    first: Conversation | None
    impossible: bool = False


@dataclass(frozen=True, slots=True)
class Coverage:
    """The branches of a template, by number, and its outputs, in the order of the source.

    An output is printed if a render that takes its branch is completed.
    """

    branches: tuple[Reached, ...]
    outputs: tuple[Output, ...] = ()

    @property
    def missed(self) -> tuple[Reached, ...]:
        """The branches that no conversation reached, but one could."""
        return tuple(each for each in self.branches if each.is_missed)

    @property
    def impossible(self) -> tuple[Reached, ...]:
        """The branches that are proven unreachable."""
        return tuple(each for each in self.branches if each.impossible)

    @property
    def unprinted(self) -> tuple[Output, ...]:
        """The outputs that no conversation printed, but one could."""
        return tuple(o for o in self.outputs if o.first is None and not o.impossible)

    @property
    def share(self) -> float:
        """The share of the reachable branches that were reached, from 0 to 1."""
        possible = len(self.branches) - len(self.impossible)
        return 1 - len(self.missed) / possible if possible else 1.0

    def missed_in(self, role: str) -> tuple[Reached, ...]:
        """The missed branches that are next to one reached in a turn of ``role``."""
        return tuple(
            each
            for each in self.missed
            if each.branch.within is not None and role in self.branches[each.branch.within].roles
        )


@dataclass(frozen=True, slots=True)
class Sight:
    """A conversation that reached a branch, with the turn, and whether the render was completed."""

    conversation: Conversation
    turn: int | None
    rendered: bool


class Explorer:
    """Collects the coverage of one template, path by path."""

    def __init__(self, template: PathTemplate) -> None:
        self.template = template
        self._first: dict[int, Conversation] = {}
        self._printed: dict[int, Conversation] = {}
        self._reached: defaultdict[tuple[str | None, bool], set[int]] = defaultdict(set)
        self._sights: dict[tuple[int, bool], Sight] = {}
        self._plainest: Sight | None = None

    def note(self, conversation: Conversation, path: Path, *, rendered: bool) -> None:
        """Record what a conversation reached, and whether its render was completed."""
        if rendered and self._plainest is None:
            self._plainest = Sight(conversation, None, rendered)
        for turn, branches in path.turns.items():
            role = None if turn is None else str(conversation.messages[turn].get("role"))
            known = self._reached[role, rendered]
            if new := set(branches) - known:
                known |= new
                self._note(new, role, Sight(conversation, turn, rendered))

    def _note(self, new: set[int], role: str | None, sight: Sight) -> None:
        for number in new:
            self._first.setdefault(number, sight.conversation)
            if sight.rendered:
                self._printed.setdefault(number, sight.conversation)
            key = number, role == ASSISTANT
            known = self._sights.get(key)
            if known is None or (sight.rendered and not known.rendered):
                self._sights[key] = sight

    def is_reached(self, number: int, *, assistant: bool | None = None) -> bool:
        """Whether a completed render reached a branch.

        In the assistant's turn or outside it; ``None`` for either.
        """
        return any(sight.rendered for sight in self.sights(number, assistant=assistant))

    def sights(self, number: int | None, *, assistant: bool | None = None) -> Sequence[Sight]:
        """Conversations that reached a branch; for ``None``, any that rendered."""
        if number is None:
            return [self._plainest] if self._plainest else []
        sides = (True, False) if assistant is None else (assistant,)
        return [self._sights[number, side] for side in sides if (number, side) in self._sights]

    @cached_property
    def impossible(self) -> frozenset[int]:
        """Branches proven unreachable, of those that were not reached when this is first called."""
        numbers = range(len(self.template.branches))
        return unreachable(self.template, [n for n in numbers if n not in self._first])

    @property
    def coverage(self) -> Coverage:
        """The coverage so far."""
        return Coverage(tuple(self._branches()), tuple(self._outputs()))

    def _branches(self) -> Iterator[Reached]:
        for number, branch in enumerate(self.template.branches):
            yield Reached(
                branch,
                self._place(branch.at),
                self._first.get(number),
                frozenset(role for (role, _), those in self._reached.items() if number in those),
                number in self._printed,
                number in self.impossible,
            )

    def _outputs(self) -> Iterator[Output]:
        first = self._plainest.conversation if self._plainest else None
        found = {at: Output(self._place(at), first) for at in self.template.outputs}
        for number, branch in enumerate(self.template.branches):
            for at in branch.outputs:
                printed, impossible = self._printed.get(number), number in self.impossible
                found[at] = Output(self._place(at), printed, impossible)
        yield from (found[at] for at in sorted(found))

    def _place(self, at: int) -> Place:
        return Place.at(self.template.template.text, at)
