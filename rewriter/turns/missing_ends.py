"""Which kinds of the assistant's turns have no end that the model writes, so that it never stops.

After such a turn, the next one begins, or nothing follows. A model learns from it to go on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeAlias

from rewriter.tracing.fields import names_of
from rewriter.tracing.origins import Field, Input
from rewriter.tracing.probes import ANSWERS, CALLED, QUESTIONS, SPECIAL_TOKENS, TOOLS, twice
from rewriter.tracing.render import TracedTemplate
from rewriter.tracing.trace import Run
from rewriter.turns.headers import SPECIAL
from rewriter.turns.openings import lead
from rewriter.turns.parts import GENERATED, Parts
from rewriter.turns.stop_headers import Stops
from rewriter.turns.stop_token import is_said
from rewriter.turns.turns import Turns

Messages: TypeAlias = Sequence[Mapping[str, Any]]
_TOOL_CALLS: Final = "tool_calls"


class TurnKind(StrEnum):
    """The kinds of the assistant's turns."""

    ANSWER = "a plain answer"
    CALLS = "a turn that calls tools"
    AFTER_TOOL = "an answer after a tool"
    THINKING = "an answer with a thought"
    IN_BLOCKS = "an answer in blocks"
    SEVERAL = "a turn that calls two tools"


# The kinds that most templates end alike, so that one is told only where the other has an end.
_ALIKE: Final = {
    TurnKind.THINKING: TurnKind.ANSWER,
    TurnKind.IN_BLOCKS: TurnKind.ANSWER,
    TurnKind.SEVERAL: TurnKind.CALLS,
}
_USUAL: Final = tuple(kind for kind in TurnKind if kind not in _ALIKE)
_CALLING: Final = frozenset({TurnKind.CALLS, TurnKind.SEVERAL})


class When(StrEnum):
    """When turns have no end: always, only before other turns, or only as the last."""

    ALWAYS = "always"
    LAST = "last"
    FOLLOWED = "followed"


@dataclass(frozen=True, slots=True)
class UntrainedEnd:
    """Turns of one ``kind`` have no trained end, and when.

    ``is_printed`` says that the next turn prints their end, outside the mask.
    """

    kind: TurnKind
    when: When
    is_printed: bool

    @property
    def can_be_added(self) -> bool:
        """Whether the goal ``stop-token`` puts an end there."""
        return not self.is_printed and self.kind in _USUAL


@dataclass(frozen=True, slots=True)
class MissingEnds:
    """The missing ends of turns.

    Attributes:
        answer: when an answer has no end; ``None`` if it always has one.
        calls: the same for a turn that calls tools.
        text: the end of such turns elsewhere; empty for the tokenizer's ``eos_token``.

    """

    answer: When | None
    calls: When | None
    text: str = ""

    def when(self, message: Mapping[str, Any]) -> When | None:
        """When the turn of a message has no end."""
        return self.calls if message.get(_TOOL_CALLS) else self.answer


def unended(
    traced: TracedTemplate,
    stops: Stops | None = None,
    *,
    tokens: Mapping[str, str] = SPECIAL_TOKENS,
) -> tuple[TurnKind, ...]:
    """The kinds of turns without an end; ``stops`` are headers that count as ends.

    A last turn counts if it has no end, even if others have one. ``tokens`` are the special tokens
    that the tokenizer has.
    """
    found = _endings(Turns(traced, stops=stops), tokens)
    return tuple(kind for kind in _USUAL if _when(found, kind))


def untrained_ends(traced: TracedTemplate, stops: Stops | None = None) -> tuple[UntrainedEnd, ...]:
    """The turns without a trained end, whichever turn prints it."""
    turns = Turns(traced, stops=stops)
    found = _endings(turns, SPECIAL_TOKENS, TurnKind)
    whens = {kind: when for kind in TurnKind if (when := _when(found, kind))}
    whens = {k: when for k, when in whens.items() if _ALIKE.get(k) not in whens}
    printed = {k: when is not When.LAST and _is_printed_next(turns, k) for k, when in whens.items()}
    return tuple(UntrainedEnd(kind, whens[kind], printed[kind]) for kind in whens)


