"""Foreign text in an assistant's turn: fields of its message, or variables, that no model writes.

They are given, or unknown. The template's own text that is printed only with them is foreign, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rewriter.source.lexer import Span
from rewriter.tracing.arms import Arm
from rewriter.tracing.fields import Whose, given_types
from rewriter.tracing.origins import Field, Input, Literal, Unknown
from rewriter.tracing.trace import Run
from rewriter.turns.parts import FOREIGN, GENERATED, PREFILL, PROMPT, TRAILING, UNTOLD


def is_foreign(run: Run) -> bool:
    """Whether a run is text that the model does not write, and that is not from another message.

    The role is handled elsewhere, by its place.
    """
    return run.whose not in (None, Whose.GENERATED) and not run.is_role


def may_be_foreign(runs: Iterable[Run], spans: Sequence[Span]) -> bool:
    """Whether one of some runs is foreign, or stands in one of some spans."""
    return any(is_foreign(run) or _is_in(run, spans) for run in runs)


def is_said(run: Run) -> bool:
    """Whether a run is message text, and not foreign."""
    return isinstance(run.origin, Field) and not is_foreign(run)


def mark_foreign(
    own: Sequence[Run],
    arms: Sequence[Arm],
    reads: Mapping[int, frozenset[str]],
    kinds: list[str],
    *,
    rough: bool,
) -> None:
    """Mark foreign text in the turn whose runs are ``own``, and the text that goes with it.

    ``reads`` has what is read at sites that only read foreign values. Text in the same output or
    operand, outside an arm of its own, may be the model's if the field is missing: plans
    (``rough``) leave it out, a proof leaves it open.
    """
    foreign = [run for run in own if is_foreign(run) and not _is_header(run, kinds)]
    if not foreign:
        return
    for run in foreign:
        kinds[run.start : run.end] = FOREIGN * (run.end - run.start)
    said = [run for run in own if is_said(run)]
    taken = [arm for arm in arms if any(_is_taken_for(arm, run, reads) for run in foreign)]
    bare = [arm for arm in taken if not any(arm.holds(_positions(run)) for run in said)]
    alone = {site for run in foreign for site in run.sites}
    alone -= {site for run in said for site in run.sites}
    for run in own:
        if isinstance(run.origin, (Literal, Unknown)):
            if any(arm.holds(_positions(run)) for arm in bare):
                _mark(run, FOREIGN, kinds)
            elif not alone.isdisjoint(run.sites):
                _mark(run, FOREIGN if rough else UNTOLD, kinds)


def mark_given(
    own: Sequence[Run], text: str, given: Sequence[Span], end: str, kinds: list[str]
) -> None:
    """Mark the template's own text, and its numbers, in arms that depend only on ``given`` values.

    Except text with the ``end`` of turns: the model stops at it, whatever chooses it.
    """
    for run in own if given else ():
        is_end = bool(end) and end in text[run.start : run.end]
        if isinstance(run.origin, (Literal, Unknown)) and not is_end and _is_in(run, given):
            _mark(run, FOREIGN, kinds)


def _is_in(run: Run, spans: Sequence[Span]) -> bool:
    places = tuple(_positions(run))
    return any(span.holds(*places) for span in spans)


def _mark(run: Run, kind: str, kinds: list[str]) -> None:
    """Mark what is not prompted."""
    for at in range(run.start, run.end):
        if kinds[at] in (GENERATED, UNTOLD, PREFILL, TRAILING):
            kinds[at] = kind


def _is_header(run: Run, kinds: Sequence[str]) -> bool:
    return run.whose is Whose.HEADER and kinds[run.start] == PROMPT


def _is_taken_for(arm: Arm, run: Run, reads: Mapping[int, frozenset[str]]) -> bool:
    """Whether an arm is chosen by the value of a foreign run in it."""
    return arm.holds(_positions(run)) and not arm.reads.isdisjoint(_names(run, reads))


def _names(run: Run, reads: Mapping[int, frozenset[str]]) -> Iterable[str]:
    if isinstance(run.origin, Input):
        return (run.origin.name,)
    if isinstance(run.origin, Field):
        keys = [key for key in run.origin.path if isinstance(key, str)]
        return (*keys, "type") if not given_types().isdisjoint(keys) else keys
    return reads.get(run.sites[0], ()) if run.sites else ()


def _positions(run: Run) -> Iterable[int]:
    return (*run.sites, run.origin.at) if isinstance(run.origin, Literal) else run.sites
