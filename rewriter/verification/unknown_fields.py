"""The unknown keys and variables that an assistant's turn prints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from itertools import chain, islice, product
from typing import TYPE_CHECKING, Final

from jinja2 import nodes

from rewriter.tracing.accounting import Messages, noted
from rewriter.tracing.arms import reads
from rewriter.tracing.fields import Whose
from rewriter.tracing.made_from import bindings, targets
from rewriter.tracing.probes import probes
from rewriter.tracing.source_places import SourcePlaces
from rewriter.tracing.unlisted_conversations import conversations_with, with_each_key
from rewriter.turns.parts import ASSISTANT

if TYPE_CHECKING:
    from rewriter.tracing.render import TracedTemplate
    from rewriter.tracing.trace import Run, Trace

# Macros that are called from more places are rare.
_MOST_WAYS: Final = 4


def unknown_fields(traced: TracedTemplate, *, closely: bool = True) -> Mapping[str, int | None]:
    """Each name with the offset of the source that prints it; rare branches are forced.

    A message that is printed whole has no name. Without ``closely``, nothing is forced.
    """
    found: dict[str, int | None] = {}
    rarer = (_forced(traced, found), _set_below(traced, found)) if closely else ()
    for trace, messages in chain(_set(traced), *rarer):
        for run in trace.runs:
            role = messages[run.turn]["role"] if run.turn is not None else ""
            if role == ASSISTANT and run.whose is Whose.UNKNOWN:
                found.setdefault(traced.fields.name_of(run.origin), _site(run))
    return found


def _set(traced: TracedTemplate) -> Iterator[tuple[Trace, Messages]]:
    """Renders of conversations in which every key and variable is set."""
    for each in conversations_with(traced.unlisted):
        trace = traced.attempted(each.messages, **each.options)
        if trace:
            yield trace, each.messages


def _set_below(
    traced: TracedTemplate, found: Mapping[str, object]
) -> Iterator[tuple[Trace, Messages]]:
    """Renders in which the keys that were not ``found`` stand below those that models write."""
    for each in with_each_key(traced.template) if _missing(traced, found) else ():
        trace = traced.attempted(each.messages, **each.options)
        if trace:
            yield trace, each.messages


def _missing(traced: TracedTemplate, found: Mapping[str, object]) -> Set[str]:
    names = (*traced.unlisted.keys, *traced.unlisted.variables)
    whose = traced.fields.of_name
    return {name for name in names if whose(name) is Whose.UNKNOWN}.difference(found)


def _forced(
    traced: TracedTemplate, found: Mapping[str, object]
) -> Iterator[tuple[Trace, Messages]]:
    """Renders with forced tests, to reach reads of keys that were not ``found``."""
    missing = _missing(traced, found)
    if not missing:
        return
    given = [(each.messages, each.options) for each in conversations_with(traced.unlisted)]
    holding = missing | _holding(traced.template.tree, missing)
    places = SourcePlaces(traced.sources)
    open_ = noted(traced, chain(probes(), given)).open
    relevant = [source for source in open_ if not holding.isdisjoint(reads(source.node))]
    ways = dict.fromkeys(
        way for source in relevant for way in islice(places.ways(source), _MOST_WAYS)
    )
    for way, (messages, options) in product(ways, given):
        forced = traced.forced_renders.along(way, messages, options, own=True)
        if forced.trace:
            yield forced.trace, messages


def _holding(tree: nodes.Template, keys: Set[str]) -> Set[str]:
    """The names whose values are made from some of the keys and variables."""
    bound = list(bindings(tree))
    found: set[str] = set()
    for _ in bound:
        known = len(found)
        for target, value in bound:
            if not reads(value).isdisjoint(keys | found):
                found.update(targets(target))
        if len(found) == known:
            break
    return found


def _site(run: Run) -> int | None:
    return run.sites[0] if run.sites else None
