"""What each piece of a template prints, learnt from the probe conversations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from enum import Flag, auto
from typing import Final

from rewriter.tracing.probes import Conversation, probes
from rewriter.tracing.provenance import Field, Literal, Origin
from rewriter.tracing.render import Run, TracedTemplate
from rewriter.tracing.turns import (
    ASSISTANT,
    GENERATED,
    OUTSIDE,
    PREFILL,
    PROMPT,
    TRAILING,
    Parts,
    Turns,
    is_environment,
)


class Label(Flag):
    """What a character of the source, or an expression, was seen to print.

    The first five say which part of a conversation, the rest what of an assistant's message.
    """

    NOTHING = 0
    ELSEWHERE = auto()
    PROMPT = auto()
    PREFILL = auto()
    GENERATED = auto()
    TRAILING = auto()
    REASONING = auto()
    ARGUMENTS = auto()

    @property
    def is_assistant(self) -> bool:
        """Whether it prints in an assistant's turn at all."""
        return bool(self & _TURN)


_TURN: Final = Label.PROMPT | Label.PREFILL | Label.GENERATED | Label.TRAILING
_BITS: Final = {
    OUTSIDE: Label.ELSEWHERE.value,
    PROMPT: Label.PROMPT.value,
    PREFILL: Label.PREFILL.value,
    GENERATED: Label.GENERATED.value,
    TRAILING: Label.TRAILING.value,
}
_REASONING_FIELDS: Final = frozenset({"reasoning_content", "thinking", "reasoning"})


class Labels:
    """The labels of one template.

    ``rendered`` counts the probes that the template took; ``cue`` is its generation prompt.
    ``intrusion`` is where an assistant's turn prints what others said or were given, if it does.
    """

    def __init__(self, traced: TracedTemplate) -> None:
        self._traced = traced
        # Bare bits while learning: a Flag costs a call for every character.
        self._sites: dict[int, int] = defaultdict(int)
        self._written: dict[int, int] = defaultdict(int)
        self.rendered = 0
        self.intrusion: int | None = None
        turns = Turns(traced, rough=True)
        self.cue = turns.cue
        for prompt in turns.prompts:
            for text, origin, sites in prompt:
                self._learn_stretch(origin, sites, PROMPT * len(text), 0)
        for messages, options in probes():
            try:
                parts = turns.parts(messages, **options)
            except MemoryError:
                raise
            except Exception:  # noqa: BLE001 — a template may refuse a probe in any way
                continue
            self.rendered += 1
            self._learn(parts)
            self._look_for_intrusion(parts, messages)

    def site(self, offset: int) -> Label:
        """What the expression or tag at a site printed."""
        return Label(self._sites.get(offset, 0))

    def rows(self, offsets: Iterable[int]) -> Iterator[tuple[int, Label]]:
        """Where each row of characters that printed the same begins, and what they printed.

        ``offsets`` are those of the characters of a template text or of a string literal.
        """
        last: int | None = None
        for offset in offsets:
            bits = self._written.get(offset, 0)
            if bits != last:
                yield offset, Label(bits)
            last = bits

    def _learn(self, parts: Parts) -> None:
        for run in parts.trace.runs:
            kinds = parts.kinds[run.start : run.end]
            self._learn_stretch(run.origin, run.sites, kinds, _said(run, kinds))

    def _look_for_intrusion(self, parts: Parts, messages: Conversation) -> None:
        for run in parts.trace.runs:
            if run.turn is None or messages[run.turn]["role"] != ASSISTANT:
                continue
            if run.sites and is_environment(run, run.turn):
                self.intrusion = run.sites[-1]

    def _learn_stretch(
        self, origin: Origin, sites: tuple[int, ...], kinds: str, label: int
    ) -> None:
        for kind in set(kinds):
            label |= _BITS[kind]
        for site in sites:
            self._sites[site] |= label
        if isinstance(origin, Literal):
            offsets = self._traced.source_offsets(origin, len(kinds))
            for offset, kind in zip(offsets, kinds, strict=False):
                self._written[offset] |= _BITS[kind]


def _said(run: Run, kinds: str) -> int:
    """What of an assistant's message the run holds."""
    if GENERATED not in kinds or not isinstance(run.origin, Field):
        return 0
    path = run.origin.path
    if path and path[0] in _REASONING_FIELDS:
        return Label.REASONING.value
    return Label.ARGUMENTS.value if "arguments" in path else 0
