"""Renders of one template with answers forced, none made twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from jinja2 import TemplateError
from jinja2.exceptions import SecurityError

from rewriter.tracing.clock import current_time
from rewriter.tracing.source_places import Way

if TYPE_CHECKING:
    from rewriter.tracing.render import TracedTemplate
    from rewriter.tracing.trace import Trace


@dataclass(frozen=True, slots=True)
class ForcedRender:
    """The outcome of a conversation with forced answers.

    Attributes:
        template: the template, forced.
        trace: the render, or ``None`` if it raised.
        asked: each decision that was reached where forcing applies, with its answer if forced.
        turn: the turn in which it raised.
        results: the last result of each test.
        is_refused: whether the template, or the sandbox, raised on purpose.

    """

    template: TracedTemplate
    trace: Trace | None
    asked: Mapping[int, bool | None]
    turn: int | None
    results: Mapping[int, bool]
    is_refused: bool = False

    def took(self, way: Way) -> bool:
        """Whether the render's tests had the answers of a way when it ended or raised.

        Loops and operands are not tests.
        """
        decisions = self.template.sources.decisions
        return all(
            self.results.get(number) is holds
            for number, holds in way
            if decisions[number].kind == "test"
        )


class ForcedRenders:
    """Renders one template with the answers of ways forced.

    If a conversation reaches none of the decisions whose answers differ between two ways, both give
    the same render, which is made once.
    """

    def __init__(self, traced: TracedTemplate) -> None:
        self._traced = traced
        self._templates: dict[tuple[Way, bool, bool], TracedTemplate] = {}
        self._known: defaultdict[tuple[str, bool, bool], list[ForcedRender]] = defaultdict(list)

    def along(
        self,
        way: Way,
        messages: Sequence[Mapping[str, Any]],
        options: Mapping[str, Any],
        *,
        own: bool = False,
        softly: bool = False,
    ) -> ForcedRender:
        """A conversation rendered along a way.

        With ``own``, nothing is forced in others' turns; with ``softly``, only questions about text
        are.
        """
        known = self._known[repr((list(messages), options, current_time())), own, softly]
        forces = dict(way)
        found = next((each for each in known if _is_alike(each.asked, forces)), None)
        if found is None:
            found = self._rendered(way, messages, options, own=own, softly=softly)
            known.append(found)
        return replace(found, template=self._template(way, own=own, softly=softly))

    def _rendered(
        self,
        way: Way,
        messages: Sequence[Mapping[str, Any]],
        options: Mapping[str, Any],
        *,
        own: bool,
        softly: bool,
    ) -> ForcedRender:
        template = self._template(way, own=own, softly=softly)
        trace, is_refused = None, False
        try:
            trace = template.render_anew(messages, **options)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 — what contradicts the data may raise anything
            is_refused = type(error) is TemplateError or isinstance(error, SecurityError)
        seen = template.recorder
        return ForcedRender(template, trace, seen.asked, seen.turn, seen.results, is_refused)

    def _template(self, way: Way, *, own: bool, softly: bool) -> TracedTemplate:
        key = way, own, softly
        if key not in self._templates:
            self._templates[key] = self._traced.forced(way, own=own, softly=softly)
        return self._templates[key]


def _is_alike(asked: Mapping[int, bool | None], forces: Mapping[int, bool]) -> bool:
    return all(forces.get(number) is answer for number, answer in asked.items())
