"""Whether a variant's mask holds what the assistant generates, and nothing else.

Judged by where each printed character comes from, never by searching for strings: what people
say may look like anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, groupby, pairwise, takewhile
from typing import Final

from rewriter.tracing.conversation import Conversation
from rewriter.tracing.provenance import Field
from rewriter.tracing.render import Run, Trace, TracedTemplate
from rewriter.tracing.turns import (
    ASSISTANT,
    GENERATED,
    OUTSIDE,
    PREFILL,
    PROMPT,
    TRAILING,
    Policy,
    Turns,
)
from rewriter.verification.render import Rendered, Spans, stopped_clock
from rewriter.verification.vocabulary import REASONING_FIELDS

TRACED_ALIKE: Final = "tracing prints the text and the mask that transformers prints"
IN_ORDER: Final = "the spans of the mask are in order, and none is empty or overlaps another"
HEADER: Final = "the role header is outside the mask"
NO_PREFILL: Final = "the thinking that the generation prompt prints is outside the mask"
NO_TRAILING: Final = "the whitespace after the turn end is outside the mask"
BETWEEN_TURNS: Final = "what is printed outside of all turns is outside the mask"
ENVIRONMENT: Final = "what the environment prints in an assistant's turn is outside the mask"
TURN_END: Final = "the turn end is in the mask"
FRAME: Final = "what the template prints around the assistant's words is in the mask"
SPOKEN: Final = {
    "content": "the assistant's content is in the mask",
    "tool_calls": "the assistant's tool calls are in the mask",
    **dict.fromkeys(REASONING_FIELDS, "the assistant's reasoning is in the mask"),
}

_IN, _OUT = "x", "."
# A character of which neither the cue nor provenance tells what it is.
_UNTOLD: Final = "?"
_OUTSIDE_KINDS: Final = {PROMPT: HEADER, PREFILL: NO_PREFILL, TRAILING: NO_TRAILING}
# What may be in the mask or out of it.
_FREE: Final[dict[Policy, str]] = {"strict": _UNTOLD, "trl": _UNTOLD + PREFILL + TRAILING}


class MaskJudge:
    """Judges the masks of one template under one policy."""

    def __init__(self, source: str, policy: Policy) -> None:
        self.traced = TracedTemplate(source)
        self._turns = Turns(self.traced)
        self._policy = policy

    def broken(self, conversation: Conversation, rendered: Rendered) -> tuple[str, ...]:
        """The promises that the mask breaks on a conversation that the template renders."""
        return tuple(self.faults(conversation, rendered))

    def faults(self, conversation: Conversation, rendered: Rendered) -> Mapping[str, int | None]:
        """Each promise that the mask breaks, and the first character at which it does."""
        found: dict[str, int | None] = {}
        for promise, at in self.every_fault(conversation, rendered):
            found.setdefault(promise, at)
        return found

    def every_fault(
        self, conversation: Conversation, rendered: Rendered
    ) -> tuple[tuple[str, int | None], ...]:
        """Each promise that the mask breaks with each character at which it does, in order."""
        try:
            with stopped_clock():
                told = self._told(conversation)
        except Exception:  # noqa: BLE001 — what renders may raise anything when traced, and must not
            return ((TRACED_ALIKE, None),)
        if told.trace.text != rendered.text or told.trace.generated != rendered.mask:
            return ((TRACED_ALIKE, None),)
        if (at := first_out_of_order(rendered.mask)) is not None:
            return ((IN_ORDER, at),)
        return tuple(told.broken(rendered.mask, self._policy))

    def _told(self, conversation: Conversation) -> _Told:
        messages, options = conversation.messages, conversation.options
        roles = tuple(str(message.get("role")) for message in messages)
        if not conversation.add_generation_prompt:
            parts = self._turns.parts(messages, **options)
            return _Told(parts.trace, parts.kinds, roles)
        trace = self.traced.render(messages, add_generation_prompt=True, **options)
        alike, kinds = self._alike_without_prompt(trace, conversation)
        after = (
            (_UNTOLD if run.turn is not None and roles[run.turn] == ASSISTANT else OUTSIDE)
            * (run.end - run.start)
            for run in trace.runs[alike:]
        )
        return _Told(trace, kinds + "".join(after), roles)

    def _alike_without_prompt(self, trace: Trace, conversation: Conversation) -> tuple[int, str]:
        """How many runs are printed without a generation prompt too, and what they are."""
        try:
            bare = self._turns.parts(conversation.messages, **conversation.options)
        except Exception:  # noqa: BLE001 — a template may raise anything where there is no prompt
            return 0, ""
        pairs = zip(trace.runs, bare.trace.runs, strict=False)
        alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        return alike, bare.kinds[: trace.runs[alike - 1].end if alike else 0]


@dataclass(frozen=True, slots=True)
class _Told:
    """A render of which is told, for each character, what it is."""

    trace: Trace
    kinds: str
    roles: tuple[str, ...]

    def broken(self, mask: Spans, policy: Policy) -> Iterator[tuple[str, int]]:
        """Each promise that ``mask`` breaks and where, in the order of the text."""
        kinds = self._proven_kinds()
        masked = _marked(mask, len(kinds))
        wrong = [
            at
            for at, (kind, given) in enumerate(zip(kinds, masked, strict=True))
            if kind not in _FREE[policy] and (kind == GENERATED) != (given == _IN)
        ]
        runs = iter(self.trace.runs)
        run = next(runs, None)
        for stretch in _stretches(wrong, masked):
            if self._is_slack(stretch, kinds, masked, policy):
                continue
            for at in self._telling(stretch):
                while run is not None and run.end <= at:
                    run = next(runs, None)
                if run is not None:
                    inside = masked[at] == _IN
                    yield self._intruder(run, kinds[at]) if inside else self._lost(run, at), at

    def _proven_kinds(self) -> str:
        """The kinds, except that provenance has the last word on what people said."""
        kinds = list(self.kinds)
        for run in self.trace.runs:
            origin = run.origin
            if isinstance(origin, Field):
                if self.roles[origin.message] != ASSISTANT:
                    kinds[run.start : run.end] = OUTSIDE * (run.end - run.start)
                elif run.turn == origin.message and origin.path and origin.path[0] in SPOKEN:
                    kinds[run.start : run.end] = GENERATED * (run.end - run.start)
        return "".join(kinds)

    def _is_slack(self, stretch: range, kinds: str, masked: str, policy: Policy) -> bool:
        """Whether it is whitespace of the template's own at the edge of what is generated."""
        if not self.trace.text[stretch.start : stretch.stop].isspace():
            return False
        neighbours = (stretch.start - 1, stretch.stop)
        known = [at for at in neighbours if 0 <= at < len(kinds)]
        if masked[stretch.start] == _IN:
            trails = policy == "strict" and TRAILING in kinds[stretch.start : stretch.stop]
            return not trails and any(kinds[at] == GENERATED for at in known)
        said = any(
            isinstance(run.origin, Field) and run.start < stretch.stop and stretch.start < run.end
            for run in self.trace.runs
        )
        return not said and (
            len(known) < len(neighbours) or any(kinds[at] != GENERATED for at in known)
        )

    def _telling(self, stretch: range) -> Iterator[int]:
        """The characters that say what a wrong stretch is: whitespace only if there is no else."""
        text = self.trace.text
        yield from [at for at in stretch if not text[at].isspace()] or stretch

    def _intruder(self, run: Run, kind: str) -> str:
        """The promise broken by a character that is in the mask and should not be."""
        if isinstance(run.origin, Field) and self.roles[run.origin.message] != ASSISTANT:
            return f"what a {self.roles[run.origin.message]} says is outside the mask"
        if kind in _OUTSIDE_KINDS:
            return _OUTSIDE_KINDS[kind]
        if run.turn is None:
            return BETWEEN_TURNS
        role = self.roles[run.turn]
        return ENVIRONMENT if role == ASSISTANT else f"the turn of a {role} is outside the mask"

    def _lost(self, run: Run, at: int) -> str:
        """The promise broken by a character that is not in the mask and should be."""
        if isinstance(run.origin, Field):
            return SPOKEN.get(str(run.origin.path[0]), FRAME) if run.origin.path else FRAME
        more = any(
            later.start > at and later.turn == run.turn and isinstance(later.origin, Field)
            for later in self.trace.runs
        )
        return FRAME if more and run.turn is not None else TURN_END


def first_out_of_order(mask: Spans) -> int | None:
    """Where the first span begins that is empty, or before the end of the one before it."""
    empty = (start for start, end in mask if start >= end)
    early = (after[0] for before, after in pairwise(mask) if before[1] > after[0])
    return min(chain(empty, early), default=None)


def _marked(mask: Spans, length: int) -> str:
    """``x`` for each character that the mask holds."""
    parts: list[str] = []
    position = 0
    for start, end in mask:
        parts += (_OUT * (start - position), _IN * (end - start))
        position = end
    return "".join(parts) + _OUT * (length - position)


def _stretches(places: list[int], masked: str) -> Iterator[range]:
    """The places in unbroken rows, all in the mask or all out of it."""
    numbered = groupby(enumerate(places), key=lambda pair: (pair[1] - pair[0], masked[pair[1]]))
    for _, row in numbered:
        found = [at for _, at in row]
        yield range(found[0], found[-1] + 1)
