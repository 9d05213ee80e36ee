"""What is marked in a rendered conversation: each turn, its headers, its end and what trails it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, islice, takewhile

from rewriter.tracing.fields import Whose
from rewriter.tracing.foreign import is_foreign, mark_foreign
from rewriter.tracing.headers import SPECIAL, Cue, Header, header_of, shared_tokens
from rewriter.tracing.leads import is_closing, is_lead, lead
from rewriter.tracing.parts import GENERATED, OUTSIDE, PREFILL, PROMPT, TRAILING, UNTOLD
from rewriter.tracing.provenance import Field, Input, Literal
from rewriter.tracing.render import Run, Trace, TracedTemplate
from rewriter.tracing.separators import Separators


def mark_turn(
    trace: Trace,
    index: int,
    cues: Sequence[Cue],
    kinds: list[str],
    traced: TracedTemplate,
    *,
    rough: bool,
) -> None:
    """Mark the characters that the assistant's message number ``index`` printed.

    ``traced`` is the template that printed them.
    ``rough``: as generated too what begins like a whole thought that is prefilled, and is none.
    """
    own = [run for run in trace.runs if run.turn == index]
    places = [at for run in own for at in range(run.start, run.end)]
    header = _named(header_of(lead(trace, index), cues), trace, own, index, cues)
    prefill = GENERATED if rough and header.prefill == UNTOLD else header.prefill
    for number, at in enumerate(places):
        kinds[at] = (
            PROMPT if number < header.role else prefill if number < header.end else GENERATED
        )
    if not header.end and not rough:
        _mark_openings(trace, own, cues, kinds)
    prefilled = [run for run in own if PREFILL in kinds[run.start : run.end]]
    for run in prefilled[1:] if not rough else ():
        # An empty thought printed by what frames a thought: the second tag is prompted here only.
        if _literal(run) != _literal(prefilled[0]):
            told = kinds[run.start : run.end]
            kinds[run.start : run.end] = "".join(told).replace(PREFILL, UNTOLD)
    is_nobodys = header.end and not header.is_whole and not any(_is_said(run, index) for run in own)
    for run in own:
        if is_environment(run, index):
            kinds[run.start : run.end] = OUTSIDE * (run.end - run.start)
        elif is_nobodys and not rough:
            # Neither a header nor a word says that it is the assistant's.
            kinds[run.start : run.end] = UNTOLD * (run.end - run.start)
    if any(map(is_foreign, own)):
        mark_foreign(own, traced.arms, traced.foreign_reads, kinds, rough=rough)


def _named(
    header: Header, trace: Trace, own: Sequence[Run], index: int, cues: Sequence[Cue]
) -> Header:
    """The header, to its close behind what names the speaker in it."""
    beginning = lead(trace, index)
    ends = accumulate(run.end - run.start for run in own)
    named = (end for run, end in zip(own, ends, strict=True) if run.whose is Whose.HEADER)
    end = max((at for at in named if header.end < at <= len(beginning)), default=0)
    if not end or not header.end:
        return header
    cue = next((c for c in cues if c.role.startswith(beginning[header.start : header.role])), None)
    close = cue.role[header.role - header.start :] if cue else ""
    at = beginning.find(close, end) if close else -1
    end = at + len(close) if at >= 0 else end
    prefill = shared_tokens(beginning[end:], cue.prefill) if cue else 0
    return Header(header.start, end, end + prefill)


def _is_said(run: Run, index: int) -> bool:
    return (
        isinstance(run.origin, Field)
        and run.origin.message == index
        and run.whose is Whose.GENERATED
    )


def _mark_openings(trace: Trace, own: Sequence[Run], cues: Sequence[Cue], kinds: list[str]) -> None:
    """Mark what opens a thought in a turn that goes on without a header.

    Behind a header the prompt prefills it, and one literal cannot be in the mask and out of it.
    """
    prefills = [cue.prefill for cue in cues if cue.prefill.strip()]
    for run in own:
        text = trace.text[run.start : run.end]
        opens = any(shared_tokens(text, prefill) == len(text) for prefill in prefills)
        if opens and isinstance(run.origin, Literal):
            kinds[run.start : run.end] = UNTOLD * len(text)


def _literal(run: Run) -> int | None:
    return run.origin.at if isinstance(run.origin, Literal) else None


def is_environment(run: Run, index: int) -> bool:
    """Whether a run in the turn of message ``index`` holds what another message says."""
    return isinstance(run.origin, Field) and run.origin.message != index


def mark_headers(trace: Trace, index: int, role: str, kinds: list[str], *, rough: bool) -> None:
    """Mark each further role header that the template prints within the turn.

    White space before it is behind an end as well as before a header, and may be in the mask or
    not; plans leave it out (``rough``), as behind the turn's last end.
    """
    if not SPECIAL.search(role):
        return
    at = trace.text.find(role)
    while at >= 0:
        end = at + len(role)
        over = [run for run in trace.runs if run.start < end and at < run.end]
        if all(run.turn == index and is_lead(run) for run in over):
            kinds[at:end] = PROMPT * len(role)
            own = [run for run in trace.runs if run.turn == index and run.end <= at]
            for _, place in takewhile(lambda place: _is_own_space(trace, *place), _backwards(own)):
                if kinds[place] == GENERATED:
                    kinds[place] = TRAILING if rough else UNTOLD
        at = trace.text.find(role, end)


def mark_trailing(
    trace: Trace, index: int, separators: Separators, kinds: list[str], *, rough: bool
) -> None:
    """Mark the white space behind a turn's end; behind words, or nothing, it may be the end itself.

    What also separates what is said is not behind the turn's end, unless that is printed with it
    each time. ``rough``: behind words as well, since in another turn the same is behind an end.
    """
    separating = GENERATED if rough else UNTOLD
    own = [run for run in trace.runs if run.turn == index]
    behind = list(takewhile(lambda place: _is_own_space(trace, *place), _backwards(own)))
    last = next(islice(_backwards(own), len(behind), None), None)
    is_ended = (
        last is not None and kinds[last[1]] == GENERATED and not isinstance(last[0].origin, Field)
    )
    for run, at in behind:
        if kinds[at] == GENERATED:
            kinds[at] = TRAILING if is_ended or rough else UNTOLD
            if last and is_ended and separators.holds(last, run, at):
                kinds[at] = TRAILING if separators.ends(trace, *last) else separating
    for at in separators.behind_ends(trace, own, behind) if is_ended else ():
        if kinds[at] == GENERATED:
            kinds[at] = TRAILING if rough else UNTOLD


def _backwards(runs: Sequence[Run]) -> Iterator[tuple[Run, int]]:
    return ((run, at) for run in reversed(runs) for at in range(run.end - 1, run.start - 1, -1))


def _is_own_space(trace: Trace, run: Run, at: int) -> bool:
    return trace.text[at].isspace() and not isinstance(run.origin, Field)


def mark_late_end(
    trace: Trace, index: int, late: str, kinds: list[str], *, own: bool
) -> Sequence[int]:
    """Mark what ends the turn before that of message ``index``, and is printed in it.

    ``own``: that turn was the assistant's.
    """
    if not lead(trace, index).startswith(late):
        return ()
    turn = (at for run in trace.runs if run.turn == index for at in range(run.start, run.end))
    places = list(islice(turn, len(late)))
    for number, at in enumerate(places):
        kind = GENERATED if late[number:].strip() else TRAILING
        kinds[at] = kind if own else OUTSIDE
    return places


def mark_end(trace: Trace, cue: Cue, late: str, kinds: list[str]) -> None:
    """Mark what is printed after the loop over a conversation that the assistant ends.

    The header of the next turn is no end, nor is a text that has words in it.
    """
    end = trace.last_turn_end
    behind = [run for run in trace.runs if end and run.start >= end]
    text = trace.text[end:].strip()
    if text != late.strip():
        begins_turn = bool(text) and cue.role.startswith(text)
        if begins_turn or not all(_may_end(trace, run) for run in behind):
            return
    for run in behind:
        if not isinstance(run.origin, Field) and not is_foreign(run):
            for at in range(run.start, run.end):
                if not trace.text[at].isspace():
                    kinds[at] = GENERATED


def _may_end(trace: Trace, run: Run) -> bool:
    """Whether a run is such as ends turns; a token that is given may be any text."""
    text = trace.text[run.start : run.end].rstrip()
    is_given = isinstance(run.origin, (Field, Input)) and not is_foreign(run)
    return is_given or is_closing(text)
