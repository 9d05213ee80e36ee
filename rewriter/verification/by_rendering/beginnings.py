"""Rules about where a turn begins: prompted text is outside the mask."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rewriter.turns.parts import EmptyThoughts, Policy
from rewriter.verification.by_rendering.checks import Checks
from rewriter.verification.by_rendering.learned import Learned
from rewriter.verification.by_rendering.pieces import (
    alike_start,
    common_start,
    may_have_words,
    may_have_words_or_numbers,
    squeezed,
)
from rewriter.verification.by_rendering.prompts import Prompt, before_words, prompt_of
from rewriter.verification.by_rendering.reading import Reading, Turn
from rewriter.verification.by_rendering.thoughts import empty_thought, until_thought

PROMPTED = "What the generation prompt prints is outside the mask."
SPELLED = "A header is outside the mask to its close, however it is spelled."
BEGUN = "What the assistant's turn prints after the prompt is in the mask."
INSTRUCTION = "Words that every role's turn prints around what is said are outside the mask."
EMPTY = "An empty thought that a generation prompt prints is outside the mask."
CHOSEN = "A thought that the template puts in with nothing in it is outside the mask."
_ROLE = re.compile(r"assistant", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Lead:
    """The text before a turn's words, and how much of it the prompt prints too."""

    turn: Turn
    text: str
    prompt: Prompt
    shared: int
    given: int
    begins: int
    chosen: EmptyThoughts | None

    @property
    def rest(self) -> str:
        return self.text[self.shared :]

    def own(self, known: Learned) -> int:
        """Where the model's text begins; whether an empty thought belongs to it is an option.

        The opening of a thought does not belong to it if some prompt prints it, even if not the
        prompt of this turn.
        """
        thought = empty_thought(self.text) if self.chosen else None
        if thought and self.chosen == "prompted":
            return max(self.shared, thought.end())
        if thought and thought["opening"] in known.prefills:
            return max(self.shared, thought.end("opening"))
        return self.shared

    @property
    def is_chosen(self) -> bool:
        """Whether the turn begins with an empty thought that was chosen to be the model's.

        What only closes a thought is none: templates put it before turns that had one.
        """
        return self.chosen == "generated" and empty_thought(self.text) is not None

    @property
    def whole(self) -> bool:
        return not self.missing.strip()

    @property
    def missing(self) -> str:
        return self.prompt.given[self.given :]


def beginning(
    checks: Checks,
    reading: Reading,
    turn: Turn,
    known: Learned,
    policy: Policy,
    empty_thoughts: EmptyThoughts | None = None,
) -> None:
    """Prompted text is outside; the text after it, up to the turn's words, is inside."""
    prompt = prompt_of(reading, turn)
    if prompt is None or not turn.own or not turn.follows(reading):
        return
    text = before_words(checks.printed, turn)
    after_assistant = turn.before is not None and reading.is_assistant(turn.before.word.message)
    header = known.header.strip()
    if after_assistant and header not in prompt.given:
        # After an answer, the prompt may continue it, or only end it.
        return
    if after_assistant:
        begins = _begins(reading, turn, prompt, text)
    else:
        # Text before the prompt may end an answer that contains its tools' results.
        begins = prompt.at if prompt.adds else 0
    given, shared = alike_start(prompt.given, text)
    lead = _Lead(turn, text, prompt, shared, given, begins, empty_thoughts)
    thought = empty_thought(text)
    if thought and empty_thoughts == "prompted":
        _outside(checks, lead, *thought.span(), CHOSEN)
    # Content may begin with a thought of its own.
    bare = len(until_thought(text))
    instruction = known.instruction(text[:bare])
    if instruction:
        _outside(checks, lead, bare - instruction, bare, INSTRUCTION)
    elif not prompt.text.strip():
        _unprompted(checks, reading, lead, known)
    elif given < prompt.at:
        _outside(checks, lead, begins, lead.shared, PROMPTED)
    elif lead.whole:
        _prompted(checks, reading, lead, known, policy)
    else:
        _prompted_otherwise(checks, reading, lead, known, policy)


def _begins(reading: Reading, turn: Turn, prompt: Prompt, text: str) -> int:
    """The beginning of a turn after another one of the assistant, whose end is inside."""
    ended = prompt.given[: prompt.at] if prompt.adds else ""
    if ended.strip():
        # Where it was the last, the turn before may have other white space around its end.
        same, end = alike_start(ended, text)
        return prompt.at if ended[same:].strip() else end
    followed = reading.followed(turn.index)
    other = followed.up_to_user(turn.before) if followed and turn.before else None
    return common_start(text, other) if other is not None else len(text)


def _outside(checks: Checks, lead: _Lead, start: int, end: int, promise: str) -> None:
    checks.outside(lead.turn.start + start, lead.turn.start + end, promise)


