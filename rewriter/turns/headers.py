"""Where the role header of a turn ends: how much of the turn the generation prompt prints too."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

from rewriter.turns.openings import BLOT, ROLE_WORD, THINKING
from rewriter.turns.parts import PREFILL, UNTOLD

# Text that looks like a token.
SPECIAL: Final = re.compile(r"<[^<>\s]{1,60}>|\[[A-Z_/]{2,40}\]")
# A role header that is spelled differently from the cue: the role, and its close.
_NAMES_ROLE: Final = re.compile(
    rf"(?:{ROLE_WORD.pattern})\w*(?:[=: ]?{BLOT}+)?"
    rf"(?:(?: \w+){{0,3}}:|\|?>|[\]):]|{SPECIAL.pattern})?\s*",
    re.IGNORECASE,
)
# Characters that no line with the speaker's name contains.
_SAYS_MORE: Final = re.compile(rf"{SPECIAL.pattern}|\n")
_LETTERS: Final = "".join(filter(str.isalnum, map(chr, range(128))))
# Text that no header contains: the opening of a thought, or an end token.
_NOT_WITHIN: Final = rf"(?:{THINKING.pattern})|<[^<>\s]*(?:/|end|stop|eo[a-z])[^<>\s]*>"
# Text that a header may have between the role's name and its close: more of its line.
_SPELLED: Final = rf"(?![^\W_])(?:(?!{_NOT_WITHIN})[^\n]){{1,200}}?"
_NAME: Final = r"[^\W\d_][\w .-]{0,40}"
_WORD: Final = re.compile(r"\w(?!\w)")
# Ends of the previous turn that a cue may begin with.
_ENDS_TURN: Final = re.compile(rf"\s+|(?:{SPECIAL.pattern})(?=\s*<|\s*\[|\s*\w)")


@dataclass(frozen=True, slots=True)
class Cue:
    """The text of the generation prompt; ``role`` is the part without a thinking prefill.

    ``from_turns``: the template has no prompt, and the turns themselves show how they begin.
    """

    text: str
    role: str
    from_turns: bool = False

    @property
    def prefill(self) -> str:
        """The thinking that it opens."""
        return self.text[len(self.role) :]

    @property
    def is_known(self) -> bool:
        """Whether it is known where the assistant's turn begins."""
        return bool(self.text) or self.from_turns


class Header(NamedTuple):
    """Where a turn's header is; ``prefill`` is the kind of text from ``role`` to ``end``.

    ``is_whole`` says that all of it is there, not only a part shared with something else.
    """

    start: int
    role: int
    end: int
    prefill: str = PREFILL
    is_whole: bool = True


def header_of(beginning: str, cues: Sequence[Cue]) -> Header:
    """How much of a turn's beginning is prompted.

    ``beginning`` is the turn's text before any message text; ``cues`` are the possible prompts, the
    likeliest first. A turn may print only a part of a prefill, such as an empty thought where the
    cue begins one. A header that is spelled differently from the cue is still a header.
    """
    whole = [found for cue in cues if (found := _found(beginning, cue.role, cue.prefill))]
    if whole:
        # A cue that is only a turn's end is found at the end of an empty turn.
        return min(whole, key=lambda found: found.start)
    closed = next(filter(None, (_closed(beginning, cue) for cue in cues)), None)
    if closed:
        return closed
    agreeing = (_agreeing(beginning, cue) for cue in cues)
    header = next((each for each in agreeing if each.end), Header(0, 0, 0, is_whole=False))
    if not header.end and beginning.startswith(BLOT) and not _SAYS_MORE.search(beginning):
        # The message itself names the speaker, as in `bob: `.
        return Header(0, len(beginning), len(beginning))
    if named := _NAMES_ROLE.search(beginning, header.end):
        return Header(named.start(), named.end(), named.end())
    return header


def _agreeing(beginning: str, cue: Cue) -> Header:
    """The part of a cue that a turn begins with."""
    length = shared_tokens(beginning, cue.text)
    # White space alone does not tell a header.
    length = length if beginning[:length].strip() or not cue.text.strip() else 0
    close = _misspelt(beginning[length:], cue.role[length:]) if length else 0
    if close:
        return Header(0, length + close, length + close)
    agreeing = Header(0, min(length, len(cue.role)), length, is_whole=False)
    # A turn may lack the prompt's trailing white space, or some of it.
    words = cue.role.rstrip()
    bare = _found(beginning, words, "")
    if bare is None:
        return agreeing
    end = bare.end + agreement(beginning[bare.end :], cue.role[len(words) :])
    return Header(bare.start, end, end) if end > agreeing.role else agreeing


