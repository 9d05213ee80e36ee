"""A marked template taken apart: what stands where, and what each piece was seen to print."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Any

from jinja2 import nodes

from rewriter.source.lexer import Kind, Piece, Span
from rewriter.source.operands import operands
from rewriter.source.template import Block, Item, Leaf, Template, leaves
from rewriter.tracing.origins import Field, Literal
from rewriter.tracing.probes import QUESTION, SPECIAL_TOKENS, probes
from rewriter.tracing.render import TracedTemplate
from rewriter.tracing.trace import Run
from rewriter.turns.parts import GENERATED, Parts
from rewriter.turns.turns import Turns

# Kinds beside those of `turns`: what only a generation prompt prints, and what ends a turn.
CUE = "c"
END = "e"
END_OF_CALLS = "E"

ANSWER = {"role": "assistant", "content": "an answer"}
SYSTEM = {"role": "system", "content": "be brief"}
# What the probes have not: who speaks for the third time, and a system message in the middle.
MORE = (
    [SYSTEM, QUESTION, ANSWER],
    [QUESTION, ANSWER, SYSTEM, QUESTION, ANSWER],
    [QUESTION, ANSWER, QUESTION, ANSWER, QUESTION, ANSWER],
)
# What these hold is yielded only once all of it is there.
CAPTURING = ("macro", "set", "filter", "call")


@dataclass
class Printed:
    """What something printed: of which kinds, in whose turns, and who said it in which field."""

    kinds: set[str] = field(default_factory=set)
    roles: set[str | None] = field(default_factory=set)
    said: set[tuple[str, str]] = field(default_factory=set)

    def __or__(self, other: Printed) -> Printed:
        return Printed(self.kinds | other.kinds, self.roles | other.roles, self.said | other.said)

    def __bool__(self) -> bool:
        return bool(self.kinds)

    def says(self, role: str, *fields: str) -> bool:
        return any((role, each) in self.said for each in fields)


@dataclass(frozen=True, eq=False)
class Spot:
    """An item, the body that it stands in, and the blocks around it from the outside in."""

    item: Item
    body: tuple[Item, ...]
    index: int
    around: tuple[Block, ...]

    @property
    def before(self) -> tuple[Item, ...]:
        """Its siblings before it, the nearest first."""
        return self.body[: self.index][::-1]

    @property
    def after(self) -> tuple[Item, ...]:
        return self.body[self.index + 1 :]

    def is_in(self, *keywords: str) -> bool:
        return any(block.keyword in keywords for block in self.around)

    def is_within(self, item: Item) -> bool:
        return any(block is item for block in self.around)


class Anatomy:
    """One marked template."""

    def __init__(self, source: str) -> None:
        self.text = source
        self.template = Template(source)
        self._traced = TracedTemplate(self.template)
        self._starts = [piece.span.start for piece in self.template.pieces]
        self._at: defaultdict[int, Printed] = defaultdict(Printed)
        self._printed: dict[Span, Printed] = {}
        turns = Turns(self._traced, rough=True)
        extra = ((messages, dict(SPECIAL_TOKENS)) for messages in MORE)
        for messages, options in chain(probes(), extra):
            self._learn(turns, messages, options)
            self._learn_cue(messages, options)

    def _learn(self, turns: Turns, messages: list[dict[str, Any]], options: dict[str, Any]) -> None:
        try:
            parts = turns.parts(messages, **options)
        except Exception:  # noqa: BLE001 — a template may refuse a probe in any way
            return
        for run in parts.trace.runs:
            self._note(run, messages, set(parts.kinds[run.start : run.end]))
        for number, message in enumerate(messages):
            if end := _turn_end(parts, number):
                self._note(end, messages, {END, END_OF_CALLS if "tool_calls" in message else END})

    def _learn_cue(self, messages: list[dict[str, Any]], options: dict[str, Any]) -> None:
        try:
            trace = self._traced.render(messages, add_generation_prompt=True, **options)
        except Exception:  # noqa: BLE001 — a template may refuse a probe in any way
            return
        for run in trace.runs:
            if run.turn is None:
                self._note(run, messages, {CUE})

    def _note(self, run: Run, messages: list[dict[str, Any]], kinds: set[str]) -> None:
        for offset in {*run.sites, *self._written(run)}:
            for place in {offset, self._starts[self._index(offset)]}:
                seen = self._at[place]
                seen.kinds |= kinds
                seen.roles.add(None if run.turn is None else messages[run.turn]["role"])
                if isinstance(run.origin, Field) and run.origin.path:
                    by = messages[run.origin.message]["role"]
                    seen.said.add((by, str(run.origin.path[0])))

    def _written(self, run: Run) -> Iterable[int]:
        if not isinstance(run.origin, Literal):
            return ()
        offsets = self._traced.source_offsets(run.origin, 1)
        return (*offsets[:1], run.origin.at)

    def _index(self, offset: int) -> int:
        return bisect_right(self._starts, offset) - 1

    def takes(self, *roles: str) -> bool:
        """Whether the template renders turns of these speakers."""
        messages = [{"role": role, "content": "a"} for role in roles]
        return self._traced.attempted(messages, **SPECIAL_TOKENS) is not None

    def piece_at(self, offset: int) -> Piece | None:
        return self.template.pieces[self._index(offset)] if offset < len(self.text) else None

    def piece_before(self, offset: int) -> Piece | None:
        return self.piece_at(offset - 1) if offset else None

    def site(self, offset: int) -> Printed:
        """What an operand or a literal at an offset printed."""
        return self._at.get(offset, Printed())

    def printed(self, item: Item) -> Printed:
        """What an item printed, with all that stands in it."""
        if item.span not in self._printed:
            seen = Printed()
            for leaf in leaves([item]):
                if leaf.piece.kind in (Kind.OUTPUT, Kind.TEXT):
                    seen |= self.site(leaf.span.start)
            self._printed[item.span] = seen
        return self._printed[item.span]

    def prints(self, item: Item) -> bool:
        return bool(self.printed(item))

    @cached_property
    def spots(self) -> tuple[Spot, ...]:
        """Every item, in order, the outer ones before those within."""
        return tuple(_spots(self.template.items, ()))

    @property
    def generations(self) -> Iterator[Spot]:
        """The generation blocks."""
        return (
            spot
            for spot in self.spots
            if isinstance(spot.item, Block) and spot.item.keyword == "generation"
        )

    @cached_property
    def outputs(self) -> tuple[Spot, ...]:
        """The leaves that were seen to print."""
        return tuple(
            spot
            for spot in self.spots
            if isinstance(spot.item, Leaf)
            and spot.item.piece.kind in (Kind.OUTPUT, Kind.TEXT)
            and self.prints(spot.item)
        )

    @cached_property
    def message_loops(self) -> tuple[Spot, ...]:
        """The loops that print what people say, the outermost alone, and none in a macro."""
        return tuple(
            spot
            for spot in self.spots
            if self.message((*spot.around, spot.item))
            and not self.message(spot.around)
            and not spot.is_in(*CAPTURING)
        )

    def message(self, around: Iterable[Item]) -> str | None:
        """The name that the outermost loop over the messages gives to each."""
        for block in around:
            if isinstance(block, Block) and isinstance(block.node, nodes.For):
                target = block.node.target
                spoken = self.printed(block).roles - {None}
                if isinstance(target, nodes.Name) and spoken:
                    return target.name
        return None

    def operands(self, leaf: Item) -> list[tuple[nodes.Expr, Span]]:
        """What an output joins with ``+`` or ``~``, each where it stands."""
        if not (isinstance(leaf, Leaf) and isinstance(leaf.node, nodes.Expr)):
            return []
        whole = self.template.outer(leaf.node)
        if whole is None or whole != self.template.span(leaf.node):
            return [(leaf.node, whole)] if whole else []
        row = [(each, self.template.outer(each)) for each in operands(leaf.node)]
        return [(node, span) for node, span in row if span is not None]


def _turn_end(parts: Parts, turn: int) -> Run | None:
    """What printed the last that is generated in a turn, if the template wrote it."""
    own = [run for run in parts.trace.runs if run.turn == turn]
    last = next((r for r in reversed(own) if GENERATED in parts.kinds[r.start : r.end]), None)
    return None if last is None or isinstance(last.origin, Field) else last


def _spots(body: tuple[Item, ...], around: tuple[Block, ...]) -> Iterator[Spot]:
    for index, item in enumerate(body):
        yield Spot(item, body, index, around)
        if isinstance(item, Block):
            for clause in item.clauses:
                yield from _spots(clause.body, (*around, item))
