"""What prompts the assistant: the generation prompt or, where there is none, the turns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import product
from typing import Any, TypeAlias

from rewriter.source.lexer import Span
from rewriter.tracing.fields import names_of
from rewriter.tracing.probes import (
    ANSWERS,
    CALLED,
    CALLED_ALONE,
    INSTRUCTED,
    QUESTIONS,
    SPECIAL_TOKENS,
    TOOLS,
    probes,
    repetitions,
)
from rewriter.tracing.provenance import Literal, Origin
from rewriter.tracing.render import TracedTemplate
from rewriter.tracing.trace import Trace
from rewriter.turns.asked_behind import asked_behind, asks_otherwise, has_sentence
from rewriter.turns.common_text import UsersText, users_text
from rewriter.turns.first_turns import beginnings
from rewriter.turns.headers import SPECIAL, Cue, agreement
from rewriter.turns.openings import (
    ROLE_WORD,
    THINKING,
    closing_end,
    header_of_turns,
    is_empty_thought,
    late_end,
    lead,
    leading,
)
from rewriter.turns.other_speakers import headers_of_others
from rewriter.turns.parts import ASSISTANT
from rewriter.turns.prompt_flags import flag_settings, prompt_flags
from rewriter.turns.prompt_tests import prompt_texts
from rewriter.turns.separators import Separators, separators
from rewriter.turns.stop_token import StopToken, late_end_of_calls, stop_token

# Text, where it comes from, and the sites that passed it on.
Stretch: TypeAlias = tuple[str, Origin, tuple[int, ...]]


class Prompts:
    """What prompts the assistant in one template, and what its turns begin and end with."""

    def __init__(self, traced: TracedTemplate) -> None:
        self._traced = traced
        self._flags = prompt_flags(traced.template.tree)

    @cached_property
    def usual(self) -> Cue:
        """The cue after a user's message."""
        default, *others = self.prompts
        text = _text(default)
        if not text:
            header = self._header_of_turns()
            return Cue(header or "", header or "", is_told=header is not None)
        ends = [_header_end(default, other) for other in others if other]
        if thinking := THINKING.search(text):
            ends.append(thinking.start())
        return Cue(text, text[: min(ends, default=len(text))])

    def cue_after(self, messages: Sequence[Mapping[str, Any]], options: Mapping[str, Any]) -> Cue:
        """The cue after ``messages`` as the generation prompt has it there; else the usual one."""
        is_known = self.usual.text or self.usual.is_told
        # Before a first message nothing prompts; but documents may have the prompt be another.
        asked = messages or (QUESTIONS[:1] if options.get("documents") else ())
        prompt = self._prompt(asked, options) if asked and is_known else None
        if prompt is None:
            return self.usual
        text, prefill = _text(prompt), self.usual.prefill
        if self.usual.is_told:
            # Nothing prompts for an answer to a user, but something may close what others say.
            return Cue(text + self.usual.role, text + self.usual.role, is_told=True)
        thinks = THINKING.search(text, len(self.usual.role))
        if text.startswith(self.usual.role) and (thinks or not prefill):
            return Cue(text, self.usual.role)
        return Cue(text, text.removesuffix(prefill))

    def is_asked(self, cue: Cue) -> bool:
        """Whether a cue has the usual header, and another thought behind it."""
        return cue.role == self.usual.role and cue.text != self.usual.text

    def without_flags(self, options: Mapping[str, Any]) -> Mapping[str, Any]:
        """The options but for the flags that decide how the generation prompt is printed."""
        return {name: options[name] for name in options if name not in self._flags}

    def prompt(self, messages: Sequence[Mapping[str, Any]], options: Mapping[str, Any]) -> str:
        """The generation prompt after some messages; empty where there is none."""
        return _text(self._prompt(messages, options) or ())

    @cached_property
    def prompts(self) -> tuple[tuple[Stretch, ...], ...]:
        """The generation prompt after a user's message: by default, then with each flag set."""
        settings = [{}, *({n: v} for n, v in flag_settings(self._traced.template.tree))]
        # Some templates render nothing without tools.
        for tools, question in product(({}, {"tools": TOOLS}), QUESTIONS):
            given = {**SPECIAL_TOKENS, **tools}
            found = [self._prompt([question], {**given, **flags}) for flags in settings]
            if found[0] and not self._is_ending(_text(found[0]), question, given):
                return tuple(tuple(prompt or ()) for prompt in found)
        return ((),)

    @cached_property
    def empty_thoughts(self) -> frozenset[str]:
        """What some prompt prefills that opens a thought and closes it, whatever it is called.

        So does what begins no turn with a thought.
        """
        printed = {_text(prompt) for prompt in self.prompts}
        printed |= {each.text for each in prompt_texts(self._traced.template)}
        role = self.usual.role
        prefills = (text.removeprefix(role).strip() for text in printed if text.startswith(role))
        found = {each for each in prefills if role and each}
        return frozenset(e for e in found if is_empty_thought(e) or self._begins_no_thought(e))

    def _begins_no_thought(self, prefill: str) -> bool:
        """Whether a turn with a thought begins otherwise than one without, which begins so.

        A template may drop thoughts of earlier turns, and begin with it there alone.
        """
        header = len(self.usual.role)
        for question, answer in zip(QUESTIONS, ANSWERS, strict=True):
            thinking = {**answer, **dict.fromkeys(names_of("reasoning", "message"), "a thought")}
            chats = [question, thinking], [question, answer], [question, answer, question]
            traces = [self._attempted(chat, **SPECIAL_TOKENS) for chat in chats]
            leads = [lead(trace, 1)[header:].strip() for trace in traces if trace]
            if len(leads) == len(chats):
                thought, *bare = leads
                begins = any(each.startswith(prefill) for each in bare)
                return begins and not thought.startswith(prefill)
        return False

    @cached_property
    def own_beginnings(self) -> frozenset[str]:
        """What the assistant's turns begin with behind a header, before what they say."""
        thought = dict.fromkeys(names_of("reasoning", "message"), "a thought")
        plain = [*zip(QUESTIONS, ANSWERS, strict=True)]
        chats = [*plain, *((question, {**answer, **thought}) for question, answer in plain)]
        chats += [(question, call) for question, call, _ in CALLED]
        given = {**SPECIAL_TOKENS, "tools": TOOLS}
        traces = (self._attempted(chat, **given) for chat in chats)
        return beginnings(((trace, 1) for trace in traces if trace), self.usual.role)

    @cached_property
    def late_end(self) -> str:
        """What the end of a turn is, where the next turn prints it; else empty."""
        for question, answer in zip(QUESTIONS, ANSWERS, strict=True):
            trace = self._attempted([question, answer, question], **SPECIAL_TOKENS)
            if trace is not None:
                text = _text(self.prompts[0])
                return late_end(trace, 0, 1, 2) or closing_end(trace, 1, 2, text)
        return ""

    @cached_property
    def late_end_of_calls(self) -> str:
        """What the end of a turn that calls tools is, where the next turn prints it; else empty.

        Where answers end late as well, it is their end, unless the next turn prints another.
        """
        given = {**SPECIAL_TOKENS, "tools": TOOLS}
        for question, call, result in (*CALLED, CALLED_ALONE):
            for later in (result, question):
                called = self._attempted([question, call, later], **given)
                if called is None:
                    continue
                if self.stop_token.ends(called, 1):
                    return ""
                # Behind an answer, or behind another result, the same turn begins without it.
                for plain in ([question, ANSWERS[0], later], [question, call, result, later]):
                    other = self._attempted(plain, **given)
                    leads = (lead(called, 2), lead(other, len(plain) - 1)) if other else ("", "")
                    if end := late_end_of_calls(*leads, self.stop_token):
                        return end
        return ""

    @cached_property
    def stop_token(self) -> StopToken:
        """What a plain answer stops at, and what begins turns."""
        given = {**SPECIAL_TOKENS, "tools": TOOLS}
        tried = ((self._attempted(chat, **given), chat) for chat in (*CALLED, *INSTRUCTED))
        chats = [(trace, chat) for trace, chat in tried if trace is not None]
        for question, answer in zip(QUESTIONS, ANSWERS, strict=True):
            followed = self._attempted([question, answer, question], **SPECIAL_TOKENS)
            if followed and (found := stop_token(followed, 1, chats)).text:
                return found
        return self._plain_end()

    def _plain_end(self) -> StopToken:
        """What a plain answer ends in without a token; a forced test may print more behind it."""
        for question, answer in zip(QUESTIONS, ANSWERS, strict=True):
            chat = [question, answer, question]
            if followed := self._traced.unforced.attempted(chat, **SPECIAL_TOKENS):
                return StopToken(plain=stop_token(followed, 1, ()).plain)
        return StopToken()

    @cached_property
    def users_text(self) -> UsersText:
        """What users' turns print around what is said."""
        found = UsersText()
        for question, answer in zip(QUESTIONS, ANSWERS, strict=True):
            chat = (question, answer, question)
            # What tells of tools may stand in the turn of whoever speaks first.
            for given in (SPECIAL_TOKENS, {**SPECIAL_TOKENS, "tools": TOOLS}):
                if trace := self._attempted(chat, **given):
                    found |= users_text(trace, chat, self.stop_token.text)
        return found

    @cached_property
    def other_headers(self) -> tuple[Span, ...]:
        """Where the source has what may stand in a turn instead of the header that is prompted."""
        chat = (QUESTIONS[0], ANSWERS[0])
        trace = self._attempted(chat, **SPECIAL_TOKENS)
        length = len(self.usual.role)
        found = [*leading(trace, 1)] if trace and length else []
        written = {
            at
            for run in found
            if isinstance(run.origin, Literal) and run.start - found[0].start < length
            for at in (run.origin.at, *run.sites)
        }
        return tuple(
            arm
            for arms in self._traced.text_choices
            if any(each.holds(*written) for each in arms)
            for arm in arms
        )

    @cached_property
    def begun(self) -> str:
        """What the arms that print the header print behind it in an answer to a user."""
        trace = self._attempted((QUESTIONS[0], ANSWERS[0]), **SPECIAL_TOKENS)
        if trace is None or not self.usual.role:
            return ""
        found = [
            trace.text[run.start : run.end]
            for run in leading(trace, 1)
            if isinstance(run.origin, Literal)
            if any(arm.holds(run.origin.at, *run.sites) for arm in self.other_headers)
        ]
        return "".join(found).partition(self.usual.role)[2]

    @cached_property
    def headed_behind(self) -> frozenset[str]:
        """Behind whose messages a turn begins as behind a user's, with a header or without."""
        given = {**SPECIAL_TOKENS, "tools": TOOLS}
        begun: dict[str, set[str]] = {}
        for before in ([QUESTIONS[0]], [QUESTIONS[0], ANSWERS[0]], *CALLED):
            if trace := self._attempted([*before, ANSWERS[0]], **given):
                begun.setdefault(before[-1]["role"], set()).add(lead(trace, len(before)))
        usual, header = begun.get("user", set()), self.usual.role.strip()
        return frozenset(
            role
            for role, leads in begun.items()
            if leads & usual or (header and any(header in each for each in leads))
        )

    @cached_property
    def headers_of_others(self) -> frozenset[str]:
        """What turns begin with that are not the assistant's, but for what ends the turn before."""
        given = {**SPECIAL_TOKENS, "tools": TOOLS}
        plain = ((question, answer) for question, answer in zip(QUESTIONS, ANSWERS, strict=True))
        found: frozenset[str] = frozenset()
        for chat in (*plain, *CALLED, *INSTRUCTED):
            if trace := self._attempted(chat, **given):
                found |= headers_of_others(trace, chat)
        ends = {self.stop_token.text, self.late_end.strip(), self.late_end_of_calls.strip()}
        return frozenset(each for each in found if each.strip() not in ends)

    @cached_property
    def asked_behind(self) -> int | None:
        """Where the template asks for a text that no turn of the assistant's is."""
        header = "" if self.usual.is_told else self.usual.role
        answered = [
            trace
            for question, answer in zip(QUESTIONS, ANSWERS, strict=True)
            if (trace := self._attempted([question, answer], **SPECIAL_TOKENS))
        ]
        found = [asked_behind(trace, 1, header) for trace in answered]
        default = self.prompts[0]
        if answered and all(asks_otherwise(_text(default), lead(each, 1)) for each in answered):
            found += [origin.at for _, origin, _ in default if isinstance(origin, Literal)]
        return next((at for at in found if at is not None), None)

    @cached_property
    def separators(self) -> Separators:
        """The white space that stands between what is said in a turn."""
        answered = (
            self._attempted([question, answer], **SPECIAL_TOKENS)
            for question, answer in zip(QUESTIONS, ANSWERS, strict=True)
        )
        repeated = (
            (self._attempted(messages, **options), len(messages) - 1)
            for messages, options in repetitions()
        )
        return separators(filter(None, answered), ((t, last) for t, last in repeated if t))

    def _attempted(self, messages: Sequence[Mapping[str, Any]], **options: Any) -> Trace | None:
        """A trace; where it raises because of what is forced, that of the template unforced."""
        found = self._traced.attempted(messages, **options)
        if found is None and self._traced.unforced is not self._traced:
            return self._traced.unforced.attempted(messages, **options)
        return found

    def _is_ending(self, text: str, question: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
        """Whether what is printed last is printed without a prompt too, and begins no answer."""
        bare = self._attempted([question], **given)
        if bare is None or not bare.text.endswith(text):
            return False
        answer = ANSWERS[QUESTIONS.index(question)]
        answered = self._attempted([question, answer], **given)
        # A turn need not print the thought that the prompt opens.
        thinking = THINKING.search(text)
        header = text[: thinking.start()] if thinking else text
        return answered is not None and header.strip() not in lead(answered, 1)

    def _header_of_turns(self) -> str | None:
        # A forced test has every turn begin alike, whoever made it begin so.
        traced = self._traced.unforced
        found = ((traced.attempted(chat, **options), chat) for chat, options in probes())
        header = header_of_turns(((t, messages) for t, messages in found if t), ASSISTANT)
        # A thought that every turn opens is the model's to open.
        return None if header and THINKING.search(header) else header

    def _prompt(
        self, messages: Sequence[Mapping[str, Any]], options: Mapping[str, Any]
    ) -> Sequence[Stretch] | None:
        """What the generation prompt prints after ``messages``, or ``None`` if it raises."""
        prompted = self._attempted(messages, **options, add_generation_prompt=True)
        if prompted is None:
            return None
        start = prompted.last_turn_end
        behind = prompted.text[start:] if start else ""
        if behind.strip() and not has_sentence(behind):
            return _stretches(prompted, start)
        bare = self._attempted(messages, **options)
        shared = _shared(_stretches(prompted), _stretches(bare)) if bare is not None else start
        # Instructions behind the turns are printed whether there is a prompt or not.
        is_told = shared < len(prompted.text) and has_sentence(prompted.text[start:shared])
        # The prompt may also be printed within the loop, so in somebody's turn.
        return _stretches(prompted, start if behind.strip() and not is_told else shared)


# A template is read several times in a row: for labels, for its ends, for frames.
@lru_cache(maxsize=4)
def prompts_of(traced: TracedTemplate) -> Prompts:
    """Those of a template, looked for once."""
    return Prompts(traced)


def _stretches(trace: Trace, start: int = 0) -> Sequence[Stretch]:
    """The text from ``start`` on, a stretch a run."""
    found: list[Stretch] = []
    for run in trace.runs:
        at = max(run.start, start)
        if at < run.end:
            origin = run.origin
            if isinstance(origin, Literal):
                origin = Literal(origin.at, origin.index + at - run.start)
            found.append((trace.text[at : run.end], origin, run.sites))
    return found


def _text(stretches: Iterable[Stretch]) -> str:
    return "".join(text for text, _, _ in stretches)


def _header_end(prompt: Sequence[Stretch], other: Sequence[Stretch]) -> int:
    """Where the header in a prompt ends, as far as another of the template's prompts tells.

    What only stands before the header's close there has the header end where it does here, and
    what is another before the role is named leaves the header whole.
    """
    text, others = _text(prompt), _text(other)
    end = _shared(prompt, other) or agreement(text, others)
    close, more = text[end:], others[end:]
    if (named := ROLE_WORD.search(close)) and (too := ROLE_WORD.search(more)):
        return end + named.start() + agreement(close[named.start() :], more[too.start() :])
    within = more.removesuffix(close) if more.endswith(close) else ""
    is_closed = bool(close.strip() and within) and not ("\n" in within or SPECIAL.search(within))
    return len(text) if is_closed else end


def _shared(one: Sequence[Stretch], other: Sequence[Stretch]) -> int:
    """How many first characters agree on what they are and on who printed them."""
    length = 0
    for (mine, *who), (its, *by) in zip(one, other, strict=False):
        if (mine, who) != (its, by):
            same = who == by
            return length + (agreement(mine, its) if same else 0)
        length += len(mine)
    return length