def _is_printed_next(turns: Turns, kind: TurnKind) -> bool:
    """Whether the turn after one of a kind begins with the end of a plain answer."""
    end, _ = _plain_end(turns)
    for messages, index in _forms(kind, is_last=False) if SPECIAL.search(end) else ():
        trace = turns.traced.attempted(messages, **SPECIAL_TOKENS, tools=TOOLS)
        if trace and any(_says(run, index) for run in trace.runs):
            return lead(trace, index + 1).lstrip().startswith(end)
    return False


def ends_taken(original: TracedTemplate, variant: TracedTemplate) -> tuple[TurnKind, ...]:
    """The kinds of turns that lose their end before other turns in the variant."""
    before, after = (_endings(Turns(each), SPECIAL_TOKENS) for each in (original, variant))
    return tuple(
        kind for kind in _USUAL if before.get((kind, False)) and after.get((kind, False)) is False
    )


def missing_ends(traced: TracedTemplate) -> MissingEnds | None:
    """The missing ends of a template's turns, if some have none."""
    turns = Turns(traced)
    found = _endings(turns, SPECIAL_TOKENS)
    answer = _when(found, TurnKind.ANSWER) or _when(found, TurnKind.AFTER_TOOL)
    calls = _when(found, TurnKind.CALLS)
    if answer is None and calls is None:
        return None
    if (TurnKind.CALLS, False) not in found:
        calls = answer  # it prints no calls, so the answer does not matter
    text = _usual_end(turns) if When.LAST in (answer, calls) else ""
    return MissingEnds(answer, calls, text)


def _when(endings: Mapping[tuple[TurnKind, bool], bool], kind: TurnKind) -> When | None:
    followed, last = (endings.get((kind, is_last), True) for is_last in (False, True))
    if followed:
        return None if last else When.LAST
    return When.FOLLOWED if endings.get((kind, True)) else When.ALWAYS


def _endings(
    turns: Turns, tokens: Mapping[str, str], kinds: Iterable[TurnKind] = _USUAL
) -> Mapping[tuple[TurnKind, bool], bool]:
    """Whether turns of some ``kinds`` have an end, followed by another and as the last."""
    found: dict[tuple[TurnKind, bool], bool] = {}
    for kind in kinds:
        for is_last in (False, True):
            if kind is TurnKind.SEVERAL and (TurnKind.CALLS, is_last) not in found:
                continue  # a template that prints no call prints no two
            tried = (_is_ended(turns, kind, form, tokens) for form in _forms(kind, is_last=is_last))
            is_ended = next((each for each in tried if each is not None), None)
            if is_ended is not None:
                found[kind, is_last] = is_ended
    return found


def _usual_end(turns: Turns) -> str:
    """The end of a plain answer before a user; empty if it is given, like a token variable."""
    text, is_given = _plain_end(turns)
    return "" if is_given else text


def _plain_end(turns: Turns) -> tuple[str, bool]:
    """The end of a plain answer before a user, and whether it is given."""
    for messages, index in _forms(TurnKind.ANSWER, is_last=False):
        parts = turns.attempted(messages, **SPECIAL_TOKENS, tools=TOOLS)
        if parts and any(_says(run, index) for run in parts.trace.runs):
            end = _after(parts, index)
            text = "".join(parts.trace.text[at] for _, at in end).strip()
            return text, any(isinstance(run.origin, Input) for run, _ in end)
    return "", False


