"""Render a template and record its path, at little more than the cost of a plain render."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from rewriter.source.template import Template
from rewriter.tracing.branches import ENTERS, LEAVES, REACHED, WALKS, Branch, Condition, Noting
from rewriter.tracing.compiled import Compiled, too_deep

# Numbers of branches are from 0 on; what else happens is noted below that.
_ENTERED: Final = -1
_LEFT: Final = -2
_ELSE_WALKED: Final = -3
_MESSAGE: Final = -4


@dataclass(frozen=True)
class Path:
    """The path of one render, until it was completed or raised.

    ``events`` are the numbers of branches and, below zero, the loops and their items.
    """

    events: tuple[int, ...]

    @cached_property
    def branches(self) -> frozenset[int]:
        """The numbers of the branches that were reached."""
        return frozenset(event for event in self.events if event >= 0)

    @cached_property
    def turns(self) -> Mapping[int | None, Sequence[int]]:
        """The branches reached in each message's turn, in order; ``None`` is outside of all."""
        turn: int | None = None
        around: list[int | None] = []
        found: dict[int | None, list[int]] = {None: []}
        steps = found[None]
        for event in self.events:
            if event >= 0:
                steps.append(event)
                continue
            if event == _ENTERED:
                around.append(turn)
                continue
            if event == _LEFT:
                turn = around.pop() if around else None
            elif event == _ELSE_WALKED:
                turn = around[-1] if around else None
            else:
                turn = _MESSAGE - event
            steps = found.setdefault(turn, [])
        return found


@dataclass(frozen=True, slots=True)
class Walk:
    """The outcome of a render.

    Attributes:
        path: its path.
        text: the printed text, or ``None`` if it raised.
        generated: the spans of the ``generation`` blocks in the text.
        raised: the error that it raised.

    """

    path: Path
    text: str | None = None
    generated: tuple[tuple[int, int], ...] = ()
    raised: Exception | None = None


class PathTemplate:
    """A template compiled once, in transformers' sandbox, so that it records its path.

    One instance renders one conversation at a time. ``branches`` are those of the template, by the
    numbers that a path has; ``guards`` the conditions on each of them, and ``outputs`` the offsets
    of what is printed in none.

    Args:
        source: the template.

    Raises:
        BadInput: jinja2 cannot parse or compile it.

    """

    def __init__(self, source: str) -> None:
        self.template = Template(source)
        try:
            noting = Noting(self.template)
        except RecursionError:
            raise too_deep() from None
        self.branches: tuple[Branch, ...] = noting.branches
        self.guards: tuple[tuple[Condition, ...], ...] = tuple(noting.guards)
        self.outputs: tuple[int, ...] = noting.outputs
        self._events: list[int] = []
        self._messages: dict[int, int] = {}
        # The first and the most frequent is a built-in, called without a detour through Python.
        filters = {
            REACHED: self._events.append,
            WALKS: self._walks,
            ENTERS: lambda _: self._events.append(_ENTERED),
            LEAVES: lambda _: self._events.append(_LEFT),
        }
        self._compiled = Compiled(noting.tree, source, filters)

    def render(self, messages: Sequence[Mapping[str, Any]], variables: Mapping[str, Any]) -> Walk:
        """Render a conversation, whose values are plain data as `compiled.prepared` makes it.

        Args:
            messages: the messages, which are recognised when the template iterates over them.
            variables: everything else that the template reads.

        """
        self._events.clear()
        self._messages = {id(message): number for number, message in enumerate(messages)}
        try:
            printed = self._compiled.run({"messages": messages, **variables})
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 — a template may make jinja2 raise anything at all
            return Walk(Path(tuple(self._events)), raised=error)
        return Walk(Path(tuple(self._events)), "".join(printed.parts), printed.generated)

    def _walks(self, item: Any) -> None:
        number = self._messages.get(id(item))
        if number is None and isinstance(item, tuple):
            known = (self._messages.get(id(each)) for each in item)
            number = next((each for each in known if each is not None), None)
        self._events.append(_ELSE_WALKED if number is None else _MESSAGE - number)
