"""The template's own words around message text, which a user's turn prints as well.

They are neither prompted nor generated. Tokens and white space are the model's unless the prompt
prints them, and so is the end of a turn.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, dropwhile, takewhile
from typing import Any, Final

from rewriter.tracing.origins import Field, Literal, Unknown
from rewriter.tracing.trace import Run, Trace
from rewriter.turns.headers import SPECIAL
from rewriter.turns.openings import BLOT, lead, leading
from rewriter.turns.parts import FOREIGN, GENERATED, PROMPT

# The name between two tokens belongs to them: `<|channel|>final<|message|>`.
_TOKENS: Final = re.compile(rf"(?:{SPECIAL.pattern})(?:\w*(?:{SPECIAL.pattern}))*")
_LEADING: Final = re.compile(rf"(?:\s*{_TOKENS.pattern})*")
_TRAILING: Final = re.compile(rf"(?:{_TOKENS.pattern}\s*)+$")
# Replaces the role, which differs too.
_SPEAKER: Final = "\N{BUST IN SILHOUETTE}"
# The beginning of a user's turn that names the user is a header, not common text.
_HEADER: Final = re.compile(rf"\A.*?(?:user|human|{_SPEAKER})", re.IGNORECASE | re.DOTALL)
# Punctuation alone does not count.
_WORD: Final = re.compile(r"[^\W\d_]{2,}|\d")
# Replaces every number that the template counts, since it differs in the next turn.
_COUNTED: Final = "\N{ARABIC-INDIC DIGIT ZERO}"
# Keys of a message whose values are not text, and so have no provenance.
_ANSWERS: Final = frozenset({"True", "False", "None"})


@dataclass(frozen=True, slots=True)
class UsersText:
    """The text of users' turns ``before`` and ``after`` the message text, up to the stop token.

    ``outputs`` are the sites of outputs that only print text before it; ``headers`` are the whole
    beginnings of users' turns.
    """

    before: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()
    outputs: frozenset[int] = frozenset()
    headers: frozenset[str] = frozenset()

    def __or__(self, other: UsersText) -> UsersText:
        return UsersText(
            self.before | other.before,
            self.after | other.after,
            self.outputs | other.outputs,
            self.headers | other.headers,
        )


@dataclass(frozen=True, slots=True)
class _Printed:
    """Text of a turn, with the role, and each number that the template counts, as one character.

    ``starts`` and ``ends`` say what each of its characters was rendered as.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def part(self, stretch: slice) -> _Printed:
        return _Printed(self.text[stretch], self.starts[stretch], self.ends[stretch])

    def places(self, stretch: slice) -> Iterator[int]:
        """The rendered characters of a stretch."""
        return chain.from_iterable(map(range, self.starts[stretch], self.ends[stretch]))


def users_text(trace: Trace, messages: Sequence[Mapping[str, Any]], stop: str) -> UsersText:
    """The common text in the users' turns of a conversation."""
    before: set[str] = set()
    after: set[str] = set()
    outputs: set[int] = set()
    headers: set[str] = set()
    for index, message in enumerate(messages):
        own = trace.of_turn(index)
        is_plain = message.get("role") == "user" and _is_text(message.get("content"))
        if is_plain and any(_is_own(run) for run in own):
            said = max(run.end for run in own if _is_own(run))
            headers.add(lead(trace, index))
            before.add(_HEADER.sub("", _printed(trace, leading(trace, index)).text, count=1))
            after.add(_after(trace, own, said, stop).text)
            outputs |= {run.sites[-1] for run in _bare(own, leading(trace, index))}
    return UsersText(frozenset(before), frozenset(after), frozenset(outputs), frozenset(headers))


def mark_common_text(
    trace: Trace, index: int, users: UsersText, stop: str, kinds: list[str]
) -> None:
    """Mark text with words that the turn of message ``index`` has in common with a user's."""
    own = trace.of_turn(index)
    _mark_instruction(trace, index, users, own, kinds)
    before = _printed(trace, leading(trace, index))
    is_header = (kinds[at] not in (GENERATED, FOREIGN) for at in before.starts)
    before = before.part(slice(sum(takewhile(bool, is_header)), None))
    said = max((run.end for run in own if _is_own(run)), default=0)
    if not said:
        # Only its length elsewhere shows where the text before the message text ends, unless all
        # that is after the header is printed after the message text elsewhere.
        begun = max((_begun(before.text, other) for other in users.before), default=0)
        if any(before.text.startswith(other) for other in users.after if other):
            begun = 0
        before = before.part(slice(begun))
        said = before.ends[-1] if begun else 0
    for printed, others in (
        (before, users.before),
        (_after(trace, own, said, stop), users.after),
    ):
        for found in (_common(printed.text, other) for other in others):
            for at in printed.places(found):
                # Others print it too, but in this turn it is used as a header.
                kinds[at] = PROMPT if kinds[at] == GENERATED else kinds[at]


