"""Text of others that an assistant's turn prints before its own, in the same output.

An example is an instruction that is put before the first message, whoever speaks. The model is
prompted with it, and with the template's own text around it.
"""

from __future__ import annotations

from collections.abc import Sequence

from rewriter.tracing.origins import Literal, Unknown
from rewriter.tracing.trace import Run, Trace
from rewriter.turns.marking import is_environment
from rewriter.turns.openings import is_lead
from rewriter.turns.parts import GENERATED, OUTSIDE, PROMPT, UNTOLD


def mark_preface(trace: Trace, index: int, kinds: list[str], *, rough: bool) -> None:
    """Mark text of others, with the text around it, that prompts the turn of message ``index``.

    White space before it may be the beginning of every turn; plans (``rough``) leave it out.
    """
    before, after = _around_words(trace, index)
    given = [run for run in before if is_environment(run, index)]
    # Text in one value with others' words is a preface; text joined to that value is not.
    values = {site for run in given for site in run.sites[:-1]}
    held = [r for r in before if isinstance(r.origin, Literal) and not values.isdisjoint(r.sites)]
    if not given or not (after or held):
        return
    begun = False
    for run in before:
        if run in held or (not held and isinstance(run.origin, Literal)):
            begun |= bool(trace.text[run.start : run.end].strip())
            _mark(run, PROMPT if begun or rough else UNTOLD, kinds)
        elif run in given:
            begun = True
            _mark(run, PROMPT, kinds)
    for run in (*before, *after) if held and rough else ():
        # The text joined to the value is the same, whatever the value.
        if isinstance(run.origin, Literal):
            _mark(run, GENERATED, kinds)


def _mark(run: Run, kind: str, kinds: list[str]) -> None:
    for at in range(run.start, run.end):
        kinds[at] = kind if kinds[at] in (GENERATED, OUTSIDE) else kinds[at]


def _around_words(trace: Trace, index: int) -> tuple[Sequence[Run], Sequence[Run]]:
    """The output of the turn's first message text: what it prints before that, and from there on.

    Without message text, it is the output that prints others' text first.
    """
    own = [run for run in trace.of_turn(index) if run.sites]
    words = next((run for run in own if _is_word(run, index)), None)
    others = next((run for run in own if is_environment(run, index)), None)
    first = words or others
    joined = [run for run in own if first and run.sites[-1] == first.sites[-1]]
    said = joined.index(words) if words else len(joined)
    return joined[:said], joined[said:]


def _is_word(run: Run, index: int) -> bool:
    """Whether it is the message's text; values that are not text have no known origin."""
    return isinstance(run.origin, Unknown) or not (is_lead(run) or is_environment(run, index))
