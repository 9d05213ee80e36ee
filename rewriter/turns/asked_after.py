"""The template's own text after the last answer that asks for a judgement of the conversation.

A template for a judge model prints the whole conversation, including the assistant, and then asks
for a verdict. No message holds what that model writes.
"""

from __future__ import annotations

import re
from typing import Final

from rewriter.tracing.origins import Field, Literal
from rewriter.tracing.trace import Run, Trace
from rewriter.turns.headers import SPECIAL
from rewriter.turns.openings import lead
from rewriter.turns.stop_token import ENDING

_WORD: Final = re.compile(r"[^\W\d_]{2,}")
# Fewer words may be only a header, which some templates print in any case.
_SENTENCE: Final = 4


def asked_after(trace: Trace, answer: int, header: str) -> int | None:
    """Where the source has a sentence, or a token that is not an end, after the last ``answer``.

    Not if the assistant's turn begins like the end of that text, or with the ``header`` of the
    generation prompt: then the text asks for the assistant's turn.
    """
    said = [run for run in trace.runs if _is_said(run)]
    if not any(run.turn == answer or run.is_of(answer) for run in said):
        return None
    end = max(run.end for run in said)
    after = trace.text[end:].rstrip()
    begins, prompted = lead(trace, answer).strip(), header.strip()
    is_cue = after.endswith(":") and asks_otherwise(after, begins)
    if not (has_sentence(after) or _opens(after) or is_cue):
        return None
    is_next = bool(begins) and after.endswith(begins)
    if is_next or (prompted and begins.startswith(prompted)):
        return None
    printed = (run.origin for run in trace.runs if run.start >= end)
    return next((origin.at for origin in printed if isinstance(origin, Literal)), None)


def _is_said(run: Run) -> bool:
    """Whether it is printed in a turn, or comes from a message."""
    return run.turn is not None or isinstance(run.origin, Field)


def _opens(text: str) -> bool:
    """Whether there is a token that is not named like an end."""
    return any(not ENDING.search(token) for token in SPECIAL.findall(text))


def has_sentence(text: str) -> bool:
    """Whether there are more words, outside of tokens, than in a header."""
    return len(_WORD.findall(SPECIAL.sub(" ", text))) >= _SENTENCE


def asks_otherwise(prompt: str, begins: str) -> bool:
    """Whether a prompt names something that the assistant's turns do not begin with.

    A judge's template asks for a verdict on the conversation that way. If either has no words, or
    they share a word or a token, the prompt may ask for a turn. So may a prompt of tokens alone.
    """
    asked, own = _words(SPECIAL.sub(" ", prompt)), _words(begins)
    shared = {*SPECIAL.findall(prompt)} & {*SPECIAL.findall(begins)}
    return bool(asked and own) and asked.isdisjoint(own) and not shared


def _words(text: str) -> frozenset[str]:
    return frozenset(word.casefold() for word in _WORD.findall(text))
