"""The template's own text that frames foreign text: ``'[' ~ time ~ '] ' ~ m.content``.

It is printed even without the time, and is not the model's then either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, takewhile
from typing import Final

from rewriter.tracing.origins import Literal
from rewriter.tracing.render import TracedTemplate
from rewriter.tracing.trace import Run, Trace
from rewriter.turns.foreign import is_foreign, is_said
from rewriter.turns.headers import SPECIAL
from rewriter.turns.parts import FOREIGN, GENERATED, UNTOLD, Parts

_CLOSING: Final = {"(": ")", "[": "]", "{": "}"}


def frames_of(
    traced: TracedTemplate, shown: Iterable[Parts], plain: Iterable[Trace]
) -> frozenset[int]:
    """The source of text that is foreign, or frames it, wherever conversations print it.

    Text in an arm that a foreign value chooses is certainly foreign. ``plain`` traces have none.
    """
    foreign: set[int] = set()
    others: set[int] = set()
    for parts in shown:
        turns = groupby(parts.trace.runs, key=lambda run: run.turn)
        brackets = {at for _, own in turns for at in _brackets([*own], parts.trace.text)}
        for at, offset in _offsets(traced, parts.trace.runs):
            is_foreign = parts.kinds[at] == FOREIGN or at in brackets
            (foreign if is_foreign else others).add(offset)
    if foreign <= others:
        return frozenset()
    others.update(offset for trace in plain for _, offset in _offsets(traced, trace.runs))
    return frozenset(foreign - others)


def mark_frames(
    trace: Trace,
    index: int,
    traced: TracedTemplate,
    frames: frozenset[int],
    kinds: list[str],
    *,
    rough: bool,
) -> None:
    """Mark what frames something in the turn of message ``index``, or has its place in ``frames``.

    With nothing in it that may be something else: plans leave it out (``rough``), and a mask may
    do so or not.
    """
    own = trace.of_turn(index)
    places = {*_brackets(own, trace.text)}
    places.update(at for at, offset in _offsets(traced, own if frames else ()) if offset in frames)
    for at in places:
        if kinds[at] == GENERATED:
            kinds[at] = FOREIGN if rough else UNTOLD


def _offsets(traced: TracedTemplate, runs: Iterable[Run]) -> Iterator[tuple[int, int]]:
    """The places of the template's own text in what is printed, and where its source has it."""
    for run in runs:
        if isinstance(run.origin, Literal):
            offsets = traced.source_offsets(run.origin, run.end - run.start)
            yield from zip(range(run.start, run.end), offsets, strict=False)


def _brackets(own: Sequence[Run], text: str) -> Iterator[int]:
    """Where a turn has punctuation next to what is foreign.

    Before the turn's first word that is all of it, as a token there is the model's to write; after
    it brackets that hold nothing else, and the space before them.
    """
    leading = len(list(takewhile(lambda run: not is_said(run), own)))
    for number, run in enumerate(own):
        if not is_foreign(run):
            continue
        before = _punctuation(own[:number][::-1], text, -1)
        after = _punctuation(own[number + 1 :], text, 1)
        if number < leading:
            yield from (*before, *after)
        elif before and after:
            opening, closing = text[before[0]], text[after[0]]
            if _CLOSING.get(opening) == closing:
                space = takewhile(lambda at: text[at].isspace(), before[1:])
                yield from (before[0], *space, after[0])


def _punctuation(near: Sequence[Run], text: str, step: int) -> list[int]:
    """The places of the punctuation that the template prints next to something, nearest first."""
    found: list[int] = []
    for run in takewhile(lambda each: isinstance(each.origin, Literal), near):
        frame = list(_frame(run, text, step))
        found += frame
        if len(frame) < run.end - run.start:
            break
    return found


def _frame(run: Run, text: str, step: int) -> Iterator[int]:
    """The places of the punctuation at one end of a run."""
    tokens = (range(*each.span()) for each in SPECIAL.finditer(text, run.start, run.end))
    in_tokens = {at for token in tokens for at in token}
    for at in range(run.start, run.end)[::step]:
        if at in in_tokens or _may_be_said(text[at]):
            return
        yield at


def _may_be_said(character: str) -> bool:
    """Whether it may be of a word, or of a token."""
    return character.isalnum() or character in "<>|"
