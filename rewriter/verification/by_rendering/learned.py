"""Learn a template's headers, openings and ends from the renders of all conversations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile
from typing import Final

from rewriter.verification.by_rendering.messages import PLAIN
from rewriter.verification.by_rendering.pieces import (
    common_end,
    common_end_of_turn,
    common_start,
    has_words_or_numbers,
    pieces,
    squeezed,
)
from rewriter.verification.by_rendering.prompts import Prompt, before_words, prompt_of
from rewriter.verification.by_rendering.reading import Printed, Reading, Turn
from rewriter.verification.by_rendering.thoughts import until_thought
from rewriter.verification.by_rendering.words import Owner

_ROLE: Final = re.compile(r"^\W*user\b", re.IGNORECASE)
_MARK: Final = re.compile(r"[^\w<|>]")
_THOUGHTS: Final = ("thought", "reasoning", "thinking", "thought alone")


@dataclass(frozen=True, slots=True)
class Learned:
    """What the renders show about a template.

    Attributes:
        header: the common beginning of all prompts that print anything, up to a thought.
        alone: whether plain answers begin with the header and nothing else.
        prefills: the text of prompts after it, without white space.
        empty: empty thoughts, without white space.
        thinking: the text between a header and a thought, without white space.
        openings: by role, the texts that its turns were seen to begin with.
        lead: the text of a user's turn before the user's words.
        tail: the text of a user's turn after the user's words.
        results: the text between two results of tools.
        frames: punctuation around unknown fields, both sides joined, without white space.
        unprompted: the text of a plain answer before its words, after the user's turn.
        stop: the text that ends a plain turn of the assistant.

    """

    header: str
    alone: bool
    prefills: frozenset[str]
    empty: frozenset[str]
    thinking: frozenset[str]
    openings: dict[str, frozenset[str]]
    lead: str
    tail: str
    results: str
    frames: frozenset[str]
    unprompted: str | None
    stop: str = ""

    def opening(self, text: str, role: str) -> int:
        """At least how many characters at the end of ``text`` begin a turn of the role."""
        openings = self.openings.get(role, frozenset())
        if "" in openings:
            # If one turn of the role begins with nothing, the beginnings of its others do not
            # count.
            return 0
        shared = (common_end(text, each) for each in openings)
        return min((each for each in shared if text[len(text) - each :].strip()), default=0)

    def framed(self, text: str) -> int:
        """How many characters at the start of ``text`` only frame an unknown field."""
        matches = (
            re.match(r"\s*".join(map(re.escape, each)), text.lstrip()) for each in self.frames
        )
        length = max((match.end() for match in matches if match), default=0)
        return length + len(text) - len(text.lstrip()) if length else 0

    def opens(self, piece: str) -> bool:
        """Whether a user's turn was seen to begin with text that contains the piece."""
        return any(piece in each for each in self.openings.get("user", ()))

    def instruction(self, text: str) -> int:
        """How much of the end of ``text``, with words or numbers, a user's turn prints as well."""
        shared = common_end(text, self.lead)
        common = _ROLE.sub("", text[len(text) - shared :])
        return len(common) if has_words_or_numbers(common) else 0


def learned(readings: Sequence[Reading]) -> Learned:
    """What the renders show, except for the stop."""
    readings = [each for each in readings if not each.is_long]
    shown = [
        prompt
        for reading, _, turn, prompt in _begun(readings)
        if prompt.text.strip() and not reading.is_assistant(turn.index - 1)
    ]
    prompts = {each.text for each in shown if each.adds} or {each.text for each in shown}
    header = _header(readings, prompts)
    prefills = {squeezed(each[len(until_thought(each)) :]) for each in prompts}
    prefills |= {squeezed(each.removeprefix(header)) for each in prompts if header}
    return Learned(
        header,
        _begins_alone(readings, header),
        frozenset(prefills - {""}),
        frozenset(_empty_thoughts(readings)),
        frozenset(_thinking(readings)),
        _openings(readings),
        *_user_frame(readings),
        " ".join(sorted(_between_results(readings))),
        frozenset(_frames(readings)),
        _unprompted(readings),
    )


def _begun(readings: Sequence[Reading]) -> Iterator[tuple[Reading, Printed, Turn, Prompt]]:
    for reading in readings:
        whole = reading.whole
        for turn in reading.turns:
            prompt = prompt_of(reading, turn)
            if whole is not None and prompt is not None:
                yield reading, whole, turn, prompt


def _header(readings: Sequence[Reading], prompts: set[str]) -> str:
    header: str | None = None
    shared = [(each, each) for each in sorted(prompts)]
    shared += [
        (prompt.text, before_words(whole, turn)[prompt.at :])
        for _, whole, turn, prompt in _begun(readings)
        if turn.own and prompt.text in prompts
    ]
    for prompt_text, lead in shared:
        both = prompt_text[: common_start(prompt_text, lead)]
        if not both.strip():
            continue
        agreed = both if header is None else header[: common_start(header, both)]
        header = agreed if agreed.strip() else header
    header = until_thought(header or "")
    # If an answer comes first, no end of another turn precedes its header.
    for reading in readings:
        if reading.scene.kinds == (PLAIN,) and reading.whole and reading.turns[0].own:
            alone = common_end(header, before_words(reading.whole, reading.turns[0]))
            if header[len(header) - alone :].strip():
                return header[len(header) - alone :]
    return header


