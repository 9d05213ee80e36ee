"""What prompts the assistant: the generation prompt or, without one, the turns' own beginnings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import chain, product
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
from rewriter.turns.asked_after import asked_after, asks_otherwise, has_sentence
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

# Text, with its origin and the sites that passed it on.
Stretch: TypeAlias = tuple[str, Origin, tuple[int, ...]]


class Prompts:
    """The prompts of one template, and the beginnings and ends of its turns."""

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
            return Cue(header or "", header or "", from_turns=header is not None)
        ends = [_header_end(default, other) for other in others if other]
        if thinking := THINKING.search(text):
            ends.append(thinking.start())
        return Cue(text, text[: min(ends, default=len(text))])

    def cue_after(self, messages: Sequence[Mapping[str, Any]], options: Mapping[str, Any]) -> Cue:
        """The cue after ``messages``, from the generation prompt there; else the usual one."""
        is_known = self.usual.text or self.usual.from_turns
        # Nothing prompts a first message, but documents may change the prompt.
        asked = messages or (QUESTIONS[:1] if options.get("documents") else ())
        prompt = self._prompt(asked, options) if asked and is_known else None
        if prompt is None:
            return self.usual
        text, prefill = _text(prompt), self.usual.prefill
        if self.usual.from_turns:
            # Nothing prompts an answer to a user, but something may close the text of others.
            return Cue(text + self.usual.role, text + self.usual.role, from_turns=True)
        thinks = THINKING.search(text, len(self.usual.role))
        if text.startswith(self.usual.role) and (thinks or not prefill):
            return Cue(text, self.usual.role)
        return Cue(text, text.removesuffix(prefill))

    def is_asked(self, cue: Cue) -> bool:
        """Whether a cue has the usual header, and another thought after it."""
        return cue.role == self.usual.role and cue.text != self.usual.text

    def without_flags(self, options: Mapping[str, Any]) -> Mapping[str, Any]:
        """The options without the flags that decide how the generation prompt is printed."""
        return {name: options[name] for name in options if name not in self._flags}

    def prompt(self, messages: Sequence[Mapping[str, Any]], options: Mapping[str, Any]) -> str:
        """The generation prompt after some messages; empty if there is none."""
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
        """Prefills that open and close a thought, whatever its tag.

        Also prefills that never begin a turn with a thought.
        """
        printed = {_text(prompt) for prompt in self.prompts}
        printed |= {each.text for each in prompt_texts(self._traced.template)}
        role = self.usual.role
        prefills = (text.removeprefix(role).strip() for text in printed if text.startswith(role))
        found = {each for each in prefills if role and each}
        return frozenset(e for e in found if is_empty_thought(e) or self._begins_no_thought(e))

    @cached_property
    def closed_prefills(self) -> frozenset[str]:
        """Empty thoughts that are prompted where there are tools, and else only opened."""
        usual = self.usual
        given = {**SPECIAL_TOKENS, "tools": TOOLS}
        printed = {self.prompt([question], given) for question in QUESTIONS}
        longer = (t for t in printed if t.startswith(usual.text) and t != usual.text)
        prefills = (text.removeprefix(usual.role) for text in longer if usual.prefill)
        return frozenset(each for each in prefills if is_empty_thought(each.strip()))

    def _begins_no_thought(self, prefill: str) -> bool:
        """Whether turns without a thought begin like this, but those with one do not.

        A template may drop the thoughts of earlier turns, so only those may begin like this.
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
        """The text of the assistant's turns between the header and the message text."""
        thought = dict.fromkeys(names_of("reasoning", "message"), "a thought")
        plain = [*zip(QUESTIONS, ANSWERS, strict=True)]
        chats = [*plain, *((question, {**answer, **thought}) for question, answer in plain)]
        chats += [(question, call) for question, call, _ in CALLED]
        given = {**SPECIAL_TOKENS, "tools": TOOLS}
        traces = (self._attempted(chat, **given) for chat in chats)
        return beginnings(((trace, 1) for trace in traces if trace), self.usual.role)

    @cached_property
    def late_end(self) -> str:
        """The end of a turn if the next turn prints it; else empty."""
        for question, answer in zip(QUESTIONS, ANSWERS, strict=True):
            trace = self._attempted([question, answer, question], **SPECIAL_TOKENS)
            if trace is not None:
                text = _text(self.prompts[0])
                return late_end(trace, 0, 1, 2) or closing_end(trace, 1, 2, text)
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
    def users_text(self) -> UsersText:
        """The text of users' turns around the message text."""
        found = UsersText()
        for question, answer in zip(QUESTIONS, ANSWERS, strict=True):
            chat = (question, answer, question)
            # A list of tools may be in the turn of the first speaker.
            for given in (SPECIAL_TOKENS, {**SPECIAL_TOKENS, "tools": TOOLS}):
                if trace := self._attempted(chat, **given):
                    found |= users_text(trace, chat, self.stop_token.text)
        return found

    @cached_property
    def other_headers(self) -> tuple[Span, ...]:
        """The places in the source of text that may replace the prompted header in a turn."""
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
        texts = _beside(written, self._traced.text_choices)
        turns = _beside(written, self._traced.speaker_choices)
        return (*texts, *(arm for arm in turns if not arm.holds(*written)))

    @cached_property
    def begun(self) -> str:
        """The text after the header, from the same arms, in an answer to a user."""
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
    def headed_after(self) -> frozenset[str]:
        """The roles after which a turn begins as after a user, with a header or without."""
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
        """The beginnings of others' turns, without the end of the previous turn."""
        given = {**SPECIAL_TOKENS, "tools": TOOLS}
        plain = ((question, answer) for question, answer in zip(QUESTIONS, ANSWERS, strict=True))
        found: frozenset[str] = frozenset()
        for chat in (*plain, *CALLED, *INSTRUCTED):
            if trace := self._attempted(chat, **given):
                found |= headers_of_others(trace, chat)
        ends = {self.stop_token.text, self.late_end.strip(), self.late_end_of_calls.strip()}
        return frozenset(each for each in found if each.strip() not in ends)

    @cached_property
    def asked_after(self) -> int | None:
        """Where the template asks for a text that is not an assistant's turn."""
        header = "" if self.usual.from_turns else self.usual.role
        answered = [
            trace
            for question, answer in zip(QUESTIONS, ANSWERS, strict=True)
            if (trace := self._attempted([question, answer], **SPECIAL_TOKENS))
        ]
        found = [asked_after(trace, 1, header) for trace in answered]
        default = self.prompts[0]
        if answered and all(asks_otherwise(_text(default), lead(each, 1)) for each in answered):
            found += [origin.at for _, origin, _ in default if isinstance(origin, Literal)]
        return next((at for at in found if at is not None), None)

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

    def _attempted(self, messages: Sequence[Mapping[str, Any]], **options: Any) -> Trace | None:
        """A trace; if forced tests make it raise, that of the template without them."""
        found = self._traced.attempted(messages, **options)
        if found is None and self._traced.unforced is not self._traced:
            return self._traced.unforced.attempted(messages, **options)
        return found

    def _is_ending(self, text: str, question: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
        """Whether the last text is printed even without a prompt, and does not begin an answer."""
        bare = self._attempted([question], **given)
        if bare is None or not bare.text.endswith(text):
            return False
        answer = ANSWERS[QUESTIONS.index(question)]
        answered = self._attempted([question, answer], **given)
        # A turn may not print the thought that the prompt opens.
        thinking = THINKING.search(text)
        header = text[: thinking.start()] if thinking else text
        return answered is not None and header.strip() not in lead(answered, 1)

    def _header_of_turns(self) -> str | None:
        # A forced test makes every turn begin alike, whatever decides it otherwise.
        traced = self._traced.unforced
        found = ((traced.attempted(chat, **options), chat) for chat, options in probes())
        header = header_of_turns(((t, messages) for t, messages in found if t), ASSISTANT)
        # The model itself opens a thought that every turn opens.
        return None if header and THINKING.search(header) else header

    def _prompt(
        self, messages: Sequence[Mapping[str, Any]], options: Mapping[str, Any]
    ) -> Sequence[Stretch] | None:
        """The text of the generation prompt after ``messages``, or ``None`` if it raises."""
        prompted = self._attempted(messages, **options, add_generation_prompt=True)
        if prompted is None:
            return None
        start = prompted.last_turn_end
        after = prompted.text[start:] if start else ""
        if after.strip() and not has_sentence(after):
            return _stretches(prompted, start)
        bare = self._attempted(messages, **options)
        shared = _shared(_stretches(prompted), _stretches(bare)) if bare is not None else start
        # Instructions after the turns are printed with or without a prompt.
        is_instruction = shared < len(prompted.text) and has_sentence(prompted.text[start:shared])
        # The prompt may also be printed within the loop, so in somebody's turn.
        return _stretches(prompted, start if after.strip() and not is_instruction else shared)


# A template is analysed several times in a row: for labels, for its ends, for frames.
@lru_cache(maxsize=4)
def prompts_of(traced: TracedTemplate) -> Prompts:
    """The prompts of a template, cached."""
    return Prompts(traced)


def _beside(places: Collection[int], choices: Iterable[tuple[Span, ...]]) -> Iterator[Span]:
    """The arms of the choices that have one of some places in an arm."""
    found = (arms for arms in choices if any(arm.holds(*places) for arm in arms))
    return chain.from_iterable(found)


def _stretches(trace: Trace, start: int = 0) -> Sequence[Stretch]:
    """The text from ``start`` on, one stretch per run."""
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
    """Where the header in a prompt ends, judging by another prompt of the template.

    If the other only adds text before the header's close, the header ends at the same close here.
    If it differs before the role is named, the header stays whole.
    """
    text, others = _text(prompt), _text(other)
    end = _shared(prompt, other) or agreement(text, others)
    close, more = text[end:], others[end:]
    if (named := ROLE_WORD.search(close)) and (too := ROLE_WORD.search(more)):
        return end + named.start() + agreement(close[named.start() :], more[too.start() :])
    within = more.removesuffix(close) if more.endswith(close) else ""
    is_close = bool(close.strip()) or "\n" in close
    is_closed = is_close and bool(within) and not ("\n" in within or SPECIAL.search(within))
    return len(text) if is_closed else end


def _shared(one: Sequence[Stretch], other: Sequence[Stretch]) -> int:
    """The length of the common start, in which text and source agree."""
    length = 0
    for (mine, *who), (its, *by) in zip(one, other, strict=False):
        if (mine, who) != (its, by):
            same = who == by
            return length + (agreement(mine, its) if same else 0)
        length += len(mine)
    return length