def _forms(kind: TurnKind, *, is_last: bool) -> Iterator[tuple[Messages, int]]:
    """Conversations with a turn of a kind, and its index, in the forms that templates accept."""
    for question, answer in zip(QUESTIONS, ANSWERS, strict=True):
        followed = [] if is_last else [question]
        if said := _answer_of(kind, answer):
            yield [question, said, *followed], 1
        # Some print a call only without content.
        alone = ([asked, {**call, "content": None}, result] for asked, call, result in CALLED)
        for _, call, result in (*CALLED, *alone):
            if kind is TurnKind.CALLS:
                yield [question, call, *([] if is_last else [result])], 1
            elif kind is TurnKind.SEVERAL:
                yield [question, twice(call), *([] if is_last else [result, result])], 1
            elif kind is TurnKind.AFTER_TOOL:
                yield [question, call, result, answer, *followed], 3


def _answer_of(kind: TurnKind, answer: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """An answer to a question, if it is of that kind."""
    match kind:
        case TurnKind.ANSWER:
            return answer
        case TurnKind.THINKING:
            return {**answer, **dict.fromkeys(names_of("reasoning", "message"), "a thought")}
        case TurnKind.IN_BLOCKS:
            return {**answer, "content": [{"type": "text", "text": "an answer"}]}
    return None


def _is_ended(
    turns: Turns, kind: TurnKind, form: tuple[Messages, int], tokens: Mapping[str, str]
) -> bool | None:
    """Whether a turn has an end; ``None`` if the template does not print its message."""
    messages, index = form
    options = {**tokens, "tools": TOOLS}
    trace = turns.traced.attempted(messages, **options)
    if trace is None or not any(_is_of_kind(run, index, kind) for run in trace.runs):
        return None
    parts = turns.parts_of(trace, messages, options)
    end = _after(parts, index)
    if kind not in _CALLING:
        return any(parts.trace.text[at].strip() for _, at in end)
    text = "".join(parts.trace.text[at] for _, at in end).strip()
    between = _between_calls(turns, messages, tokens)
    header = turns.prompts.usual.role.strip()
    # What a header of the assistant's follows ends each call.
    if between.startswith(text) and not (header and header in between):
        return False
    given = any(isinstance(run.origin, Input) for run, _ in end)
    plain = turns.prompts.ends.stop_token.text
    return given or bool(SPECIAL.search(text)) or bool(plain and plain in text)


def _is_of_kind(run: Run, index: int, kind: TurnKind) -> bool:
    """Whether a run shows that message ``index`` is printed: its text, or its calls."""
    return _says(run, index) if kind not in _CALLING else _number(run, index) is not None


def _says(run: Run, index: int) -> bool:
    """Whether a run is text of message ``index``, in its own turn or after all turns."""
    return run.turn in (index, None) and is_said(run, index)


def _after(parts: Parts, index: int) -> Sequence[tuple[Run, int]]:
    """The generated characters after all text of a message."""
    said = max(run.end for run in parts.trace.runs if _says(run, index))
    return [
        (run, at)
        for run in parts.trace.runs
        for at in range(max(run.start, said), run.end)
        if parts.kinds[at] == GENERATED and (run.turn in (index, None) or at in parts.late)
    ]


def _between_calls(turns: Turns, messages: Messages, tokens: Mapping[str, str]) -> str:
    """The text between two calls of one turn; empty if no turn makes two."""
    question, call, *results = messages
    chat = [question, twice(call), *results, *results]
    trace = turns.traced.attempted(chat, **tokens, tools=TOOLS)
    runs: Iterable[Run] = trace.runs if trace else ()
    end = max((run.end for run in runs if _number(run, 1) == 0), default=0)
    start = min((run.start for run in runs if _number(run, 1) == 1), default=0)
    return trace.text[end:start].strip() if trace and end < start else ""


def _number(run: Run, index: int) -> int | None:
    """The call of message ``index`` that a run prints; all at once count as the first."""
    origin = run.origin
    if not isinstance(origin, Field) or not _says(run, index) or origin.path[0] != _TOOL_CALLS:
        return None
    number = origin.path[1] if len(origin.path) > 1 else 0
    return number if isinstance(number, int) else 0
