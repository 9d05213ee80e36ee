"""What others say that an assistant's turn prints before its own words, in one output with them.

An instruction that is put before the first message, whoever speaks there, is such. Whoever goes on
from there was prompted with it, and with the template's own text around it.
"""

from __future__ import annotations

from collections.abc import Sequence

from rewriter.tracing.provenance import Literal, Unknown
from rewriter.tracing.trace import Run, Trace
from rewriter.turns.marking import is_environment
from rewriter.turns.openings import is_lead
from rewriter.turns.parts import GENERATED, OUTSIDE, PROMPT, UNTOLD


def mark_preface(trace: Trace, index: int, kinds: list[str], *, rough: bool) -> None:
    """Mark what the turn of message ``index`` is prompted with by others' words.

    White space before it may be what each turn begins with; plans leave it out (``rough``).
    """
    before, behind = _around_words(trace, index)
    given = [run for run in before if is_environment(run, index)]
    # What one value holds with others' words is put before; what is joined to that value is not.
    values = {site for run in given for site in run.sites[:-1]}
    held = [r for r in before if isinstance(r.origin, Literal) and not values.isdisjoint(r.sites)]
    if not given or not (behind or held):
        return
    begun = False
    for run in before:
        if run in held or (not held and isinstance(run.origin, Literal)):
            begun |= bool(trace.text[run.start : run.end].strip())
            _mark(run, PROMPT if begun or rough else UNTOLD, kinds)
        elif run in given:
            begun = True
            _mark(run, PROMPT, kinds)
    for run in (*before, *behind) if held and rough else ():
        # Whatever the value held, what is joined to it is what it always is.
        if isinstance(run.origin, Literal):
            _mark(run, GENERATED, kinds)


def _mark(run: Run, kind: str, kinds: list[str]) -> None:
    for at in range(run.start, run.end):
        kinds[at] = kind if kinds[at] in (GENERATED, OUTSIDE) else kinds[at]


def _around_words(trace: Trace, index: int) -> tuple[Sequence[Run], Sequence[Run]]:
    """What the output that prints the turn's first words prints before them, and they and the rest.

    Where no word is said it is the output that prints others' words first.
    """
    own = [run for run in trace.runs if run.turn == index and run.sites]
    words = next((run for run in own if _is_word(run, index)), None)
    others = next((run for run in own if is_environment(run, index)), None)
    first = words or others
    joined = [run for run in own if first and run.sites[-1] == first.sites[-1]]
    said = joined.index(words) if words else len(joined)
    return joined[:said], joined[said:]


def _is_word(run: Run, index: int) -> bool:
    """Whether it is what the message says; of what is no text nobody knows where it comes from."""
    return isinstance(run.origin, Unknown) or not (is_lead(run) or is_environment(run, index))