def _begins_alone(readings: Sequence[Reading], header: str) -> bool:
    leads = (
        before_words(whole, turn)[prompt.at :]
        for _, whole, turn, prompt in _begun(readings)
        if turn.own and turn.kind == PLAIN
    )
    return any(lead.strip() == header.strip() for lead in leads)


def _empty_thoughts(readings: Sequence[Reading]) -> Iterator[str]:
    for _, whole, turn, prompt in _begun(readings):
        thought = [each for each in turn.own if each.word.key == "thought"]
        content = [each for each in turn.own if each.word.key == "content"]
        if turn.kind in _THOUGHTS and thought and content:
            lead = before_words(whole, turn)
            closed = whole.text[thought[-1].end : content[0].start]
            yield squeezed(lead[len(until_thought(lead)) :] + closed)
            # Whatever its tag, the prompt does not print its opening.
            yield squeezed(lead[common_start(prompt.given, lead) :] + closed)
            yield squeezed(closed)


def _thinking(readings: Sequence[Reading]) -> Iterator[str]:
    for _, whole, turn, prompt in _begun(readings):
        if turn.kind in _THOUGHTS and turn.own and turn.own[0].word.key == "thought":
            lead = before_words(whole, turn)
            yield squeezed(lead[common_start(prompt.given, lead) :])


def _openings(readings: Sequence[Reading]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for reading in readings:
        whole = reading.whole
        for index, role in enumerate(reading.scene.kinds):
            if whole is None or role not in ("user", "system", "tool"):
                continue
            if not reading.is_assistant(index - 1):
                opening = _opening(reading, whole, index)
                if opening is not None:
                    found.setdefault(role, set()).add(opening)
    return {role: frozenset(texts) for role, texts in found.items()}


def _opening(reading: Reading, whole: Printed, index: int) -> str | None:
    at = next((n for n, each in enumerate(whole.found) if each.word.message == index), None)
    if at is None:
        return None
    before = whole.found[at - 1] if at else None
    if before and before.word.message not in (None, index - 1):
        return None
    text = whole.text[before.end if before else 0 : whole.found[at].start]
    # The end of the previous turn does not belong to it, nor may the beginning of all turns.
    ended = [reading.cut(index, prompt=prompt) for prompt in (False, True)] if index else []
    ends = [each.after(before) or "" for each in ended if each]
    return text[max((common_end_of_turn(text, each) for each in ends), default=0) :]


def _between_results(readings: Sequence[Reading]) -> Iterator[str]:
    for reading in readings:
        found = reading.whole.found if reading.whole else ()
        said = [each for each in found if each.word.key == "toolresult"]
        for one, two in pairwise(said):
            if two.word.message == (one.word.message or 0) + 1 and reading.whole:
                yield reading.whole.text[one.end : two.start]


def _frames(readings: Sequence[Reading]) -> Iterator[str]:
    for reading in readings:
        text = reading.whole.text if reading.whole else ""
        found = reading.whole.found if reading.whole else ()
        ends = [0, *(each.end for each in found)]
        starts = [*(each.start for each in found[1:]), len(text)]
        for before, each, after in zip(ends, found, starts, strict=False):
            if each.word.owner is not Owner.GENERATED:
                left = reversed(pieces(text[before : each.start]))
                right = pieces(text[each.end : after])
                frame = [*reversed([*takewhile(_is_mark, left)]), *takewhile(_is_mark, right)]
                yield from filter(None, [squeezed("".join(frame))])


def _is_mark(piece: str) -> bool:
    """Whether it is punctuation or white space that is not part of a token."""
    return _MARK.fullmatch(piece) is not None


def _unprompted(readings: Sequence[Reading]) -> str | None:
    for reading in readings:
        if reading.scene.kinds == ("user", PLAIN) and reading.whole and reading.turns[0].own:
            prompt = prompt_of(reading, reading.turns[0])
            lead = before_words(reading.whole, reading.turns[0])
            if prompt and lead.startswith(prompt.given):
                return lead[len(prompt.given) :]
    return None


def _user_frame(readings: Sequence[Reading]) -> tuple[str, str]:
    for reading in readings:
        if reading.scene.kinds == ("user", PLAIN):
            alone, twice = reading.cut(1), reading.followed(1)
            if alone and alone.found:
                lead = alone.text[: alone.found[0].start]
                tail = alone.text[alone.found[-1].end :]
                # Some templates print the assistant's header even without add_generation_prompt.
                after = twice.text[alone.found[-1].end :] if twice else ""
                return lead, tail[: common_end_of_turn(tail, after)]
    return "", ""