def _mark_instruction(
    trace: Trace, index: int, users: UsersText, own: Sequence[Run], kinds: list[str]
) -> None:
    """Mark the beginning of a turn if it has words, and others' turns print it by the same outputs.

    An example is a list of tools in the first turn, whoever speaks there.
    """
    shared = [run for run in _bare(own, leading(trace, index)) if run.sites[-1] in users.outputs]
    shared = [run for run in shared if GENERATED in kinds[run.start : run.end]]
    worded = {run.sites[-1] for run in shared if _has_words(trace, run)}
    instruction = dropwhile(lambda run: run.sites[-1] not in worded, shared)
    for run in takewhile(
        lambda run: run.sites[-1] in worded or not _is_token(trace, run), instruction
    ):
        for at in range(run.start, run.end):
            kinds[at] = PROMPT if kinds[at] == GENERATED else kinds[at]


def _has_words(trace: Trace, run: Run) -> bool:
    text = _TOKENS.sub("", trace.text[run.start : run.end])
    return isinstance(run.origin, Literal) and _WORD.search(text) is not None


def _is_token(trace: Trace, run: Run) -> bool:
    """Whether it is the template's own text without words, which the model may write."""
    text = trace.text[run.start : run.end].strip()
    return isinstance(run.origin, Literal) and bool(text) and not _has_words(trace, run)


def _bare(own: Iterable[Run], runs: Iterable[Run]) -> Iterator[Run]:
    """The runs of a turn that are printed by outputs without message text."""
    saying = {run.sites[-1] for run in own if run.sites and _is_own(run)}
    return (run for run in runs if run.sites and run.sites[-1] not in saying)


def _printed(trace: Trace, runs: Iterable[Run]) -> _Printed:
    text: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for run in runs:
        printed = trace.text[run.start : run.end]
        is_counted = isinstance(run.origin, Unknown) and printed.isdigit()
        if is_counted or run.is_role:
            text.append(_COUNTED if is_counted else _SPEAKER)
            starts.append(run.start)
            ends.append(run.end)
        else:
            is_said = isinstance(run.origin, Field) and not run.is_role
            is_said |= isinstance(run.origin, Unknown) and printed in _ANSWERS
            text.append(BLOT * len(printed) if is_said else printed)
            starts += range(run.start, run.end)
            ends += range(run.start + 1, run.end + 1)
    return _Printed("".join(text), starts, ends)


def _after(trace: Trace, own: Iterable[Run], said: int, stop: str) -> _Printed:
    """A turn's text after the message text, to the end of its stop token; empty without one."""
    # Without message text, one run may hold what is before it elsewhere, and what is after.
    rest = (run._replace(start=max(run.start, said)) for run in own if run.end > said)
    after = _printed(trace, rest)
    found = after.text.find(stop) if stop else -1
    return after.part(slice(found + len(stop) if found >= 0 else 0))


def _begun(text: str, other: str) -> int:
    """How much of a text equals the other's own text right before the message text."""
    ends = (other[at:] for at in _beginnings(other))
    return next((len(end) for end in ends if text.startswith(end)), 0)


def _is_text(content: Any) -> bool:
    """Whether content is only text; placeholders of images do not count as text around it."""
    if isinstance(content, Sequence) and not isinstance(content, str):
        return all(isinstance(each, Mapping) and each.get("type") == "text" for each in content)
    return isinstance(content, str)


def _is_own(run: Run) -> bool:
    return run.is_of(run.turn) and not run.is_role


def _common(one: str, other: str) -> slice:
    """The common end of two texts, between tokens; empty without words."""
    pairs = zip(reversed(one), reversed(other), strict=False)
    length = next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
    begins = bisect_left(_beginnings(one), len(one) - length)
    start = next(iter(_beginnings(one)[begins:]), len(one))
    if leads := _LEADING.match(one, start):
        start = leads.end()
    end = start + len(_TRAILING.sub("", one[start:]))
    return slice(start, end if _WORD.search(_TOKENS.sub("", one[start:end])) else start)


@lru_cache(maxsize=1024)
def _beginnings(text: str) -> Sequence[int]:
    """The places that do not cut a word or a token in two."""
    inner = {at for token in SPECIAL.finditer(text) for at in range(token.start() + 1, token.end())}
    inner.update(at for at in range(1, len(text)) if text[at - 1 : at + 1].isalnum())
    return tuple(at for at in range(len(text)) if at not in inner)
