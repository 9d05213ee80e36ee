"""The token that a plain answer stops at, and the text of a turn after it.

A model that has written it is stopped, so nothing after it is generated, except more text of the
message: further calls, or a further channel under the assistant's own header.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import dropwhile, pairwise, takewhile
from typing import Any, Final

from rewriter.tracing.origins import Field, Input, Literal
from rewriter.tracing.trace import Run, Trace
from rewriter.turns.headers import SPECIAL, spelled_otherwise
from rewriter.turns.openings import lead
from rewriter.turns.parts import GENERATED, OUTSIDE, PROMPT, TRAILING, UNTOLD

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


def mark_after_stop(
    trace: Trace, index: int, stop: StopToken, role: str, kinds: list[str], *, rough: bool
) -> None:
    """Mark the text of the turn of message ``index`` after its stop token.

    White space there trails, even before more of the message's text; if that has no header, a proof
    (not ``rough``) leaves it open. What is spelled there as the ``role`` header is one, whomever it
    names.
    """
    own = trace.of_turn(index)
    _mark_beginnings(
        trace, dropwhile(lambda run: not is_said(run, index), own), stop, kinds, rough=rough
    )
    if not stop.text:
        _mark_after_plain(trace, own, stop.plain, kinds)
        return
    places = [at for run in own for at in range(run.start, run.end)]
    text = "".join(trace.text[run.start : run.end] for run in own)
    is_field = _at_each(own, lambda run: isinstance(run.origin, Field))
    is_said_at = _at_each(own, lambda run: is_said(run, index))
    is_call_at = _at_each(own, _is_of_call)
    is_own = [said or kinds[at] == PROMPT for said, at in zip(is_said_at, places, strict=True)]
    ends = [
        found.span()
        for found in re.finditer(re.escape(stop.text), text)
        if not any(is_field[found.start() : found.end()])
    ]
    is_nobodys = False
    for (_, end), (again, further) in pairwise([*ends, (len(text), len(text))]):
        until = next((n for n in range(end, again) if is_own[n]), again)
        if again == len(text) and not any(is_said_at[end:]):
            # A header without message text after it prompts the next speaker.
            until = again
        begin = end + stop.end_after(text[end:until])
        between = text[begin:until]
        # Words before a call belong to the template's format of calls.
        is_call = until < again and is_call_at[until]
        is_more = is_call or not between.strip() or SPECIAL.search(between) is not None
        if until < again and is_said_at[until] and not is_more:
            # The template's own words repeat message text: a remark, not a channel.
            until = next((n for n in range(until, again) if kinds[places[n]] == PROMPT), again)
            _mark_nobodys(trace, places[begin:until], kinds, TRAILING)
        elif until < again and is_said_at[until]:
            _mark_space(trace, places[begin:until], kinds, TRAILING if rough else UNTOLD)
            for first, last in spelled_otherwise(role, between, anyone=True):
                if not between[:first].strip():
                    for at in places[begin + first : begin + last]:
                        kinds[at] = PROMPT
        elif is_nobodys or text[begin:until].strip():
            # Nor does the assistant write the end of somebody else's text there.
            after = places[begin : further if until == again else until]
            _mark_nobodys(trace, after, kinds, OUTSIDE if is_nobodys else TRAILING)
        is_nobodys = until == again and (is_nobodys or bool(text[begin:until].strip()))


def _at_each(runs: Iterable[Run], holds: Callable[[Run], bool]) -> list[bool]:
    """What is true of the run of each character."""
    return [each for run in runs for each in (holds(run),) * (run.end - run.start)]


def _mark_beginnings(
    trace: Trace, after: Iterable[Run], stop: StopToken, kinds: list[str], *, rough: bool
) -> None:
    """Mark what begins texts and is given: after an end that is given, and may be nothing."""
    for run in after:
        if isinstance(run.origin, Input) and trace.text[run.start : run.end] in stop.begins:
            kinds[run.start : run.end] = (OUTSIDE if rough else UNTOLD) * (run.end - run.start)


def _is_of_call(run: Run) -> bool:
    return isinstance(run.origin, Field) and run.origin.path[:1] == ("tool_calls",)


def _mark_after_plain(trace: Trace, own: Sequence[Run], plain: str, kinds: list[str]) -> None:
    """Mark words or a rule in a turn's own text after the end of an answer.

    After a call, the end may differ.
    """
    said = [run for run in own if isinstance(run.origin, Field)]
    after = [run for run in own if not said or run.start >= said[-1].end]
    places = [at for run in after for at in range(run.start, run.end) if kinds[at] != PROMPT]
    text = "".join(trace.text[at] for at in places)
    is_own = all(isinstance(run.origin, Literal) for run in after)
    if is_own and _is_content(said) and plain and text.startswith(plain):
        rest = text.removeprefix(plain)
        if rest.strip() and not SPECIAL.search(rest):
            _mark_nobodys(trace, places[len(plain) :], kinds, TRAILING)


def _is_content(said: Sequence[Run]) -> bool:
    """Whether the last message text is the content, or there is none."""
    origin = said[-1].origin if said else None
    return origin is None or (isinstance(origin, Field) and origin.path[:1] == ("content",))


def _mark_space(trace: Trace, after: Iterable[int], kinds: list[str], kind: str) -> None:
    """Mark the white space that directly follows the token."""
    for at in takewhile(lambda at: trace.text[at].isspace(), after):
        if kinds[at] == GENERATED or (kind == OUTSIDE and kinds[at] == TRAILING):
            kinds[at] = kind


def _mark_nobodys(trace: Trace, after: Sequence[int], kinds: list[str], space: str) -> None:
    """Mark text that follows the token, and the white space before it as ``space``."""
    _mark_space(trace, after, kinds, space)
    for at in dropwhile(lambda at: trace.text[at].isspace(), after):
        if kinds[at] in (GENERATED, TRAILING):
            kinds[at] = OUTSIDE
