"""The part of each character of a printed conversation, as finely as people want to see it.

`rewriter.turns` separates prompted from generated text. This module divides that into reasoning,
content and calls. The template's own text counts with the text that it surrounds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from rewriter.picture.picture import Part
from rewriter.tracing.fields import field_list, names_of
from rewriter.tracing.origins import Field, Input, Origin
from rewriter.tracing.trace import Run, Trace
from rewriter.turns import parts as kinds_of
from rewriter.turns.headers import SPECIAL, agreement
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
# Text that may be in a mask or not, such as white space between calls, gets a neighbour's part.
_WRITTEN: Final = frozenset({kinds_of.GENERATED, kinds_of.UNTOLD})


def parts_of(parts: Parts, messages: Sequence[Mapping[str, Any]], stop: str) -> list[Part]:
    """The part of each character of a conversation.

    Args:
        parts: the labels from `rewriter.turns`.
        messages: the messages, for their roles.
        stop: the text that ends a plain answer, if any.

    """
    trace = parts.trace
    roles = [str(message.get("role")) for message in messages]
    found = [Part.TEMPLATE] * len(trace.text)
    # The template's own generated text gets the part of the text that it surrounds.
    around: list[int] = []
    for run in trace.runs:
        own = run.turn is not None and roles[run.turn] == ASSISTANT
        said = _said(run.origin, roles)
        for at in range(run.start, run.end):
            kind = parts.kinds[at]
            if at in parts.late:
                found[at] = Part.TURN_END
            elif kind in _WRITTEN:
                found[at] = said or Part.CONTENT
                around += [] if said else [at]
            elif own and kind in _OF_KIND:
                found[at] = _OF_KIND[kind]
            elif said not in _SAID:
                # An assistant's text may be the name of a call in its result's header.
                found[at] = said or _OF_KIND.get(kind, Part.TEMPLATE)
    for stretch in _rows(around):
        _mark_around(trace.text, stretch, found, stop)
    _mark_inline_thoughts(trace, roles, found)
    for run in trace.runs:
        if run.turn is not None and roles[run.turn] == ASSISTANT:
            _mark_space_after(trace.text, run, parts.kinds, found)
    return found


def _said(origin: Origin, roles: Sequence[str]) -> Part | None:
    """The part of text from a message or a variable; ``None`` if it has none."""
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
    """The places, grouped into runs of neighbours."""
    for _, row in groupby(enumerate(places), key=lambda pair: pair[1] - pair[0]):
        numbers = [place for _, place in row]
        yield range(numbers[0], numbers[-1] + 1)


def _mark_around(text: str, row: range, parts: list[Part], stop: str) -> None:
    """Give a run of the template's own text its part, and find where it ends a turn."""
    start, end = row.start, row.stop
    before = parts[start - 1] if start else Part.TEMPLATE
    after = parts[end] if end < len(parts) else Part.TEMPLATE
    ending = _ending(text[start:end], stop, is_last=after not in _SAID)
    if ending is not None:
        parts[start + ending : end] = [Part.TURN_END] * (end - start - ending)
        end, after = start + ending, Part.TURN_END
    if before not in _SAID:
        part = after if after in _SAID else Part.CONTENT
        parts[start:end] = [part] * (end - start)
    elif before is Part.REASONING and after is not Part.REASONING:
        # A token closes a thought; the text after it belongs to the next piece.
        closing = SPECIAL.search(text, start, end)
        cut = closing.end() if closing else end
        cut += len(text[cut:end]) - len(text[cut:end].lstrip())
        part = after if after in _SAID else before
        parts[start:end] = [before] * (cut - start) + [part] * (end - cut)
    else:
        part = next(
            (each for each in (Part.CALL, Part.REASONING) if each in (before, after)), before
        )
        parts[start:end] = [part] * (end - start)


def _ending(text: str, stop: str, *, is_last: bool) -> int | None:
    """Where the end of a turn begins in the template's own text, if it has one."""
    at = text.rfind(stop) if stop else -1
    if at >= 0 and (is_last or not text[at + len(stop) :].strip()):
        return at
    if not is_last:
        return None
    # A call may not end like an answer, but in a token that closes nothing.
    tokens = [*SPECIAL.finditer(text)]
    last = tokens[-1] if tokens else None
    if last is None or text[last.end() :].strip() or _closes(last.group()):
        return None
    return last.start()


def _closes(token: str) -> bool:
    """Whether a token ends calls rather than the turn."""
    return token[1:2] == "/" or "tool" in token.lower()


def _mark_inline_thoughts(trace: Trace, roles: Sequence[str], parts: list[Part]) -> None:
    """Mark thoughts within the content, between tags."""
    text = trace.text
    for index in (index for index, role in enumerate(roles) if role == ASSISTANT):
        own = trace.of_turn(index)
        start, end = (own[0].start, own[-1].end) if own else (0, 0)
        for opening in THINKING.finditer(text, start, end):
            empty = EMPTY_THOUGHT.match(text, opening.start())
            closing = opening.group().replace("<", "</", 1).replace("[", "[/", 1)
            at = text.find(closing, opening.end(), end)
            close = empty.end() if empty else at + len(closing) if at >= 0 else opening.end()
            for place in range(opening.start(), min(close, end)):
                # An empty thought surrounds nothing, so it got the part of the following text.
                if parts[place] is Part.CONTENT or (empty and parts[place] is Part.CALL):
                    parts[place] = Part.REASONING


def _mark_space_after(text: str, run: Run, kinds: str, parts: list[Part]) -> None:
    """Mark this run as white space after a turn's end, if it is that."""
    is_last = run.end == len(parts) or parts[run.end] not in _SAID
    at = run.end - 1
    while is_last and at >= run.start and text[at].isspace() and kinds[at] == kinds_of.UNTOLD:
        parts[at] = Part.SPACE
        at -= 1


def prompt_start(text: str, before: str, role: str) -> int:
    """Where a generation prompt begins in ``text``, which is printed without it as ``before``.

    What is printed last of all may begin as ``role`` does, the usual header.
    """
    common = agreement(text, before)
    shared = (at for at in range(min(common, len(role))) if text.startswith(role, common - at))
    return common - next(shared, 0) if role else common


def prompt_parts(text: str, role: str) -> list[Part]:
    """The parts of a generation prompt, where ``role`` is the usual header."""
    thought = THINKING.search(text)
    header = len(role) if role and text.startswith(role) else len(text)
    header = min(header, thought.start()) if thought else header
    return [Part.HEADER] * header + [Part.PREFILL] * (len(text) - header)
