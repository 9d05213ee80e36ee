"""Label each character of a rendered conversation: prompted, generated, or neither.

The generation prompt decides. For the assistant's message ``i``, the conversation before it is
rendered with ``add_generation_prompt``. The text that this prints after the last message is the
cue. The common start of the assistant's turn and the cue is prompted; everything after it is
generated, up to the white space after the turn's end.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from functools import lru_cache
from typing import Any

from rewriter.source.lexer import Span
from rewriter.tracing.render import TracedTemplate
from rewriter.tracing.trace import Trace
from rewriter.tracing.unlisted_conversations import conversations_with
from rewriter.turns.after_stop import mark_after_stop
from rewriter.turns.beginnings import Beginnings
from rewriter.turns.common_text import mark_common_text, users_text
from rewriter.turns.empty_thoughts import mark_empty_thoughts, mark_flagged_thought
from rewriter.turns.ends import Ends
from rewriter.turns.first_turns import mark_first_turn
from rewriter.turns.foreign import may_be_foreign
from rewriter.turns.frames import frames_of, mark_frames
from rewriter.turns.headers import Cue
from rewriter.turns.marking import (
    mark_end,
    mark_headers,
    mark_late_end,
    mark_trailing,
    mark_turn,
)
from rewriter.turns.openings import lead
from rewriter.turns.other_speakers import mark_other_speakers
from rewriter.turns.parts import ASSISTANT, OUTSIDE, EmptyThoughts, Parts
from rewriter.turns.prefaces import mark_preface
from rewriter.turns.prompts import prompts_of
from rewriter.turns.retold import retold_answers
from rewriter.turns.stop_headers import Stops
from rewriter.turns.turn_prompts import TurnPrompts


class Turns:
    """Labels the conversations that one template renders.

    ``rough`` assumes that the cue depends only on the role of the previous message, which saves
    most renders. That is good enough for planning. A proof renders each cue anew, and so do plans
    with ``closely`` after a failure. ``stops`` are texts that end turns and also begin the next.
    ``empty_thoughts`` is the choice for those that the template inserts. ``learns_frames`` is set
    as long as no frames are known.
    """

    def __init__(
        self,
        traced: TracedTemplate,
        *,
        rough: bool = False,
        closely: bool = False,
        stops: Stops | None = None,
        empty_thoughts: EmptyThoughts | None = None,
        learns_frames: bool = False,
    ) -> None:
        self.prompts = prompts_of(traced)
        self.turn_prompts = TurnPrompts(self.prompts, rough=rough and not closely)
        self._stops = stops
        self._empty_thoughts = empty_thoughts
        self.traced = traced
        self._rough = rough
        self._learns_frames = learns_frames

    @property
    def _ends(self) -> Ends:
        return self.prompts.ends

    @property
    def _beginnings(self) -> Beginnings:
        return self.prompts.beginnings

    def parts(self, messages: Sequence[Mapping[str, Any]], **options: Any) -> Parts:
        """The labels of ``messages``, rendered without a generation prompt.

        ``options`` are those of `TracedTemplate.render`. Raises whatever the template raises.
        """
        return self.parts_of(self.traced.render(messages, **options), messages, options)

    def attempted(self, messages: Sequence[Mapping[str, Any]], **options: Any) -> Parts | None:
        """Like `parts`, or ``None`` if the template raises."""
        trace = self.traced.attempted(messages, **options)
        return None if trace is None else self.parts_of(trace, messages, options)

    def parts_of(
        self, trace: Trace, messages: Sequence[Mapping[str, Any]], options: Mapping[str, Any]
    ) -> Parts:
        """The parts of what is rendered already: ``trace`` is of ``messages``."""
        kinds = [OUTSIDE] * len(trace.text)
        late: set[int] = set()
        empty: frozenset[str] = frozenset()
        users = self._beginnings.users_text | users_text(
            trace, messages, self._ends.stop_token.text
        )
        for index, message in enumerate(messages):
            if message.get("role") == ASSISTANT:
                cue, usual = self.turn_prompts.before(messages[:index], options), self.prompts.usual
                flagged = self.turn_prompts.flagged(messages[:index], options)
                cues: tuple[Cue, ...] = (cue, usual)
                if flagged and self._is_begun(flagged, trace, messages, index, options):
                    cues = (flagged, *cues)
                end = self._ends.stop_token.text
                asked = self.prompts.is_asked(cue)
                mark_turn(
                    trace,
                    index,
                    cues,
                    kinds,
                    self.traced,
                    end=end,
                    others=users.headers,
                    headers=self._other_headers(trace, messages[:index], cue),
                    begun=self._beginnings.begun,
                    asked=asked,
                    rough=self._rough,
                )
                mark_preface(trace, index, kinds, rough=self._rough)
                if index == 0:
                    mark_first_turn(trace, kinds, self._beginnings.own_beginnings, end)
                mark_frames(trace, index, self.traced, self._frames, kinds, rough=self._rough)
                empty |= self._marked_empty_thoughts(trace, index, kinds)
                if flagged and not self._rough:
                    mark_flagged_thought(trace, index, flagged, kinds)
                mark_common_text(trace, index, users, self._ends.stop_token.text, kinds)
                is_ended = self._ends.stop_token.ends(trace, index)
                if not self._stops and (is_ended or not self._late_ends(message)):
                    separators = self._ends.separators
                    mark_trailing(trace, index, separators, kinds, rough=self._rough)
                # If turns end in a header, a turn may contain one.
                others = self._beginnings.headers_of_others | users.headers
                headers = frozenset() if self._stops else others
                mark_other_speakers(trace, index, headers, end, kinds, rough=self._rough)
                role, stop = self.prompts.usual.role, self._ends.stop_token
                mark_headers(trace, index, role, kinds, rough=self._rough)
                mark_after_stop(trace, index, stop, role, kinds, rough=self._rough)
            for end in self._ends_before(messages[:index]):
                own = messages[index - 1].get("role") == ASSISTANT
                if found := mark_late_end(trace, index, end, kinds, own=own):
                    late.update(found)
                    break
        if messages and messages[-1].get("role") == ASSISTANT:
            ends = self._late_ends(messages[-1])
            is_ended = self._ends.stop_token.ends(trace, len(messages) - 1)
            mark_end(trace, self.prompts.usual, ends, kinds, is_ended=is_ended)
        header, stop = self.prompts.usual.role, self._ends.stop_token
        retold = retold_answers(self.traced, trace, messages, header, stop, options)
        _leave_out(trace, retold, kinds)
        return Parts(trace, "".join(kinds), frozenset(late), empty, retold)

    def _marked_empty_thoughts(self, trace: Trace, index: int, kinds: list[str]) -> frozenset[str]:
        """The empty thoughts that a turn begins with, which are marked if they are prompted."""
        if self._empty_thoughts != "prompted":
            return frozenset()
        return mark_empty_thoughts(trace, index, kinds, self.prompts.empty_thoughts)

    @property
    def _frames(self) -> frozenset[int]:
        """The places in the source of text that frames foreign text."""
        return frozenset() if self._learns_frames else _frames_in(self.traced.unforced)

    def _is_begun(
        self,
        flagged: Cue,
        trace: Trace,
        messages: Sequence[Mapping[str, Any]],
        index: int,
        options: Mapping[str, Any],
    ) -> bool:
        """Whether flags that change the cue change the beginning of the turn in the same way."""
        if flagged.text not in lead(trace, index):
            return False
        plain = self.traced.attempted(messages, **self.prompts.without_flags(options))
        return plain is not None and flagged.text not in lead(plain, index)

    def _other_headers(
        self, trace: Trace, messages: Sequence[Mapping[str, Any]], cue: Cue
    ) -> tuple[Span, ...]:
        """The places in the source of text that may replace the header after some messages.

        A turn that continues another may begin with a token of its own, unless the prompt has a
        header for that: after a tool's result, or after an answer if turns have no header. An
        answer with an end is not continued.
        """
        role = messages[-1].get("role") if messages else ""
        goes_on = (
            role in (ASSISTANT, "tool")
            and cue.role == self.prompts.usual.role
            and role not in self._beginnings.headed_after
            and not (role == ASSISTANT and self._ends.stop_token.ends(trace, len(messages) - 1))
        )
        return () if goes_on else self._beginnings.other_headers

    def _ends_before(self, messages: Sequence[Mapping[str, Any]]) -> Sequence[str]:
        """The possible ends of the last message's turn that the next turn prints."""
        if self._stops:
            end = self._stops.after(messages)
            return [end] if end else []
        return self._late_ends(messages[-1]) if messages else []

    def _late_ends(self, message: Mapping[str, Any]) -> Sequence[str]:
        """The possible ends of a message's turn that the next turn prints."""
        is_called = message.get("role") == ASSISTANT and message.get("tool_calls")
        ends = (
            self._ends.late_end_of_calls if is_called else "",
            self._ends.late_end,
        )
        return [each for each in ends if each]


def _leave_out(trace: Trace, turns: Container[int | None], kinds: list[str]) -> None:
    for run in trace.runs:
        if run.turn in turns:
            kinds[run.start : run.end] = OUTSIDE * (run.end - run.start)


# Several of these analyse a template in a row, with forced tests and without.
@lru_cache(maxsize=2)
def _frames_in(traced: TracedTemplate) -> frozenset[int]:
    # Not ``rough``: other text in an output with it may be the model's without it.
    turns = Turns(traced, learns_frames=True)
    plain: list[Trace] = []
    shown: list[Parts] = []
    for each in conversations_with(traced.unlisted):
        trace = traced.attempted(each.messages, **each.options)
        if trace and may_be_foreign(trace.runs, traced.given_text):
            shown.append(turns.parts_of(trace, each.messages, each.options))
        elif trace:
            plain.append(trace)
    return frames_of(traced, shown, plain) if shown else frozenset()