def _misspelt(beginning: str, close: str) -> int:
    """The length of a header's close that differs from the prompt's only in its brackets."""
    own, prompted = SPECIAL.match(beginning), SPECIAL.match(close)
    if not own or not prompted or _letters(own.group()) != _letters(prompted.group()):
        return 0
    return own.end() + agreement(beginning[own.end() :], close[prompted.end() :])


def _letters(token: str) -> str:
    return "".join(filter(str.isalnum, token))


def _found(beginning: str, role: str, prefill: str) -> Header | None:
    """Where a turn prints a header, or the rest of it without the end of the previous turn."""
    for header in _headers(role):
        at = beginning.find(header)
        if at >= 0:
            end = at + len(header)
            return _prefilled(beginning, at, end, prefill)
    return None


def _prefilled(beginning: str, start: int, end: int, prefill: str) -> Header:
    """A header, with the part of the prefill that its turn prints after it."""
    rest = beginning[end:]
    given = shared = shared_tokens(rest, prefill)
    bare, words = rest.lstrip(), prefill.lstrip()
    if not prefill[:shared].strip() and words[: shared_tokens(bare, words)].strip():
        # Before the thought there may be other white space than in the prompt.
        common = shared_tokens(bare, words)
        given, shared = len(prefill) - len(words) + common, len(rest) - len(bare) + common
    # Who prefills a whole thought has not asked for the one that the turn begins.
    is_other = prefill[given:].strip()
    return Header(start, end, end + shared, UNTOLD if is_other else PREFILL)


def _closed(beginning: str, cue: Cue) -> Header | None:
    """Where a turn prints a header with more text than the cue, up to the cue's own close."""
    for header in _headers(cue.role):
        for start, end in spelled_otherwise(header, beginning, anyone=True):
            return _prefilled(beginning, start, end, cue.prefill)
    return None


def spelled_otherwise(role: str, text: str, *, anyone: bool = False) -> Iterator[tuple[int, int]]:
    """Where a text has a header with more text between the role's name and the close.

    With ``anyone``, also one that names somebody else after its opening token.
    """
    pattern = _spelled_otherwise(role, anyone=anyone)
    for found in pattern.finditer(text) if pattern else ():
        # Of what the header has after that, such as line breaks, a turn may print a part.
        after = role.rpartition(found["close"])[2]
        yield found.start(), found.end() + agreement(text[found.end() :], after)


@cache
def _spelled_otherwise(role: str, *, anyone: bool) -> re.Pattern[str] | None:
    """A pattern for such a header, if it has a close after the name."""
    bare = SPECIAL.sub(lambda token: " " * len(token.group()), role)
    names = [*ROLE_WORD.finditer(role)] or [*_WORD.finditer(bare)] or [*_WORD.finditer(role)]
    end = names[-1].end() if names else len(role)
    if end == len(role):
        return None
    close = role[end:].rstrip() or role[end]
    last = [token.group() for token in SPECIAL.finditer(close)][-1:]
    closes = "|".join(map(re.escape, (close, *last)))
    longer = f"{re.escape(role[:end])}(?!{closes}){_SPELLED}"
    # Instead of the role, there may be another, unknown name.
    before = role[: names[-1].start()] if names else ""
    is_opened = anyone and SPECIAL.search(before) is not None
    name = rf"(?:{BLOT}+|{_NAME})" if is_opened else f"{BLOT}+"
    other = f"|{re.escape(before)}{name}" if before.strip() else ""
    return re.compile(f"(?:{longer}{other})(?P<close>{closes})")


def _headers(role: str) -> Iterator[str]:
    """A cue, and then without possible ends of the previous turn: white space, special tokens.

    Last, only from the token on that names the role: the text before it, such as how to think, may
    be printed in the previous turn.
    """
    start = 0
    while role[start:].strip():
        yield role[start:]
        ended = _ENDS_TURN.match(role, start)
        if ended is None:
            tokens = SPECIAL.finditer(role, start + 1)
            yield from (role[t.start() :] for t in tokens if ROLE_WORD.search(t.group()))
            return
        start = ended.end()


def shared_tokens(beginning: str, text: str) -> int:
    """The length of the common start of two texts, in whole tokens and words."""
    length = agreement(beginning, text)
    if length < min(len(beginning), len(text)) and beginning[length].isalnum():
        length = len(beginning[:length].rstrip(_LETTERS))
    for token in SPECIAL.finditer(beginning):
        if token.start() < length < token.end():
            return token.start()
    return length


def agreement(one: Sequence[object], other: Sequence[object]) -> int:
    """The length of the common start of two texts, or lists."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))
