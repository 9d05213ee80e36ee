"""The token that a plain answer stops at.

A model that has written it is stopped, so nothing after it is generated, except more text of the
message: further calls, or a further channel under the assistant's own header.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Final

from rewriter.tracing.origins import Field, Input
from rewriter.tracing.trace import Run, Trace
from rewriter.turns.headers import SPECIAL
from rewriter.turns.openings import lead

# Fields with a message's own text; its other fields are metadata.
SAID_FIELDS: Final = frozenset(
    {
        *("content", "refusal", "parts", "text", "audio", "citations"),
        *("reasoning_content", "reasoning", "thinking", "thought", "tool_plan"),
        *("tool_calls", "function_call", "function_calls"),
    }
)
# Names of tokens that begin a text.
_BEGINS: Final = re.compile(
    r"<s>|<[^<>\s]*(?:bos\b|begin|startof|start_of_text)[^<>\s]*>", re.IGNORECASE
)
# Names of tokens that end something.
ENDING: Final = re.compile(r"</|end|stop|eo[a-z]\b|eo[a-z]_", re.IGNORECASE)
_WORD: Final = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class StopToken:
    """The end of a plain answer, empty if unknown, and the tokens that begin turns.

    ``plain`` is the whole text after an answer if there is no token. ``begins`` are tokens that
    begin texts, so they end nothing, even after an end.
    """

    text: str = ""
    openers: frozenset[str] = frozenset()
    plain: str = ""
    begins: frozenset[str] = frozenset()

    def ends(self, trace: Trace, index: int) -> bool:
        """Whether a turn prints it after all of its message's text, or ends in it."""
        if not self.text:
            return False
        own = trace.of_turn(index)
        if any(is_said(run, index) for run in own):
            return self.text in _tail(trace, index)
        printed = "".join(trace.text[run.start : run.end] for run in own)
        return printed.rstrip().endswith(self.text)

    def end_after(self, text: str) -> int:
        """Where in ``text``, which follows the token, further tokens with the same meaning end."""
        end = 0
        while not _has_words(text) and (token := SPECIAL.match(text, end)):
            if token.group() in self.openers or not ENDING.search(token.group()):
                break
            end = token.end()
        return end


def stop_token(
    answered: Trace,
    answer: int,
    chats: Iterable[tuple[Trace, Sequence[Mapping[str, Any]]]],
    last: Trace | None = None,
) -> StopToken:
    """Learn it from a plain ``answer`` before a user, and from one that comes ``last``.

    It is the last of the tokens after the words, or the end that a user's turn has too, if words
    separate it from further tokens. These may also only separate turns: a last turn has none.
    """
    openers = frozenset(_openers(answered, range(answer + 2)))
    for trace, messages in chats:
        openers |= frozenset(_openers(trace, range(len(messages))))
    tail = _cut(_tail(answered, answer), openers)
    users = _cut(_tail(answered, answer - 1), openers).strip()
    if users and tail.lstrip().startswith(users) and not _has_words(users):
        rest = tail.lstrip().removeprefix(users)
        separates = last is not None and _tail(last, answer).strip() == users
        is_other = _has_words(rest) or (separates and not ENDING.search(rest))
        tail = users if is_other else tail
    tokens: Sequence[str] = SPECIAL.findall(tail)
    if not tokens and _is_after_words(answered, answer, users):
        # More message text follows the end.
        tokens = SPECIAL.findall(users)
    begins = _beginning(tokens, answered)
    tokens = tokens[: len(tokens) - len(begins)]
    return (
        StopToken(tokens[-1], openers, begins=frozenset(begins))
        if tokens
        else StopToken(plain=tail)
    )


def late_end_of_calls(begun: str, plain: str, stop: StopToken) -> str:
    """The end of a turn that calls tools, if the next turn prints it.

    It is text that the next turn has ``begun`` with only after calls, if it begins with ``plain``
    after anything else. Empty if there is none, or if it is not an end token.
    """
    end = begun.removesuffix(plain) if plain.strip() and begun.endswith(plain) else ""
    tokens = SPECIAL.findall(end)
    if not tokens or _has_words(end):
        return ""
    return end if any(token == stop.text or ENDING.search(token) for token in tokens) else ""


def _openers(trace: Trace, turns: Iterable[int]) -> Iterator[str]:
    for index in turns:
        tokens = [found.group() for found in SPECIAL.finditer(lead(trace, index))]
        # A turn may begin with the end of the previous one.
        opening = [token for token in tokens if not ENDING.search(token)] or tokens
        yield from opening[:1]


def _beginning(tokens: Sequence[str], trace: Trace) -> Sequence[str]:
    """Those at the end of some tokens that begin texts, and do not end turns.

    A turn may end in what all texts begin with, if there is nothing else.
    """
    given = {
        trace.text[run.start : run.end]
        for run in trace.runs
        if isinstance(run.origin, Input) and run.origin.name == "bos_token"
    }
    begin = takewhile(lambda each: each in given or _BEGINS.fullmatch(each), reversed(tokens[1:]))
    return [*begin]


def _tail(trace: Trace, index: int) -> str:
    """A turn's text after all of its message's text; empty if that has none."""
    own = trace.of_turn(index)
    said = max((run.end for run in own if is_said(run, index)), default=None)
    if said is None:
        return ""
    return "".join(trace.text[run.start : run.end] for run in own if run.start >= said)


def _is_after_words(trace: Trace, index: int, end: str) -> bool:
    """Whether the template prints an end within a turn, after the first words of its message."""
    own = trace.of_turn(index)
    said = next((n for n, run in enumerate(own) if is_said(run, index)), len(own))
    after = (trace.text[run.start : run.end] for run in own[said + 1 :] if not is_said(run, index))
    return bool(end) and any(end in text for text in after)


def _cut(tail: str, openers: Set[str]) -> str:
    begins = (token.start() for token in SPECIAL.finditer(tail) if token.group() in openers)
    return tail[: next(begins, len(tail))]


def _has_words(text: str) -> bool:
    return _WORD.search(SPECIAL.sub("", text)) is not None


def is_said(run: Run, index: int) -> bool:
    """Whether a run is text of message ``index``."""
    origin = run.origin
    if not isinstance(origin, Field) or not origin.path:
        return False
    return origin.message == index and origin.path[0] in SAID_FIELDS
