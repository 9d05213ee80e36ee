"""If turns have no end, the model stops at the header of the next speaker.

After an answer that is the user's, after a call the tool's. The model learns to write this header
and is stopped there, so it is the end of one turn and the beginning of the next.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rewriter.tracing.origins import Field
from rewriter.tracing.probes import ANSWERS, CALLED, QUESTIONS, SPECIAL_TOKENS, TOOLS
from rewriter.tracing.render import TracedTemplate
from rewriter.tracing.trace import Trace
from rewriter.turns.headers import SPECIAL
from rewriter.turns.openings import ends_in_words, lead
from rewriter.turns.parts import ASSISTANT
from rewriter.turns.prompts import prompts_of

_TOKEN: Final = re.compile(rf"\s*(?:{SPECIAL.pattern})")


@dataclass(frozen=True, slots=True)
class Stops:
    """The end of an ``answer``, and of a turn that ``calls`` tools; empty if unknown."""

    answer: str
    calls: str

    @property
    def differ(self) -> bool:
        """Whether answers and calls have different ends."""
        return self.answer != self.calls

    def after(self, messages: Sequence[Mapping[str, Any]]) -> str:
        """The end of the last message's turn; empty if that is not the assistant's."""
        if not messages or messages[-1].get("role") != ASSISTANT:
            return ""
        return self.calls if messages[-1].get("tool_calls") else self.answer


def stops_lacking(traced: TracedTemplate) -> Stops | None:
    """The ends that a template's turns without an end would get; ``None`` if they have one."""
    found = _headers(traced)
    return found[0] if found and not found[1] else None


def stops_printed(traced: TracedTemplate) -> Stops | None:
    """The headers that end a template's turns, if it prints them even without a next speaker."""
    found = _headers(traced)
    return found[0] if found and found[1] == found[0].answer else None


def _headers(traced: TracedTemplate) -> tuple[Stops, str] | None:
    """The beginning of the next turn, and the end of a last answer.

    ``None`` if an answer has another end, if the text after it is not a token, or if that begins
    the assistant's own turn as well, and so does not show the speaker.
    """
    for question, answer in zip(QUESTIONS, ANSWERS, strict=True):
        followed = traced.attempted([question, answer, question], **SPECIAL_TOKENS)
        last = traced.attempted([question, answer], **SPECIAL_TOKENS)
        if followed is None or last is None or not ends_in_words(followed, 1):
            continue
        token = _TOKEN.match(lead(followed, 2))
        prompts = prompts_of(traced)
        if token is None or prompts.ends.late_end or prompts.usual.role.startswith(token.group()):
            return None
        return Stops(token.group(), _after_calls(traced, token.group())), _after_words(last)
    return None


def _after_calls(traced: TracedTemplate, answer: str) -> str:
    """The beginning of a tool's turn; without tools, every turn ends like an ``answer``."""
    for called in CALLED:
        trace = traced.attempted(called, **SPECIAL_TOKENS, tools=TOOLS)
        if trace is None or not any(_is_call(run.origin) for run in trace.runs):
            continue
        token = _TOKEN.match(lead(trace, 2))
        return token.group() if token else ""
    return answer


def _is_call(origin: object) -> bool:
    return isinstance(origin, Field) and origin.path[:1] == ("tool_calls",)


def _after_words(trace: Trace) -> str:
    """The text after all message text."""
    end = max((run.end for run in trace.runs if isinstance(run.origin, Field)), default=0)
    rest = trace.text[end:]
    return rest if rest.strip() else ""
