"""All operators applied to a parent, and what became of each mutant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from rewriter.source.environment import parsing_environment
from tests.mutations.anatomy import Anatomy
from tests.mutations.equivalence import FREE as FREE_EDGE
from tests.mutations.equivalence import Comparison, Difference
from tests.mutations.judging import Check, Flag
from tests.mutations.operators import OPERATORS, Operator
from tests.mutations.parents import Parent, parent_named
from tests.mutations.unreached import Unreached

KILLED, EQUIVALENT, FREE, SURVIVOR = "killed", "equivalent", "free by policy", "survivor"
# What differs from its parent in a branch that no conversation reaches: nobody can tell.
NEVER_RUN = "never run"


@dataclass(frozen=True)
class Result:
    """What became of the mutant ``number`` that an operator made of a parent."""

    parent: str
    operator: str
    number: int
    source: str
    mutant: str
    flag: Flag | None
    difference: Difference | None
    is_run: bool = True

    @property
    def verdict(self) -> str:
        if self.flag:
            return KILLED
        if self.difference is None:
            return EQUIVALENT if self.is_run else NEVER_RUN
        return FREE if self.difference.of == FREE_EDGE else SURVIVOR


class Suite:
    """The mutants of one parent; those that are of one text are judged once."""

    def __init__(self, parent: Parent) -> None:
        self.parent = parent
        self.anatomy = Anatomy(parent.source)
        self.check = Check(parent)
        self._comparison: Comparison | None = None
        self._tree = parsing_environment().parse(parent.source)
        self._known: dict[str, tuple[Flag | None, Difference | None]] = {}

    @property
    def comparison(self) -> Comparison:
        if self._comparison is None:
            self._comparison = Comparison(self.parent, self.check.profile)
        return self._comparison

    def results(
        self, operators: Iterable[Operator] = OPERATORS, most: int | None = None
    ) -> Iterator[Result]:
        """What becomes of the mutants, of each operator's no more than ``most``."""
        for operator in operators:
            made = list(dict.fromkeys(operator.mutants(self.anatomy)))
            for number in spread(len(made), most):
                if self._is_other(made[number]):
                    yield self._result(operator, number, made[number])

    def _result(self, operator: Operator, number: int, mutant: str) -> Result:
        flag, difference = self._judged(mutant, operator.about == "text")
        is_run = bool(flag or difference) or not self.unreached.holds_all_of(mutant)
        source = self.parent.source
        return Result(
            self.parent.name, operator.name, number, source, mutant, flag, difference, is_run
        )

    @cached_property
    def unreached(self) -> Unreached:
        every = (*self.check.conversations, *self.comparison.conversations)
        return Unreached(self.anatomy, every)

    def _judged(self, mutant: str, is_about_text: bool) -> tuple[Flag | None, Difference | None]:
        if mutant not in self._known:
            flag = self.check.flag(mutant, is_about_text=is_about_text)
            difference = None if flag else self.comparison.difference(mutant)
            if difference is not None and difference.of != FREE_EDGE:
                flag = self.check.flag_in_whole(mutant)
            self._known[mutant] = flag, None if flag else difference
        return self._known[mutant]

    def _is_other(self, mutant: str) -> bool:
        """Whether jinja2 reads it as something else; a dash may change nothing."""
        try:
            return parsing_environment().parse(mutant) != self._tree
        except Exception:  # noqa: BLE001 — that it does not parse is for the check to find
            return True


@lru_cache(maxsize=3)
def suite_of(name: str) -> Suite:
    """The suite of a parent; a few are kept, as the tests of one follow each other."""
    return Suite(parent_named(name))


def spread(count: int, most: int | None) -> Sequence[int]:
    """The numbers below ``count``, or ``most`` of them that lie evenly."""
    if most is None or count <= most:
        return range(count)
    return [number * count // most for number in range(most)]
