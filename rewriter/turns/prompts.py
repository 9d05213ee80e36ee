"""What prompts the assistant: the generation prompt or, without one, the turns' own beginnings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import product
from typing import Any

from rewriter.tracing.fields import names_of
from rewriter.tracing.origins import Literal
from rewriter.tracing.probes import ANSWERS, QUESTIONS, SPECIAL_TOKENS, TOOLS, probes
from rewriter.tracing.render import TracedTemplate
from rewriter.turns.asked_after import asked_after, asks_otherwise, has_sentence
from rewriter.turns.beginnings import Beginnings
from rewriter.turns.ends import Ends
from rewriter.turns.headers import Cue
from rewriter.turns.openings import THINKING, header_of_turns, is_empty_thought, lead
from rewriter.turns.parts import ASSISTANT
from rewriter.turns.prompt_flags import flag_settings, prompt_flags
from rewriter.turns.prompt_tests import prompt_texts
from rewriter.turns.stretches import Stretch, header_end, shared_start, stretches_of, text_of


class Prompts:
    """The prompts of one template; ``ends`` and ``beginnings`` are those of its turns."""

    def __init__(self, traced: TracedTemplate) -> None:
        self._traced = traced
        self._attempted = traced.attempted_or_unforced
        self._flags = prompt_flags(traced.template.tree)

    @cached_property
    def usual(self) -> Cue:
        """The cue after a user's message."""
        default, *others = self.prompts
        text = text_of(default)
        if not text:
            header = self._header_of_turns()
            opened = self._opened_by_question() if header == "" else ""
            return Cue((header or "") + opened, header or "", from_turns=header is not None)
        ends = [header_end(default, other) for other in others if other]
        if thinking := THINKING.search(text):
            ends.append(thinking.start())
        return Cue(text, text[: min(ends, default=len(text))])

    @cached_property
    def ends(self) -> Ends:
        """How its turns end."""
        return Ends(self._traced, text_of(self.prompts[0]))

    @cached_property
    def beginnings(self) -> Beginnings:
        """How its turns begin."""
        return Beginnings(self._traced, self.usual.role, self.ends)

    def cue_after(self, messages: Sequence[Mapping[str, Any]], options: Mapping[str, Any]) -> Cue:
        """The cue after ``messages``, from the generation prompt there; else the usual one."""
        is_known = self.usual.text or self.usual.from_turns
        # Nothing prompts a first message, but documents may change the prompt.
        asked = messages or (QUESTIONS[:1] if options.get("documents") else ())
        prompt = self._prompt(asked, options) if asked and is_known else None
        if prompt is None:
            return self.usual
        text, prefill = text_of(prompt), self.usual.prefill
        if self.usual.from_turns:
            # Nothing prompts an answer to a user, but something may close the text of others.
            return Cue(text + self.usual.text, text + self.usual.role, from_turns=True)
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
        return text_of(self._prompt(messages, options) or ())

    @cached_property
    def prompts(self) -> tuple[tuple[Stretch, ...], ...]:
        """The generation prompt after a user's message: by default, then with each flag set."""
        settings = [{}, *({n: v} for n, v in flag_settings(self._traced.template.tree))]
        # Some templates render nothing without tools.
        for tools, question in product(({}, {"tools": TOOLS}), QUESTIONS):
            given = {**SPECIAL_TOKENS, **tools}
            found = [self._prompt([question], {**given, **flags}) for flags in settings]
            if found[0] and not self._is_ending(text_of(found[0]), question, given):
                return tuple(tuple(prompt or ()) for prompt in found)
        return ((),)

    @cached_property
    def empty_thoughts(self) -> frozenset[str]:
        """Prefills that open and close a thought, whatever its tag.

        Also prefills that never begin a turn with a thought.
        """
        found = {each.strip() for each in self.prefills} - {""}
        return frozenset(e for e in found if is_empty_thought(e) or self._begins_no_thought(e))

    @cached_property
    def prefills(self) -> frozenset[str]:
        """What the prompts print after the header, by default and under each flag."""
        printed = {text_of(prompt) for prompt in self.prompts}
        printed |= {each.text for each in prompt_texts(self._traced.template)}
        role = self.usual.role
        return frozenset(t.removeprefix(role) for t in printed if role and t.startswith(role))

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
        if answered and all(asks_otherwise(text_of(default), lead(each, 1)) for each in answered):
            found += [origin.at for _, origin, _ in default if isinstance(origin, Literal)]
        return next((at for at in found if at is not None), None)

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

    def _opened_by_question(self) -> str:
        """The beginning of a thought that a user's turn prints if nothing follows it."""
        for question, answer in zip(QUESTIONS, ANSWERS, strict=True):
            thinking = {**answer, **dict.fromkeys(names_of("reasoning", "message"), "a thought")}
            asked = self._attempted([question], **SPECIAL_TOKENS)
            answered = self._attempted([question, thinking], **SPECIAL_TOKENS)
            if asked and answered:
                start = next((run.start for run in answered.of_turn(1)), len(answered.text))
                opened = asked.text[start:]
                begins = THINKING.match(opened.lstrip()) and lead(answered, 1).startswith(opened)
                return opened if begins else ""
        return ""

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
            return stretches_of(prompted, start)
        bare = self._attempted(messages, **options)
        shared = (
            shared_start(stretches_of(prompted), stretches_of(bare)) if bare is not None else start
        )
        # Instructions after the turns are printed with or without a prompt.
        is_instruction = shared < len(prompted.text) and has_sentence(prompted.text[start:shared])
        # The prompt may also be printed within the loop, so in somebody's turn.
        return stretches_of(prompted, start if after.strip() and not is_instruction else shared)


# A template is analysed several times in a row: for labels, for its ends, for frames.
@lru_cache(maxsize=4)
def prompts_of(traced: TracedTemplate) -> Prompts:
    """The prompts of a template, cached."""
    return Prompts(traced)
