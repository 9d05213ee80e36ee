"""Mark a rendered conversation: each turn, its headers, its end and the white space after it."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from itertools import islice, takewhile

from rewriter.source.lexer import Span
from rewriter.tracing.fields import Whose
from rewriter.tracing.origins import Field, Input, Literal
from rewriter.tracing.render import TracedTemplate
from rewriter.tracing.trace import Run, Trace
from rewriter.turns.foreign import is_foreign, mark_foreign, mark_given
from rewriter.turns.headers import SPECIAL, Cue, header_of, shared_tokens, spelled_otherwise
from rewriter.turns.openings import is_closing, is_lead, lead, leading
from rewriter.turns.parts import GENERATED, OUTSIDE, PREFILL, PROMPT, TRAILING, UNTOLD
from rewriter.turns.separators import Separators


def mark_turn(
    trace: Trace,
    index: int,
    cues: Sequence[Cue],
    kinds: list[str],
    traced: TracedTemplate,
    *,
    end: str,
    others: Container[str],
    headers: Sequence[Span],
    begun: str,
    asked: bool,
    rough: bool,
) -> None:
    """Mark the characters that the assistant's message ``index`` printed.

    ``traced`` is the template that printed them; ``end`` is the end of its turns; ``others`` are
    the beginnings of others' turns. ``headers`` are the places in the source of text that may
    replace the header, and ``begun`` are the beginnings of turns after it. ``asked`` says that
    message text changes the prompt. With ``rough``, text that begins like a prefilled whole
    thought, but is not one, is generated too.
    """
    own = trace.of_turn(index)
    places = [at for run in own for at in range(run.start, run.end)]
    beginning = lead(trace, index)
    if not any(cue.role for cue in cues):
        # If turns have no header, text that names a role may be the end of an empty turn.
        bare = beginning.rstrip()
        beginning = bare.removesuffix(end) if end and bare.endswith(end) else beginning
    header = header_of(beginning, cues)
    prefill = GENERATED if rough and header.prefill == UNTOLD else header.prefill
    for number, at in enumerate(places):
        kinds[at] = (
            PROMPT if number < header.role else prefill if number < header.end else GENERATED
        )
    if not header.end and not rough:
        _mark_openings(trace, own, cues, kinds)
    prefilled = [run for run in own if PREFILL in kinds[run.start : run.end]]
    for run in prefilled[1:] if not rough and not asked else ():
        # An empty thought from the tags of real ones: the second tag is prompted only here.
        if _literal(run) != _literal(prefilled[0]):
            marked = kinds[run.start : run.end]
            kinds[run.start : run.end] = "".join(marked).replace(PREFILL, UNTOLD)
    is_headed = header.is_whole or not any(cue.role for cue in cues)
    is_nobodys = not is_headed and not any(_is_said(run, index) for run in own)
    is_others = not is_headed and bool(beginning.strip()) and beginning in others
    for run in own:
        if is_others or is_environment(run, index):
            kinds[run.start : run.end] = OUTSIDE * (run.end - run.start)
        elif is_nobodys and not rough:
            # Neither a header nor message text shows that it is the assistant's.
            kinds[run.start : run.end] = UNTOLD * (run.end - run.start)
    _mark_other_headers(trace, index, () if is_headed else headers, begun, kinds)
    _mark_joined(own, index, kinds, rough=rough)
    if any(map(is_foreign, own)):
        mark_foreign(own, traced.arms, traced.foreign_reads, kinds, rough=rough)
    mark_given(own, trace.text, traced.given_text, end, kinds)


def _mark_other_headers(
    trace: Trace, index: int, headers: Sequence[Span], begun: str, kinds: list[str]
) -> None:
    """Mark text that replaces the header before the turn's message text.

    After it, the model begins with what other turns have ``begun`` with, or with text that opens
    what the turn closes.
    """
    instead = [
        at
        for run in leading(trace, index)
        if isinstance(run.origin, Literal)
        and any(header.holds(run.origin.at, *run.sites) for header in headers)
        for at in range(run.start, run.end)
    ]
    text = "".join(trace.text[at] for at in instead)
    own = len(begun) if begun.strip() and text.endswith(begun) else 0
    rest = "".join(trace.text[run.start : run.end] for run in trace.of_turn(index))
    for token in SPECIAL.finditer(text):
        if token.group()[1:-1] and f"</{token.group()[1:-1]}>" in rest:
            own = max(own, len(text) - token.start())
    for at in instead[: len(instead) - own]:
        kinds[at] = PROMPT if kinds[at] == GENERATED else kinds[at]


def _mark_joined(own: Sequence[Run], index: int, kinds: list[str], *, rough: bool) -> None:
    """Mark the template's own text in outputs that otherwise only print text of others."""
    outputs = {run.sites[-1] for run in own if run.sites and is_environment(run, index)}
    outputs -= {run.sites[-1] for run in own if run.sites and _is_said(run, index)}
    for run in own if outputs else ():
        if isinstance(run.origin, Literal) and run.sites and run.sites[-1] in outputs:
            for at in range(run.start, run.end):
                kinds[at] = (OUTSIDE if rough else UNTOLD) if kinds[at] == GENERATED else kinds[at]


