"""Rules about words: the assistant's are inside the mask, and everyone else's outside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from rewriter.verification.by_rendering.checks import Checks
from rewriter.verification.by_rendering.learned import Learned
from rewriter.verification.by_rendering.messages import STRANGE_KEY
from rewriter.verification.by_rendering.prompts import before_words
from rewriter.verification.by_rendering.reading import Printed, Reading, Turn
from rewriter.verification.by_rendering.words import Occurrence, Owner

SAID = "What the assistant says is in the mask."
BETWEEN = "What stands between two things that the assistant says in a turn is in the mask."
GIVEN = "What others say, or are given, is outside the mask."
NOBODYS = "A field or variable that nobody knows is outside the mask."
HEADERS = "What a header says is outside the mask."
AROUND = "What is printed around what others say is outside the mask."
REPEATED = "The assistant's header is outside the mask, also within a turn."
ANOTHER = "The header of another speaker is outside the mask, also within a turn."

# A header that opens with a token and names who speaks.
_NAMED = re.compile(r"(?P<opens>[<\[].*?[>\]])(?P<name>[^\W\d_][\w .-]*)(?P<closes>.*)", re.DOTALL)
RETOLD = "An answer that is retold without its header, once others follow, is outside the mask."

_WHOSE = {Owner.GIVEN: GIVEN, Owner.NOBODY: NOBODYS, Owner.HEADER: HEADERS}


def own_words(checks: Checks, reading: Reading, turn: Turn, known: Learned) -> None:
    """The turn's words are inside, and so is the text that joins them."""
    if _is_retold(checks.printed, reading, turn, known):
        for each in turn.own:
            checks.outside(each.start, each.end, RETOLD)
        return
    for each in turn.own:
        checks.inside(each.start, each.end, SAID)
    found = [each.start for each in checks.printed.found]
    for one, two in pairwise(turn.own):
        if any(one.end <= at < two.start for at in found):
            continue
        if reading.is_of_one_field(turn, checks.printed.text[one.end : two.start]):
            checks.inside(one.end, two.start, SAID)
        else:
            _between(checks, one.end, two.start, known)


def _is_retold(printed: Printed, reading: Reading, turn: Turn, known: Learned) -> bool:
    """Whether the turn has the header where it is the last, and here has neither it nor an end."""
    header = known.header.strip()
    if len(header) <= 2 or not turn.own or header in before_words(printed, turn):
        return False
    if known.stop and printed.text.startswith(known.stop, turn.own[-1].end):
        return False
    alone = reading.cut(turn.index + 1)
    first = turn.own[0].word.text
    said = next((each for each in alone.found if each.word.text == first), None) if alone else None
    if alone is None or said is None:
        return False
    before = (each.end for each in alone.found if each.end <= said.start)
    return header in alone.text[max(before, default=0) : said.start]


def _between(checks: Checks, start: int, end: int, known: Learned) -> None:
    text = checks.printed.text[start:end]
    if known.instruction(text):
        return
    at = start
    for first, last, promise in _headers(text, known):
        checks.inside(at, start + first, BETWEEN)
        checks.outside(start + first, start + last, promise)
        at = start + last
    checks.inside(at, end, BETWEEN)


def _headers(text: str, known: Learned) -> Iterator[tuple[int, int, str]]:
    """Where a text has the assistant's header, or anybody's after what ends an answer."""
    header = known.header.strip()
    if len(header) <= 2:
        return
    named = _NAMED.fullmatch(known.header) if known.stop else None
    anyone = "(?!)"
    if named:
        opens, closes = re.escape(named["opens"]), re.escape(named["closes"])
        name = r"[^\W\d_][\w .-]*?"
        anyone = rf"(?<={re.escape(known.stop)})\s*(?P<other>{opens}{name}{closes})"
    for match in re.finditer(f"{re.escape(header)}|{anyone}", text):
        if named and match["other"]:
            yield *match.span("other"), ANOTHER
        else:
            yield *match.span(), REPEATED


def others_words(checks: Checks) -> None:
    """Words that the model does not write are outside."""
    for each in checks.printed.found:
        owner = each.word.owner
        if owner is not Owner.GENERATED and not _is_in_data(checks.printed, each):
            checks.outside(each.start, each.end, _WHOSE[owner])


def _is_in_data(printed: Printed, occurrence: Occurrence) -> bool:
    # A whole call or message in JSON is one text, of which nothing can be left out.
    if occurrence.word.owner is Owner.GIVEN and not _prints_any_key(
        printed, occurrence.word.message
    ):
        return False
    before, after = printed.text[: occurrence.start], printed.text[occurrence.end :]
    as_value = re.search(r"""["'](\w+)["']\s*[:=]\s*["']?$""", before[-120:])
    return bool(as_value) or re.match(r"""["']\s*:""", after) is not None


def _prints_any_key(printed: Printed, message: int | None) -> bool:
    """Whether the message's key that no template can know is printed."""
    return any(
        each.word.key == STRANGE_KEY and each.word.message == message for each in printed.found
    )


def between_others(checks: Checks, reading: Reading, known: Learned) -> None:
    """The text between two texts of others is outside, unless it ends a turn that calls."""
    printed = checks.printed
    found = printed.found
    if not found:
        return
    first = found[0].word.message or 0
    if not any(map(reading.is_assistant, range(first + 1))):
        checks.outside(0, found[0].start, AROUND)
    for one, two in pairwise(found):
        if _others(reading, one, two):
            _after(checks, reading, one, two.start, known)
    last = len(reading.scene.kinds) - 1
    if found[-1].word.message == last and not reading.is_assistant(last):
        _after(checks, reading, found[-1], len(printed.text), known)


def _after(checks: Checks, reading: Reading, said: Occurrence, end: int, known: Learned) -> None:
    """What follows a text of others is outside.

    A turn that prints the results of its calls may end after them, if nothing ends it before and no
    result ends in the same way.
    """
    text, called = checks.printed.text, _called_before(reading, said)
    is_late = called is not None and known.stop not in text[called : said.start] + known.results
    at = text.find(known.stop, said.end, end) if known.stop and is_late else -1
    if at >= 0:
        checks.outside(said.end, at, AROUND)
        checks.outside(at + len(known.stop), end, AROUND)
    else:
        checks.outside(said.end, end, AROUND)


def _called_before(reading: Reading, said: Occurrence) -> int | None:
    """Where the words of the assistant's turn before a text of others end."""
    own = (at for at in reversed(range((said.word.message or 0) + 1)) if reading.is_assistant(at))
    called = next(own, None)
    found = reading.whole.found if reading.whole and called is not None else ()
    ends = (e.end for e in found if e.word.message == called and e.end <= said.start)
    return max(ends, default=None)


def _others(reading: Reading, one: Occurrence, two: Occurrence) -> bool:
    mine = -1 if one.word.message is None else one.word.message
    theirs = -1 if two.word.message is None else two.word.message
    return mine <= theirs and not any(map(reading.is_assistant, range(mine, theirs + 1)))
