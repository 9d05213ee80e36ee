"""Words of the template's own that a user's turn prints as well, around what is said.

Nobody says them: they are neither prompted nor generated. Tokens and white space are the model's
to write wherever the prompt does not, and so is whatever a turn ends in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rewriter.tracing.headers import SPECIAL
from rewriter.tracing.leads import lead
from rewriter.tracing.parts import GENERATED, PROMPT
from rewriter.tracing.provenance import Field
from rewriter.tracing.render import Run, Trace

# What a token names belongs to it: `<|channel|>final<|message|>`.
_TOKENS: Final = re.compile(rf"(?:{SPECIAL.pattern})(?:\w*(?:{SPECIAL.pattern}))*")
_LEADING: Final = re.compile(rf"(?:\s*{_TOKENS.pattern})*")
_TRAILING: Final = re.compile(rf"(?:{_TOKENS.pattern}\s*)+$")
# What a user's turn begins with that names the user is no text around what is said.
_HEADER: Final = re.compile(r"\A.*?(?:user|human)", re.IGNORECASE | re.DOTALL)
_WORD: Final = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, slots=True)
class UsersText:
    """What users' turns print ``before`` and ``behind`` what is said, to their stop token."""

    before: frozenset[str] = frozenset()
    behind: frozenset[str] = frozenset()

    def __or__(self, other: UsersText) -> UsersText:
        return UsersText(self.before | other.before, self.behind | other.behind)


def users_text(trace: Trace, messages: Sequence[Mapping[str, Any]], stop: str) -> UsersText:
    """What is printed in the users' turns of a conversation."""
    before: set[str] = set()
    behind: set[str] = set()
    for index, message in enumerate(messages):
        own = [run for run in trace.runs if run.turn == index]
        if message.get("role") == "user" and any(_is_own(run) for run in own):
            said = max(run.end for run in own if _is_own(run))
            places = [at for run in own if run.start >= said for at in range(run.start, run.end)]
            before.add(_HEADER.sub("", lead(trace, index), count=1))
            behind.add(_text(trace, _to_stop(trace, places, stop)))
    return UsersText(frozenset(before), frozenset(behind))


def mark_common_text(
    trace: Trace, index: int, users: UsersText, stop: str, kinds: list[str]
) -> None:
    """Mark what the turn of message ``index`` has in common with a user's, words and all."""
    own = [run for run in trace.runs if run.turn == index]
    places = [at for run in own for at in range(run.start, run.end)]
    leading = places[: len(lead(trace, index))]
    header = next((n for n, at in enumerate(leading) if kinds[at] == GENERATED), len(leading))
    leading, said = leading[header:], max((run.end for run in own if _is_own(run)), default=0)
    if not said:
        # Nothing tells where the text before what is said ends but how long it is elsewhere.
        begun = (_begun(_text(trace, leading), other) for other in users.before)
        leading = leading[: max(begun, default=0)]
        said = leading[-1] + 1 if leading else 0
    for printed, others in (
        (leading, users.before),
        (_to_stop(trace, [at for at in places if at >= said], stop), users.behind),
    ):
        for found in (_common(_text(trace, printed), other) for other in others):
            for at in printed[found]:
                # Printed for others too, but in this turn as a header is.
                kinds[at] = PROMPT if kinds[at] == GENERATED else kinds[at]


def _text(trace: Trace, places: Iterable[int]) -> str:
    return "".join(trace.text[at] for at in places)


def _begun(text: str, other: str) -> int:
    """How much of a text is the last that another has of its own before what is said."""
    ends = (other[at:] for at in _beginnings(other, 0))
    return next((len(end) for end in ends if text.startswith(end)), 0)


def _is_own(run: Run) -> bool:
    return isinstance(run.origin, Field) and run.origin.message == run.turn and not _is_role(run)


def _is_role(run: Run) -> bool:
    return isinstance(run.origin, Field) and run.origin.path == ("role",)


def _to_stop(trace: Trace, places: Sequence[int], stop: str) -> Sequence[int]:
    """The places up to the end of a stop token; none without one."""
    text = _text(trace, places)
    return places[: text.find(stop) + len(stop)] if stop and stop in text else ()


def _common(one: str, other: str) -> slice:
    """What is common to the ends of two texts, between the tokens there; nothing without words."""
    pairs = zip(reversed(one), reversed(other), strict=False)
    length = next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
    start = next(_beginnings(one, len(one) - length), len(one))
    if begins := _LEADING.match(one, start):
        start = begins.end()
    end = start + len(_TRAILING.sub("", one[start:]))
    return slice(start, end if _WORD.search(_TOKENS.sub("", one[start:end])) else start)


def _beginnings(text: str, start: int) -> Iterator[int]:
    """Where from ``start`` on neither a word nor a token is cut in two."""
    tokens = [token.span() for token in SPECIAL.finditer(text)]
    for at in range(start, len(text)):
        is_in_token = any(begin < at < end for begin, end in tokens)
        if not is_in_token and not (at and text[at - 1].isalnum() and text[at].isalnum()):
            yield at
