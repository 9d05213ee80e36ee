"""What always holds at a point of a template."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from jinja2 import nodes

from rewriter.tracing.branches import Condition
from rewriter.tracing.taken_branches import PathTemplate
from rewriter.tracing.unreachable.assuming import OfKinds
from rewriter.tracing.unreachable.flow import Flow, Point, fields_set, is_event, names
from rewriter.tracing.unreachable.survivors import known_after

# What must hold, and where.
Requirement: TypeAlias = tuple[Condition | OfKinds, Point]


class Held:
    """The results of the tests around and before the points of one template.

    Args:
        template: the template.
        flow: where its statements stand.

    """

    def __init__(self, template: PathTemplate, flow: Flow) -> None:
        self._template = template
        self._flow = flow
        self._names: dict[int, frozenset[str]] = {}
        self._survived: dict[int, tuple[Condition, ...]] = {}
        # What a macro that is called anywhere may change.
        inner = map(fields_set, flow.macros.values())
        self._elsewhere = frozenset[str]().union(*inner)

    def relevant(self, required: Sequence[Requirement], point: Point) -> Sequence[Requirement]:
        """The facts at a point that read the same values as the expression, or related ones."""
        read = frozenset[str]().union(*(self._read(c.test) for c, _ in required))
        left = list(self._all(point))
        found: list[Requirement] = []
        while more := [pair for pair in left if self._read(pair[0].test) & read]:
            found += more
            left = [pair for pair in left if pair not in more]
            read = read.union(*(self._read(c.test) for c, _ in more))
        return found

    def guard(self, number: int) -> Sequence[Condition]:
        """The conditions of a branch, except those that are only likely."""
        if self._template.branches[number].kind == "after":
            return ()
        return self._template.guards[number]

    def _all(self, point: Point | None) -> Iterator[Requirement]:
        """The results of the tests around and before a point that still hold there."""
        changed: frozenset[str] = self._elsewhere
        while point is not None:
            for statement in reversed(point.body[: point.index]):
                if is_event(statement):
                    continue
                changed |= self._flow.changed(statement)
                here = self._flow.point(statement)
                yield from self._still(self._after(statement), here, changed)
            owner: Any = point.owner
            if isinstance(owner, nodes.Macro):
                return
            if isinstance(owner, nodes.For):
                changed |= self._flow.stored(owner.target) | self._flow.changed(owner) | {"loop"}
            elif owner is not None and not isinstance(owner, nodes.If):
                changed |= self._flow.stored(owner)
            number = self._flow.number.get(id(point.body))
            if number is not None and point.around is not None:
                yield from self._still(self.guard(number), point.around, changed)
            point = point.around

    def _still(
        self, conditions: Sequence[Condition], point: Point, changed: frozenset[str]
    ) -> Iterator[Requirement]:
        for condition in conditions:
            if not self._read(condition.test) & changed:
                yield condition, point

    def _after(self, statement: nodes.Node) -> Sequence[Condition]:
        if id(statement) not in self._survived:
            self._survived[id(statement)] = tuple(known_after(statement))
        return self._survived[id(statement)]

    def _read(self, test: nodes.Node) -> frozenset[str]:
        if id(test) not in self._names:
            self._names[id(test)] = names(test)
        return self._names[id(test)]
