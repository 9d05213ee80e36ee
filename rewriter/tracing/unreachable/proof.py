"""Which branches of a template are unreachable.

A branch runs only if the tests around it have certain results. If no values give these results, and
nothing in between changes the values, it is unreachable. The only assumptions are what transformers
guarantees: which variables there are, and that they are plain data.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from jinja2 import nodes

from rewriter.tracing.taken_branches import PathTemplate
from rewriter.tracing.unreachable.assuming import Assuming, OfKinds, State
from rewriter.tracing.unreachable.expressions import Expressions
from rewriter.tracing.unreachable.flow import Flow, Point
from rewriter.tracing.unreachable.held import Held, Requirement
from rewriter.tracing.unreachable.keys import key as key_of
from rewriter.tracing.unreachable.kinds import Kinds

# Searches that take more steps than this prove nothing.
_MOST_STEPS: Final = 2000


def unreachable(template: PathTemplate, among: Sequence[int]) -> frozenset[int]:
    """The unreachable ones of some branches, by number, in order."""
    proof = _Proof(template)
    found: set[int] = set()
    for number in among:
        if template.branches[number].within in found or proof.is_impossible(number):
            found.add(number)
    return frozenset(found)


class _Proof:
    def __init__(self, template: PathTemplate) -> None:
        self._template = template
        self._flow = Flow(template.template.tree)
        self._held = Held(template, self._flow)
        self._steps = 0
        self._expressions = Expressions(self._flow, self._refined)
        self._assuming = Assuming(self._expressions)
        # While one expression is analysed closely, its parts are not.
        self._refining = 1
        self._expressions.settle()
        self._refining = 0

    def is_impossible(self, number: int) -> bool:
        """Whether no values fulfil the conditions of a branch."""
        point = self._flow.tested.get(number)
        if point is None:
            return False
        own: list[Requirement] = []
        arm: int | None = number
        while arm is not None and self._flow.tested.get(arm) is point:
            own += [(condition, point) for condition in self._held.guard(arm)]
            arm = self._template.branches[arm].within
        return not self._can_hold(own, point)

    def _can_hold(self, required: Sequence[Requirement], point: Point) -> bool:
        self._steps = 0
        return self._is_possible([*required, *self._held.relevant(required, point)], {})

    def _is_possible(self, pending: Sequence[Requirement], state: State) -> bool:
        self._steps += 1
        if self._steps > _MOST_STEPS:
            return True
        if not pending:
            return True
        (condition, point), *rest = pending
        for more, after in self._assuming.ways(condition, point, state):
            if self._is_possible([*((c, point) for c in more), *rest], after):
                return True
        return False

    def _refined(self, expression: nodes.Expr, point: Point) -> Kinds:
        """The kinds that an expression may have, given the results of the tests around it."""
        kinds = self._expressions.kinds(expression, point)
        key = key_of(expression)
        if self._refining or key is None:
            return kinds
        self._refining += 1
        steps = self._steps
        found = frozenset(
            kind
            for kind in kinds
            if self._can_hold([(OfKinds(expression, frozenset({kind})), point)], point)
        )
        self._steps = steps
        self._refining -= 1
        return found
