"""How the turns of one template begin, the assistant's and others', in short conversations."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from itertools import chain

from rewriter.source.lexer import Span
from rewriter.tracing.fields import names_of
from rewriter.tracing.origins import Literal
from rewriter.tracing.probes import ANSWERS, CALLED, INSTRUCTED, QUESTIONS, SPECIAL_TOKENS, TOOLS
from rewriter.tracing.render import TracedTemplate
from rewriter.turns.common_text import UsersText, users_text
from rewriter.turns.ends import Ends
from rewriter.turns.first_turns import beginnings
from rewriter.turns.openings import lead, leading
from rewriter.turns.other_speakers import headers_of_others, openers_of_results


class Beginnings:
    """The beginnings of turns; ``header`` is the prompted one, and ``ends`` are those of turns."""

    def __init__(self, traced: TracedTemplate, header: str, ends: Ends) -> None:
        self._traced = traced
        self._attempted = traced.attempted_or_unforced
        self._header = header
        self._ends = ends

    @cached_property
    def own_beginnings(self) -> frozenset[str]:
        """The text of the assistant's turns between the header and the message text."""
        thought = dict.fromkeys(names_of("reasoning", "message"), "a thought")
        plain = [*zip(QUESTIONS, ANSWERS, strict=True)]
        chats = [*plain, *((question, {**answer, **thought}) for question, answer in plain)]
        chats += [(question, call) for question, call, _ in CALLED]
        given = {**SPECIAL_TOKENS, "tools": TOOLS}
        traces = (self._attempted(chat, **given) for chat in chats)
        return beginnings(((trace, 1) for trace in traces if trace), self._header)

    @cached_property
    def users_text(self) -> UsersText:
        """The text of users' turns around the message text."""
        found = UsersText()
        for question, answer in zip(QUESTIONS, ANSWERS, strict=True):
            chat = (question, answer, question)
            # A list of tools may be in the turn of the first speaker.
            for given in (SPECIAL_TOKENS, {**SPECIAL_TOKENS, "tools": TOOLS}):
                if trace := self._attempted(chat, **given):
                    found |= users_text(trace, chat, self._ends.stop_token.text)
        return found

    @cached_property
    def other_headers(self) -> tuple[Span, ...]:
        """The places in the source of text that may replace the prompted header in a turn."""
        chat = (QUESTIONS[0], ANSWERS[0])
        trace = self._attempted(chat, **SPECIAL_TOKENS)
        length = len(self._header)
        found = [*leading(trace, 1)] if trace and length else []
        written = {
            at
            for run in found
            if isinstance(run.origin, Literal) and run.start - found[0].start < length
            for at in (run.origin.at, *run.sites)
        }
        texts = _beside(written, self._traced.text_choices)
        turns = _beside(written, self._traced.speaker_choices)
        return (*texts, *(arm for arm in turns if not arm.holds(*written)))

    @cached_property
    def begun(self) -> str:
        """The text after the header, from the same arms, in an answer to a user."""
        trace = self._attempted((QUESTIONS[0], ANSWERS[0]), **SPECIAL_TOKENS)
        if trace is None or not self._header:
            return ""
        found = [
            trace.text[run.start : run.end]
            for run in leading(trace, 1)
            if isinstance(run.origin, Literal)
            if any(arm.holds(run.origin.at, *run.sites) for arm in self.other_headers)
        ]
        return "".join(found).partition(self._header)[2]

    @cached_property
    def headed_after(self) -> frozenset[str]:
        """The roles after which a turn begins as after a user, with a header or without."""
        given = {**SPECIAL_TOKENS, "tools": TOOLS}
        begun: dict[str, set[str]] = {}
        for before in ([QUESTIONS[0]], [QUESTIONS[0], ANSWERS[0]], *CALLED):
            if trace := self._attempted([*before, ANSWERS[0]], **given):
                begun.setdefault(before[-1]["role"], set()).add(lead(trace, len(before)))
        usual, header = begun.get("user", set()), self._header.strip()
        return frozenset(
            role
            for role, leads in begun.items()
            if leads & usual or (header and any(header in each for each in leads))
        )

    @cached_property
    def headers_of_others(self) -> frozenset[str]:
        """The beginnings of others' turns, without the end of the previous turn."""
        given = {**SPECIAL_TOKENS, "tools": TOOLS}
        plain = ((question, answer) for question, answer in zip(QUESTIONS, ANSWERS, strict=True))
        found: frozenset[str] = frozenset()
        for chat in (*plain, *CALLED, *INSTRUCTED):
            if trace := self._attempted(chat, **given):
                found |= headers_of_others(trace, chat)
                found |= openers_of_results(trace, chat, self._ends.stop_token.text)
        ends = {
            self._ends.stop_token.text,
            self._ends.late_end.strip(),
            self._ends.late_end_of_calls.strip(),
        }
        return frozenset(each for each in found if each.strip() not in ends)


def _beside(places: Collection[int], choices: Iterable[tuple[Span, ...]]) -> Iterator[Span]:
    """The arms of the choices that have one of some places in an arm."""
    found = (arms for arms in choices if any(arm.holds(*places) for arm in arms))
    return chain.from_iterable(found)
