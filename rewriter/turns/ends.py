"""How the turns of one template end, as a few short conversations show it."""

from __future__ import annotations

from functools import cached_property

from rewriter.tracing.probes import (
    ANSWERS,
    CALLED,
    CALLED_ALONE,
    INSTRUCTED,
    QUESTIONS,
    SPECIAL_TOKENS,
    TOOLS,
    repetitions,
)
from rewriter.tracing.render import TracedTemplate
from rewriter.turns.openings import closing_end, late_end, lead
from rewriter.turns.separators import Separators, separators
from rewriter.turns.stop_token import StopToken, late_end_of_calls, stop_token


class Ends:
    """The ends of turns; ``prompt`` is the template's generation prompt."""

    def __init__(self, traced: TracedTemplate, prompt: str) -> None:
        self._traced = traced
        self._attempted = traced.attempted_or_unforced
        self._prompt = prompt

    @cached_property
    def late_end(self) -> str:
        """The end of a turn if the next turn prints it; else empty."""
        for question, answer in zip(QUESTIONS, ANSWERS, strict=True):
            trace = self._attempted([question, answer, question], **SPECIAL_TOKENS)
            if trace is not None:
                return late_end(trace, 0, 1, 2) or closing_end(trace, 1, 2, self._prompt)
        return ""

    @cached_property
    def late_end_of_calls(self) -> str:
        """The end of a turn that calls tools if the next turn prints it; else empty.

        If answers end late as well, it is their end, unless the next turn prints another.
        """
        given = {**SPECIAL_TOKENS, "tools": TOOLS}
        for question, call, result in (*CALLED, CALLED_ALONE):
            for later in (result, question):
                called = self._attempted([question, call, later], **given)
                if called is None:
                    continue
                if self.stop_token.ends(called, 1):
                    return ""
                # After an answer, or after another result, the same turn begins without it.
                for plain in ([question, ANSWERS[0], later], [question, call, result, later]):
                    other = self._attempted(plain, **given)
                    leads = (lead(called, 2), lead(other, len(plain) - 1)) if other else ("", "")
                    if end := late_end_of_calls(*leads, self.stop_token):
                        return end
        return ""

    @cached_property
    def stop_token(self) -> StopToken:
        """The stop token of a plain answer, and the tokens that begin turns."""
        given = {**SPECIAL_TOKENS, "tools": TOOLS}
        tried = ((self._attempted(chat, **given), chat) for chat in (*CALLED, *INSTRUCTED))
        chats = [(trace, chat) for trace, chat in tried if trace is not None]
        for question, answer in zip(QUESTIONS, ANSWERS, strict=True):
            followed = self._attempted([question, answer, question], **SPECIAL_TOKENS)
            last = self._attempted([question, answer], **SPECIAL_TOKENS)
            if followed and (found := stop_token(followed, 1, chats, last)).text:
                return found
        return self._plain_end()

    def _plain_end(self) -> StopToken:
        """The end of a plain answer without a token; forced tests may print more after it."""
        for question, answer in zip(QUESTIONS, ANSWERS, strict=True):
            chat = [question, answer, question]
            if followed := self._traced.unforced.attempted(chat, **SPECIAL_TOKENS):
                return StopToken(plain=stop_token(followed, 1, ()).plain)
        return StopToken()

    @cached_property
    def separators(self) -> Separators:
        """The white space between message texts in a turn."""
        answered = (
            self._attempted([question, answer], **SPECIAL_TOKENS)
            for question, answer in zip(QUESTIONS, ANSWERS, strict=True)
        )
        repeated = (
            (self._attempted(messages, **options), len(messages) - 1)
            for messages, options in repetitions()
        )
        return separators(filter(None, answered), ((t, last) for t, last in repeated if t))
