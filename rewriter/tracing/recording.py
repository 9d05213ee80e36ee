"""The filters of the instrumented tree, which record the origin and the turn of text."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any

from jinja2 import Undefined, pass_context
from jinja2.runtime import Context

from rewriter.tracing import instrument
from rewriter.tracing.forced_tests import ANSWERED, IS_FORCED, ITEMS, TESTED
from rewriter.tracing.inputs import Message
from rewriter.tracing.markup import safe
from rewriter.tracing.origins import UNKNOWN, Literal
from rewriter.tracing.provenance import (
    Stretch,
    Traced,
    blended,
    joined,
    passed_on,
    stretches_of,
    tracked,
)
from rewriter.tracing.rebuilt import rebuilt


class Recorder:
    """Follows one render after another, with a stack of the turns of open loops.

    The filters ask for the context only so that jinja2 does not evaluate them as constants.
    """

    def __init__(self) -> None:
        self._turns: list[int | None] = [None]
        self._walks_messages = [True]
        self._texts: dict[tuple[int, int | None], Traced] = {}
        self._evaluated: set[tuple[int, int | None]] = set()
        self._empty: set[tuple[int, int | None]] = set()
        self._results: dict[int, bool] = {}
        self._asked: dict[int, bool | None] = {}
        self._forces: Mapping[int, bool] = {}
        self._assistants: Container[int] = ()
        self._is_forced_in_all = True
        self._is_soft = False
        # The values that were tested and are read next; a stack, since they may be nested.
        self._values: list[Any] = []

    def begin(
        self,
        forces: Mapping[int, bool],
        assistants: Container[int],
        *,
        own: bool = False,
        softly: bool = False,
    ) -> None:
        """Forget the last render; ``assistants`` are the indices of the assistant's messages.

        ``forces`` has the answers of forced decisions. With ``own``, they are not forced in others'
        turns; with ``softly``, only questions about text are.
        """
        self._assistants = assistants
        self._is_forced_in_all = not own
        self._is_soft = softly
        self._values.clear()
        self._turns[:] = [None]
        self._walks_messages[:] = [True]
        self._evaluated = set()
        self._empty = set()
        self._results = {}
        self._asked = {}
        self._forces = forces

    @property
    def turn(self) -> int | None:
        """The message in whose turn the render is, or was when it raised."""
        return self._turns[-1]

    @property
    def results(self) -> Mapping[int, bool]:
        """The last result of each test that may be forced."""
        return self._results

    @property
    def asked(self) -> Mapping[int, bool | None]:
        """Each decision that was reached where forcing applies, with its answer if forced."""
        return self._asked

    @property
    def evaluated(self) -> frozenset[tuple[int, int | None]]:
        """The keys of the sources that had a value, each with its turn."""
        return frozenset(self._evaluated)

    @property
    def empty(self) -> frozenset[tuple[int, int | None]]:
        """The keys of the sources that were evaluated but empty, likewise."""
        return frozenset(self._empty)

    @property
    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters by their names in the tree, and new versions of two of jinja2's own."""
        return {
            instrument.TEXT: self._text,
            instrument.LITERAL: self._literal,
            instrument.PASSED: self._passed,
            instrument.PRINTED: self._printed,
            instrument.CONCAT: self._concatenated,
            instrument.FORMATTED: _formatted,
            instrument.ENTER: self._enter,
            instrument.TURN: self._turn,
            instrument.BOUND: self._bound,
            instrument.LEAVE: self._leave,
            instrument.MESSAGE: self._rebuilt,
            instrument.SOURCE: self._source,
            instrument.HAS_VALUE: self._has_value,
            instrument.VALUE: self._value,
            IS_FORCED: self._is_forced,
            ANSWERED: self._answered,
            ITEMS: self._items,
            TESTED: self._tested,
            "join": tracked(_join),
            "safe": _safe,
        }

    @pass_context
    def _text(self, _: Any, value: str, site: int) -> Traced:
        return self._written(value, site, (site,))

    @pass_context
    def _literal(self, _: Any, value: str, site: int) -> Traced:
        return self._written(value, site, ())

    def _written(self, value: str, site: int, sites: tuple[int, ...]) -> Traced:
        """The template's own text at a site, which is the same in every render."""
        key = site, self._turns[-1]
        self._evaluated.add(key)
        known = self._texts.get(key)
        if known is None or known != value:
            stretches = (Stretch(len(value), Literal(site, 0), sites, key[1]),) if value else ()
            known = self._texts[key] = Traced.of(value, stretches)
        return known

    @pass_context
    def _source(self, _: Any, value: Any, key: int, is_name: bool) -> Any:
        """Record an evaluated source; a name may be empty, since its values are sources too."""
        is_empty = value is None or isinstance(value, Undefined) or value == ""
        noted = self._empty if is_empty and not is_name else self._evaluated
        noted.add((key, self._turns[-1]))
        return value

    @pass_context
    def _has_value(self, _: Any, value: Any, asks_for_truth: bool = False) -> bool:
        """Whether ``default`` keeps a value."""
        is_kept = not isinstance(value, Undefined) and (bool(value) or not asks_for_truth)
        if is_kept:
            self._values.append(value)
        return is_kept

    @pass_context
    def _value(self, _: Any, __: Any) -> Any:
        return self._values.pop()

    @pass_context
    def _is_forced(self, _: Any, decision: int, is_asked_of_words: bool) -> bool:
        return self._holds(decision) and (is_asked_of_words or not self._is_soft)

    def _holds(self, decision: int) -> bool:
        """Whether a decision is forced at this point of the render."""
        turn = self._turns[-1]
        is_here = self._is_forced_in_all or turn is None or turn in self._assistants
        if is_here:
            self._asked[decision] = self._forces.get(decision)
        return is_here and decision in self._forces

    @pass_context
    def _answered(self, _: Any, decision: int, holds: bool) -> bool:
        return self._forces[decision] is holds

    @pass_context
    def _tested(self, _: Any, value: Any, decision: int) -> Any:
        self._results[decision] = bool(value)
        return value

    @pass_context
    def _items(self, _: Any, value: Any, decision: int) -> Any:
        """The iterable of a loop; if it is forced to have an item, one with any fields."""
        if self._is_soft or not self._holds(decision):
            return value
        if not self._forces[decision]:
            return ()
        if isinstance(value, (str, Mapping, list, tuple)) and value:
            return value
        return value if value and not isinstance(value, Undefined) else (Anything(),)

    @pass_context
    def _passed(self, _: Any, value: Any, site: int) -> Any:
        return passed_on(value, site, self._turns[-1]) if isinstance(value, str) else value

    @pass_context
    def _printed(self, _: Any, value: Any, site: int) -> Any:
        if isinstance(value, Undefined):
            return value
        return passed_on(_as_text(value), site, self._turns[-1])

    @pass_context
    def _concatenated(self, _: Any, values: Iterable[Any]) -> str:
        return joined(map(_as_text, values))

    @pass_context
    def _enter(self, _: Any, __: Any) -> None:
        self._turns.append(self._turns[-1])
        self._walks_messages.append(False)

    @pass_context
    def _turn(self, _: Any, item: Any) -> None:
        """Record that a loop takes its next item.

        Within another's turn, it only looks up an assistant's message, such as for the call that a
        tool answers.
        """
        found = _message_index(item)
        looks_up = self._turns[-2] is not None and _is_assistants(item)
        self._turns[-1] = self._turns[-2] if found is None or looks_up else found
        self._walks_messages[-1] = found is not None

    @pass_context
    def _bound(self, _: Any, item: Any) -> None:
        """Record that a loop over indices assigns its message."""
        found = _message_index(item)
        looks_up = self._turns[-2:-1] not in ([], [None]) and _is_assistants(item)
        if found is not None and not self._walks_messages[-1] and not looks_up:
            self._turns[-1] = found

    @pass_context
    def _rebuilt(self, _: Any, value: Any) -> Any:
        return rebuilt(value, self._assistants)

    @pass_context
    def _leave(self, _: Any, __: Any) -> None:
        self._turns.pop()
        self._walks_messages.pop()


