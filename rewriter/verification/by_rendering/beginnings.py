"""Rules about where a turn begins: what the model is prompted with is outside."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rewriter.tracing.parts import Policy
from rewriter.verification.by_rendering.checks import Checks
from rewriter.verification.by_rendering.learned import (
    Learned,
    Prompt,
    before_words,
    prompt_of,
    until_thought,
)
from rewriter.verification.by_rendering.pieces import common_start, has_words, squeezed
from rewriter.verification.by_rendering.reading import Reading, Turn

PROMPTED = "What the generation prompt prints is outside the mask."
SPELLED = "A header is outside the mask to its close, however it is spelled."
BEGUN = "What the assistant's turn prints behind the prompt is in the mask."
INSTRUCTION = "Words that every role's turn prints around what is said are outside the mask."
EMPTY = "An empty thought that a generation prompt prints is outside the mask."
_ROLE = re.compile(r"assistant", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Lead:
    """What is printed before a turn's words, and how much of it the prompt prints too."""

    turn: Turn
    text: str
    prompt: Prompt
    shared: int
    begins: int

    @property
    def rest(self) -> str:
        return self.text[self.shared :]

    @property
    def whole(self) -> bool:
        return not self.prompt.given[self.shared :].strip()


def beginning(checks: Checks, reading: Reading, turn: Turn, known: Learned, policy: Policy) -> None:
    """What is prompted is outside; what comes behind it, up to the turn's words, is inside."""
    prompt = prompt_of(reading, turn)
    if prompt is None or not turn.own:
        return
    text = before_words(checks.printed, turn)
    after_assistant = turn.before is not None and reading.is_assistant(turn.before.word.message)
    begins = prompt.at if after_assistant else 0
    lead = _Lead(turn, text, prompt, common_start(prompt.given, text), begins)
    if not prompt.text.strip():
        _unprompted(checks, lead)
    elif lead.shared < prompt.at:
        _outside(checks, lead, begins, lead.shared, PROMPTED)
    elif lead.whole:
        _prompted(checks, lead, known, policy)
    else:
        _prompted_otherwise(checks, lead, known, policy)


def _outside(checks: Checks, lead: _Lead, start: int, end: int, promise: str) -> None:
    checks.outside(lead.turn.start + start, lead.turn.start + end, promise)


def _unprompted(checks: Checks, lead: _Lead) -> None:
    _outside(checks, lead, lead.begins, lead.shared, PROMPTED)
    named = _ROLE.search(lead.text, lead.shared)
    if named:
        _outside(checks, lead, lead.begins, named.end(), PROMPTED)


def _prompted(checks: Checks, lead: _Lead, known: Learned, policy: Policy) -> None:
    end = lead.shared
    if policy == "trl" or lead.turn.kind == "thought in content":
        end = min(end, lead.prompt.at + len(until_thought(lead.prompt.text)))
    _outside(checks, lead, lead.begins, end, PROMPTED)
    missing, rest = lead.prompt.given[lead.shared :], lead.rest
    close = rest.find(missing[0]) if missing else -1
    if close > 0 and has_words(rest[:close]) and not re.search(r"[<\[{]", rest[:close]):
        _outside(checks, lead, lead.shared, lead.shared + close, SPELLED)
    else:
        _generated(checks, lead, known, policy)


def _generated(checks: Checks, lead: _Lead, known: Learned, policy: Policy) -> None:
    start, first = lead.turn.start + lead.shared, lead.turn.own[0].start
    if any(start <= each.start < first for each in checks.printed.found):
        return
    instruction = known.instruction(lead.rest)
    behind = squeezed(lead.text[lead.prompt.at + len(known.header) :])
    if instruction:
        checks.outside(first - instruction, first, INSTRUCTION)
    elif behind in known.prefills and "thought" not in lead.turn.kind:
        if policy == "strict":
            checks.outside(start, first, EMPTY)
    elif squeezed(lead.rest) not in known.empty:
        checks.inside(start, first, BEGUN)


def _prompted_otherwise(checks: Checks, lead: _Lead, known: Learned, policy: Policy) -> None:
    header = lead.prompt.at + len(known.header)
    if lead.shared >= header and known.header.strip():
        _outside(checks, lead, lead.begins, header, PROMPTED)
        _generated(checks, lead, known, policy)
        return
    _outside(checks, lead, lead.begins, lead.shared, PROMPTED)
    missing = until_thought(lead.prompt.text)[lead.shared - lead.prompt.at :]
    close = missing[-1:]
    at = lead.rest.find(close) if close else -1
    if at > 0 and not re.search(r"[<\[{]", lead.rest[:at]):
        _outside(checks, lead, lead.shared, lead.shared + at, SPELLED)