def _unprompted(checks: Checks, reading: Reading, lead: _Lead, known: Learned) -> None:
    _outside(checks, lead, lead.begins, lead.shared, PROMPTED)
    named = _ROLE.search(lead.text, lead.shared)
    if named:
        _outside(checks, lead, lead.begins, named.end(), PROMPTED)
    header, given = known.unprompted, lead.prompt.given
    # Only next to the plain answer that it is compared with; other text before it counts.
    comparable = reading.scene.kinds == ("user", lead.turn.kind)
    if header is None or not comparable or not lead.text.startswith(given + header):
        return
    start = lead.turn.start + max(len(given + header), lead.own(known))
    first = lead.turn.own[0].start
    if not _may_be_nobodys(checks, reading, lead, known, start, first):
        rest = checks.printed.text[start:first]
        thinks = _thinks(lead) and not _is_closed(rest)
        is_own = thinks or lead.is_chosen or not _is_empty_thought(rest, known)
        if is_own and not may_have_words(rest):
            checks.inside(start, first, BEGUN)


def _prompted(
    checks: Checks, reading: Reading, lead: _Lead, known: Learned, policy: Policy
) -> None:
    end = lead.shared
    if policy == "trl" or lead.turn.kind == "thought in content":
        end = min(end, len(until_thought(lead.text)))
    _outside(checks, lead, lead.begins, end, PROMPTED)
    missing, rest = lead.missing, lead.rest
    close = rest.find(missing[0]) if missing else -1
    if close > 0 and rest[:close].strip() and not re.search(r"[<\[{]", rest[:close]):
        _outside(checks, lead, lead.shared, lead.shared + close, SPELLED)
    else:
        _generated(checks, reading, lead, known, policy)


def _generated(
    checks: Checks, reading: Reading, lead: _Lead, known: Learned, policy: Policy
) -> None:
    own = lead.own(known)
    start, first = lead.turn.start + own, lead.turn.own[0].start
    if _may_be_nobodys(checks, reading, lead, known, start, first):
        return
    rest = lead.text[own:]
    # A thought with any other tag is known from a prompt that prints it after the header.
    after = {squeezed(lead.text[len(until_thought(lead.text)) :]), squeezed(rest)}
    if after & known.prefills and _has_no_thought(lead, known) and lead.chosen != "generated":
        if policy == "strict":
            checks.outside(start, first, EMPTY)
    elif may_have_words_or_numbers(checks.printed.text[start:first]):
        # They may be the template's own words, which every role's turn prints, or the time.
        return
    elif (
        lead.is_chosen
        or (_thinks(lead) and not _is_closed(rest))
        or not _is_empty_thought(rest, known)
    ):
        checks.inside(start, first, BEGUN)


def _may_be_nobodys(
    checks: Checks, reading: Reading, lead: _Lead, known: Learned, start: int, first: int
) -> bool:
    """Whether the text there may frame an unknown field of which no word is printed."""
    holds_words = any(start <= each.start < first for each in checks.printed.found)
    text = until_thought(checks.printed.text[start:first])
    is_frame = bool(text.strip()) and known.framed(text) == len(text.rstrip())
    return holds_words or is_frame or reading.may_frame(lead.turn)


def _has_no_thought(lead: _Lead, known: Learned) -> bool:
    """Whether a thought that the turn lacks is closed, or no thought begins like the turn."""
    rest = squeezed(lead.rest)
    begins_none = bool(known.thinking) and not any(e.startswith(rest) for e in known.thinking)
    return (_is_closed(lead.text) or begins_none) and not _thinks(lead)


def _is_closed(text: str) -> bool:
    """Whether a tag is closed within a text, so that the thought that it opens is empty."""
    return re.search(r"[<\[]/|><", squeezed(text)) is not None


def _thinks(lead: _Lead) -> bool:
    return any(each.word.key == "thought" for each in lead.turn.own)


def _is_empty_thought(text: str, known: Learned) -> bool:
    # Content may begin with a thought of its own.
    bare = squeezed(until_thought(text))
    return not bare or bare in known.empty or squeezed(text) in known.empty


def _prompted_otherwise(
    checks: Checks, reading: Reading, lead: _Lead, known: Learned, policy: Policy
) -> None:
    header = _header_in(lead.prompt, known)
    given = max(0, lead.given - lead.prompt.at)
    missing = header[given:]
    if not missing.strip():
        # Who prefills a whole thought has not asked for the one that the turn begins.
        end = min(lead.shared - max(0, given - len(header)), len(until_thought(lead.text)))
        _outside(checks, lead, lead.begins, end, PROMPTED)
        _generated(checks, reading, lead, known, policy)
        return
    _outside(checks, lead, lead.begins, lead.shared, PROMPTED)
    at = lead.rest.find(missing[-1])
    if at > 0 and not re.search(r"[<\[{]", lead.rest[:at]):
        _outside(checks, lead, lead.shared, lead.shared + at, SPELLED)


def _header_in(prompt: Prompt, known: Learned) -> str:
    """The prompt up to a thought, whatever that is called: plain answers do not begin with it."""
    named = until_thought(prompt.text)
    is_known = known.alone and bool(known.header.strip()) and prompt.text.startswith(known.header)
    return min(named, known.header, key=len) if is_known else named