def _is_said(run: Run, index: int) -> bool:
    return (
        isinstance(run.origin, Field)
        and run.origin.message == index
        and run.whose is Whose.GENERATED
    )


def _mark_openings(trace: Trace, own: Sequence[Run], cues: Sequence[Cue], kinds: list[str]) -> None:
    """Mark the opening of a thought in a turn that continues without a header.

    After a header, the prompt prefills it, and one literal cannot be both in the mask and outside.
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
    """Whether a run in the turn of message ``index`` is text of another message."""
    return isinstance(run.origin, Field) and run.origin.message != index


def mark_headers(trace: Trace, index: int, role: str, kinds: list[str], *, rough: bool) -> None:
    """Mark each further role header that the template prints within the turn.

    White space before it is both after an end and before a header, so it may be in the mask or not;
    plans (``rough``) leave it out, as after the turn's last end.
    """
    if not SPECIAL.search(role):
        return
    for start, end in _every_header(trace.text, role):
        over = [run for run in trace.runs if run.start < end and start < run.end]
        if all(run.turn == index and is_lead(run) for run in over):
            kinds[start:end] = PROMPT * (end - start)
            own = [run for run in trace.of_turn(index) if run.end <= start]
            for _, place in takewhile(lambda place: _is_own_space(trace, *place), _backwards(own)):
                if kinds[place] == GENERATED:
                    kinds[place] = TRAILING if rough else UNTOLD


def _every_header(text: str, role: str) -> Iterator[tuple[int, int]]:
    at = text.find(role)
    while at >= 0:
        yield at, at + len(role)
        at = text.find(role, at + len(role))
    yield from spelled_otherwise(role, text)


def mark_trailing(
    trace: Trace, index: int, separators: Separators, kinds: list[str], *, rough: bool
) -> None:
    """Mark the white space after a turn's end; after words, or nothing, it may be the end itself.

    White space that also separates message texts is not after the turn's end, unless the end is
    always printed with it. With ``rough``, it is marked after words as well, since in another turn
    the same source prints after an end.
    """
    separating = GENERATED if rough else UNTOLD
    own = trace.of_turn(index)
    after = list(takewhile(lambda place: _is_own_space(trace, *place), _backwards(own)))
    last = next(islice(_backwards(own), len(after), None), None)
    is_ended = (
        last is not None and kinds[last[1]] == GENERATED and not isinstance(last[0].origin, Field)
    )
    for run, at in after:
        if kinds[at] == GENERATED:
            kinds[at] = TRAILING if is_ended or rough else UNTOLD
            if last and is_ended and separators.holds(last, run, at):
                kinds[at] = TRAILING if separators.ends(trace, *last) else separating
    for at in separators.after_ends(trace, own, after) if is_ended else ():
        if kinds[at] == GENERATED:
            kinds[at] = TRAILING if rough else UNTOLD


def _backwards(runs: Sequence[Run]) -> Iterator[tuple[Run, int]]:
    return ((run, at) for run in reversed(runs) for at in range(run.end - 1, run.start - 1, -1))


def _is_own_space(trace: Trace, run: Run, at: int) -> bool:
    return trace.text[at].isspace() and not isinstance(run.origin, Field)


def mark_late_end(
    trace: Trace, index: int, late: str, kinds: list[str], *, own: bool
) -> Sequence[int]:
    """Mark the end of the previous turn that the turn of message ``index`` prints.

    ``own`` says that the previous turn was the assistant's.
    """
    if not lead(trace, index).startswith(late):
        return ()
    turn = (at for run in trace.of_turn(index) for at in range(run.start, run.end))
    places = list(islice(turn, len(late)))
    for number, at in enumerate(places):
        kind = GENERATED if late[number:].strip() else TRAILING
        kinds[at] = kind if own else OUTSIDE
    return places


def mark_end(
    trace: Trace, cue: Cue, late: Sequence[str], kinds: list[str], *, is_ended: bool
) -> None:
    """Mark the text after the loop over a conversation that ends with the assistant.

    The next turn's header is not an end, nor is text with words, or message text. If the turn
    ``is_ended`` by a stop token already, the text trails.
    """
    end = trace.last_turn_end
    after = [run for run in trace.runs if end and run.start >= end]
    if any(isinstance(run.origin, Field) for run in after):
        return
    text = trace.text[end:].strip()
    if text not in [each.strip() for each in late]:
        # Text that is printed after a prompt, too, is printed after everything.
        begins_turn = bool(text) and (cue.role.startswith(text) or cue.text.rstrip().endswith(text))
        if begins_turn or not all(_may_end(trace, run) for run in after):
            return
    for run in after:
        if not is_foreign(run):
            for at in range(run.start, run.end):
                if not trace.text[at].isspace():
                    kinds[at] = TRAILING if is_ended else GENERATED


def _may_end(trace: Trace, run: Run) -> bool:
    """Whether a run may end turns; a token from a variable may be any text."""
    text = trace.text[run.start : run.end].rstrip()
    is_given = isinstance(run.origin, Input) and not is_foreign(run)
    return is_given or is_closing(text)
