"""What each character of a printed conversation is, told as finely as a person wants to see it.

`rewriter.turns` tells what is prompted and what is generated; here that is told apart by what the
message says: reasoning, content, calls. The template's own text belongs with what it stands around.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from rewriter.picture.picture import Part
from rewriter.tracing.fields import field_list, names_of
from rewriter.tracing.provenance import Field, Input, Origin
from rewriter.tracing.trace import Run, Trace
from rewriter.turns import parts as kinds_of
from rewriter.turns.headers import SPECIAL
from rewriter.turns.openings import EMPTY_THOUGHT, THINKING
from rewriter.turns.parts import ASSISTANT, Parts

_TOOL: Final = frozenset({"tool", "function", "ipython", "observation", "environment"})
_SAID: Final = frozenset({Part.REASONING, Part.CONTENT, Part.CALL})
_OF_KIND: Final[Mapping[str, Part]] = {
    kinds_of.PROMPT: Part.HEADER,
    kinds_of.PREFILL: Part.PREFILL,
    kinds_of.TRAILING: Part.SPACE,
    kinds_of.FOREIGN: Part.GIVEN,
    kinds_of.NO_THOUGHT: Part.PREFILL,
}
# What may be in a mask or not, such as white space between two calls, is told by what it is beside.
_WRITTEN: Final = frozenset({kinds_of.GENERATED, kinds_of.UNTOLD})


def parts_of(told: Parts, messages: Sequence[Mapping[str, Any]], stop: str) -> list[Part]:
    """The part of each character of a conversation.

    Args:
        told: what `rewriter.turns` tells of it.
        messages: who speaks.
        stop: what ends a plain answer, if anything does.

    """
    trace = told.trace
    roles = [str(message.get("role")) for message in messages]
    found = [Part.TEMPLATE] * len(trace.text)
    # Of the template's own text that is generated it is yet to be told what it stands around.
    around: list[int] = []
    for run in trace.runs:
        own = run.turn is not None and roles[run.turn] == ASSISTANT
        said = _said(run.origin, roles)
        for at in range(run.start, run.end):
            kind = told.kinds[at]
            if at in told.late:
                found[at] = Part.TURN_END
            elif kind in _WRITTEN:
                found[at] = said or Part.CONTENT
                around += [] if said else [at]
            elif own and kind in _OF_KIND:
                found[at] = _OF_KIND[kind]
            elif said not in _SAID:
                # What an assistant's message says may name a call in its result's header.
                found[at] = said or _OF_KIND.get(kind, Part.TEMPLATE)
    for stretch in _rows(around):
        _tell_around(trace.text, stretch, found, stop)
    _tell_inline_thoughts(trace, roles, found)
    for run in trace.runs:
        if run.turn is not None and roles[run.turn] == ASSISTANT:
            _tell_space_behind(trace.text, run, told.kinds, found)
    return found


def _said(origin: Origin, roles: Sequence[str]) -> Part | None:
    """What a message, or a variable, says where its text is printed; ``None``: nothing."""
    if isinstance(origin, Input):
        return Part.TOOLS if origin.name in ("tools", "documents") else None
    if not isinstance(origin, Field) or origin.path == ("role",):
        return None
    role = roles[origin.message]
    if role != ASSISTANT:
        return Part.RESULT if role in _TOOL else Part.SAID
    keys = {str(key) for key in origin.path}
    if keys & _call_keys():
        return Part.CALL
    return Part.REASONING if keys & names_of("reasoning") else Part.CONTENT


def _call_keys() -> frozenset[str]:
    calls = (each for each in field_list().field if each.holds == "call")
    return frozenset(name for each in calls for name in each.names)


def _rows(places: Sequence[int]) -> Iterator[range]:
    """The places as rows of neighbours."""
    for _, row in groupby(enumerate(places), key=lambda pair: pair[1] - pair[0]):
        numbers = [place for _, place in row]
        yield range(numbers[0], numbers[-1] + 1)


def _tell_around(text: str, row: range, found: list[Part], stop: str) -> None:
    """Tell of a row of the template's own text what it stands around, and where it ends a turn."""
    start, end = row.start, row.stop
    before = found[start - 1] if start else Part.TEMPLATE
    behind = found[end] if end < len(found) else Part.TEMPLATE
    ending = _ending(text[start:end], stop, is_last=behind not in _SAID)
    if ending is not None:
        found[start + ending : end] = [Part.TURN_END] * (end - start - ending)
        end, behind = start + ending, Part.TURN_END
    if before not in _SAID:
        part = behind if behind in _SAID else Part.CONTENT
        found[start:end] = [part] * (end - start)
    elif before is Part.REASONING and behind is not Part.REASONING:
        # A thought is closed by a token; what follows belongs to what it opens.
        closing = SPECIAL.search(text, start, end)
        cut = closing.end() if closing else end
        cut += len(text[cut:end]) - len(text[cut:end].lstrip())
        part = behind if behind in _SAID else before
        found[start:end] = [before] * (cut - start) + [part] * (end - cut)
    else:
        part = next(
            (each for each in (Part.CALL, Part.REASONING) if each in (before, behind)), before
        )
        found[start:end] = [part] * (end - start)


def _ending(text: str, stop: str, *, is_last: bool) -> int | None:
    """Where in the template's own text the end of a turn begins, if it has one."""
    at = text.rfind(stop) if stop else -1
    if at >= 0 and (is_last or not text[at + len(stop) :].strip()):
        return at
    if not is_last:
        return None
    # A call may end otherwise than an answer: in a token that closes nothing.
    tokens = [*SPECIAL.finditer(text)]
    last = tokens[-1] if tokens else None
    if last is None or text[last.end() :].strip() or _closes(last.group()):
        return None
    return last.start()


def _closes(token: str) -> bool:
    """Whether a token ends calls, and not the turn."""
    return token[1:2] == "/" or "tool" in token.lower()


def _tell_inline_thoughts(trace: Trace, roles: Sequence[str], found: list[Part]) -> None:
    """Tell thoughts that stand within the content, between tags."""
    text = trace.text
    for index in (index for index, role in enumerate(roles) if role == ASSISTANT):
        own = [run for run in trace.runs if run.turn == index]
        start, end = (own[0].start, own[-1].end) if own else (0, 0)
        for opening in THINKING.finditer(text, start, end):
            empty = EMPTY_THOUGHT.match(text, opening.start())
            closing = opening.group().replace("<", "</", 1).replace("[", "[/", 1)
            at = text.find(closing, opening.end(), end)
            close = empty.end() if empty else at + len(closing) if at >= 0 else opening.end()
            for place in range(opening.start(), min(close, end)):
                # An empty thought stands around nothing, so it was told by what follows it.
                if found[place] is Part.CONTENT or (empty and found[place] is Part.CALL):
                    found[place] = Part.REASONING


def _tell_space_behind(text: str, run: Run, kinds: str, found: list[Part]) -> None:
    """Tell white space that ends a turn without being what ends it, if this run is that."""
    is_last = run.end == len(found) or found[run.end] not in _SAID
    at = run.end - 1
    while is_last and at >= run.start and text[at].isspace() and kinds[at] == kinds_of.UNTOLD:
        found[at] = Part.SPACE
        at -= 1


def prompt_parts(text: str, role: str) -> list[Part]:
    """The parts of what a generation prompt prints, of which ``role`` is the usual header."""
    thought = THINKING.search(text)
    header = len(role) if role and text.startswith(role) else len(text)
    header = min(header, thought.start()) if thought else header
    return [Part.HEADER] * header + [Part.PREFILL] * (len(text) - header)
