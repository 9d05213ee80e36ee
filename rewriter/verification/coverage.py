"""Which branches of a template were reached, and by which conversation first."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from rewriter.errors import Place
from rewriter.tracing.branches import Branch
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.path import Path, PathTemplate


@dataclass(frozen=True, slots=True)
class Reached:
    """A branch, and what reached it.

    Attributes:
        branch: the branch.
        place: where it is.
        first: the first conversation that reached it, or ``None``.
        roles: the roles of those in whose turns it was; ``None`` for outside of all turns.

    """

    branch: Branch
    place: Place
    first: Conversation | None
    roles: frozenset[str | None]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The branches of a template, in the order of their numbers."""

    branches: tuple[Reached, ...]

    @property
    def missed(self) -> tuple[Reached, ...]:
        """Those that no conversation reached."""
        return tuple(each for each in self.branches if each.first is None)

    @property
    def share(self) -> float:
        """How many of the branches were reached, from 0 to 1."""
        if not self.branches:
            return 1.0
        return 1 - len(self.missed) / len(self.branches)


class Explorer:
    """Gathers the coverage of one template, path by path."""

    def __init__(self, template: PathTemplate) -> None:
        self._template = template
        self._first: dict[int, Conversation] = {}
        self._reached: defaultdict[str | None, set[int]] = defaultdict(set)

    def note(self, conversation: Conversation, path: Path) -> None:
        """Remember what a conversation reached."""
        for turn, branches in path.turns.items():
            role = None if turn is None else str(conversation.messages[turn].get("role"))
            known = self._reached[role]
            if new := set(branches) - known:
                known |= new
                for number in new:
                    self._first.setdefault(number, conversation)

    @property
    def coverage(self) -> Coverage:
        """What was reached so far."""
        text = self._template.template.text
        return Coverage(
            tuple(
                Reached(
                    branch,
                    Place.at(text, branch.at),
                    self._first.get(number),
                    frozenset(role for role, it in self._reached.items() if number in it),
                )
                for number, branch in enumerate(self._template.branches)
            )
        )
