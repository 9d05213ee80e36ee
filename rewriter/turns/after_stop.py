"""What of a turn's text after its stop token is whose."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import dropwhile, pairwise, takewhile

from rewriter.tracing.origins import Field, Input, Literal
from rewriter.tracing.trace import Run, Trace
from rewriter.turns.headers import SPECIAL, spelled_otherwise
from rewriter.turns.parts import GENERATED, OUTSIDE, PROMPT, TRAILING, UNTOLD
from rewriter.turns.stop_token import StopToken, is_said


def mark_after_stop(
    trace: Trace, index: int, stop: StopToken, role: str, kinds: list[str], *, rough: bool
) -> None:
    """Mark the text of the turn of message ``index`` after its stop token.

    White space there trails, even before more of the message's text; if that has no header, a proof
    (not ``rough``) leaves it open. What is spelled there as the ``role`` header is one, whomever it
    names.
    """
    own = trace.of_turn(index)
    _mark_beginnings(
        trace, dropwhile(lambda run: not is_said(run, index), own), stop, kinds, rough=rough
    )
    if not stop.text:
        _mark_after_plain(trace, own, stop.plain, kinds)
        return
    places = [at for run in own for at in range(run.start, run.end)]
    text = "".join(trace.text[run.start : run.end] for run in own)
    is_field = _at_each(own, lambda run: isinstance(run.origin, Field))
    is_said_at = _at_each(own, lambda run: is_said(run, index))
    is_call_at = _at_each(own, _is_of_call)
    is_own = [said or kinds[at] == PROMPT for said, at in zip(is_said_at, places, strict=True)]
    ends = [
        found.span()
        for found in re.finditer(re.escape(stop.text), text)
        if not any(is_field[found.start() : found.end()])
    ]
    is_nobodys = False
    for (_, end), (again, further) in pairwise([*ends, (len(text), len(text))]):
        until = next((n for n in range(end, again) if is_own[n]), again)
        if again == len(text) and not any(is_said_at[end:]):
            # A header without message text after it prompts the next speaker.
            until = again
        begin = end + stop.end_after(text[end:until])
        between = text[begin:until]
        # Words before a call belong to the template's format of calls.
        is_call = until < again and is_call_at[until]
        is_more = is_call or not between.strip() or SPECIAL.search(between) is not None
        if until < again and is_said_at[until] and not is_more:
            # The template's own words repeat message text: a remark, not a channel.
            until = next((n for n in range(until, again) if kinds[places[n]] == PROMPT), again)
            _mark_nobodys(trace, places[begin:until], kinds, TRAILING)
        elif until < again and is_said_at[until]:
            _mark_space(trace, places[begin:until], kinds, TRAILING if rough else UNTOLD)
            for first, last in spelled_otherwise(role, between, anyone=True):
                if not between[:first].strip():
                    for at in places[begin + first : begin + last]:
                        kinds[at] = PROMPT
        elif is_nobodys or text[begin:until].strip():
            # Nor does the assistant write the end of somebody else's text there.
            after = places[begin : further if until == again else until]
            _mark_nobodys(trace, after, kinds, OUTSIDE if is_nobodys else TRAILING)
        is_nobodys = until == again and (is_nobodys or bool(text[begin:until].strip()))


def _at_each(runs: Iterable[Run], holds: Callable[[Run], bool]) -> list[bool]:
    """What is true of the run of each character."""
    return [each for run in runs for each in (holds(run),) * (run.end - run.start)]


def _mark_beginnings(
    trace: Trace, after: Iterable[Run], stop: StopToken, kinds: list[str], *, rough: bool
) -> None:
    """Mark what begins texts and is given: after an end that is given, and may be nothing."""
    for run in after:
        if isinstance(run.origin, Input) and trace.text[run.start : run.end] in stop.begins:
            kinds[run.start : run.end] = (OUTSIDE if rough else UNTOLD) * (run.end - run.start)


def _is_of_call(run: Run) -> bool:
    return isinstance(run.origin, Field) and run.origin.path[:1] == ("tool_calls",)


def _mark_after_plain(trace: Trace, own: Sequence[Run], plain: str, kinds: list[str]) -> None:
    """Mark words or a rule in a turn's own text after the end of an answer.

    After a call, the end may differ.
    """
    said = [run for run in own if isinstance(run.origin, Field)]
    after = [run for run in own if not said or run.start >= said[-1].end]
    places = [at for run in after for at in range(run.start, run.end) if kinds[at] != PROMPT]
    text = "".join(trace.text[at] for at in places)
    is_own = all(isinstance(run.origin, Literal) for run in after)
    if is_own and _is_content(said) and plain and text.startswith(plain):
        rest = text.removeprefix(plain)
        if rest.strip() and not SPECIAL.search(rest):
            _mark_nobodys(trace, places[len(plain) :], kinds, TRAILING)


def _is_content(said: Sequence[Run]) -> bool:
    """Whether the last message text is the content, or there is none."""
    origin = said[-1].origin if said else None
    return origin is None or (isinstance(origin, Field) and origin.path[:1] == ("content",))


def _mark_space(trace: Trace, after: Iterable[int], kinds: list[str], kind: str) -> None:
    """Mark the white space that directly follows the token."""
    for at in takewhile(lambda at: trace.text[at].isspace(), after):
        if kinds[at] == GENERATED or (kind == OUTSIDE and kinds[at] == TRAILING):
            kinds[at] = kind


def _mark_nobodys(trace: Trace, after: Sequence[int], kinds: list[str], space: str) -> None:
    """Mark text that follows the token, and the white space before it as ``space``."""
    _mark_space(trace, after, kinds, space)
    for at in dropwhile(lambda at: trace.text[at].isspace(), after):
        if kinds[at] in (GENERATED, TRAILING):
            kinds[at] = OUTSIDE