class Anything(dict[str, Any]):
    """An item that a loop is forced to have, with unknown text in every field."""

    def __missing__(self, _: str) -> str:
        return Traced.whole("anything", UNKNOWN)


@pass_context
def _formatted(context: Context, value: Any, /, *args: Any, **named: Any) -> Any:
    text: Any = context.call(context.environment.getattr(value, "format"), *args, **named)
    return value.formatted(text, args, named) if isinstance(value, Traced) else text


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else blended(str(value), (value,))


def _message_index(item: Any) -> int | None:
    if isinstance(item, Message):
        return item._index  # noqa: SLF001 — hidden from templates by its underscore
    if isinstance(item, tuple):
        return next((m._index for m in item if isinstance(m, Message)), None)  # noqa: SLF001
    return None


def _is_assistants(item: Any) -> bool:
    return isinstance(item, Mapping) and item.get("role") == "assistant"


def _join(values: Iterable[Any], d: str = "", attribute: str | int | None = None) -> str:
    """``join`` of jinja2 on plain text, keeping provenance."""
    items = list(values)
    if attribute is not None:
        items = [item[attribute] if isinstance(item, Mapping) else item for item in items]
    return Traced.of(str(d), stretches_of(d)).join(map(_as_text, items))


def _safe(value: Any) -> Any:
    return safe(_as_text(value))
