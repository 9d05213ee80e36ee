"""Compare a variant's text with the original's, with ends added to turns that lack them.

The origin of each character shows where the words of a turn end. The template's own white space
after them may be before or after the added end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from rewriter.conversations.rendering import Oracle, Outcome, Rendered, stopped_clock
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.origins import Field
from rewriter.tracing.render import TracedTemplate
from rewriter.tracing.trace import Trace
from rewriter.turns.headers import agreement
from rewriter.turns.missing_ends import MissingEnds, When
from rewriter.turns.parts import ASSISTANT

_EOS = "eos_token"


@dataclass(frozen=True, slots=True)
class _Gap:
    """The place for an end: from ``start`` to ``stop``.

    It ``may_lack`` if its turn prints only white space.
    """

    start: int
    stop: int
    end: str
    may_lack: bool = False


@dataclass(frozen=True)
class TurnEnds:
    """Ends that are declared for turns that lack them.

    Attributes:
        traced: the template to add ends to: the original, or one with another declared text.
        missing: the turns that lack an end, with the end.
        without: the declared text without the ends.

    """

    traced: TracedTemplate
    missing: MissingEnds
    without: Oracle

    def expected(self, conversation: Conversation) -> Outcome:
        """The declared text, with each end right after the words that it ends."""
        declared = self.without(conversation)
        if not isinstance(declared, Rendered):
            return declared
        trace = self._trace(conversation)
        if trace is None or trace.text != declared.text:
            return declared
        return Rendered(_with_ends(trace.text, self._gaps(trace, conversation)), ())

    def allow(self, conversation: Conversation, expected: str, printed: str) -> bool:
        """Whether ``printed`` equals ``expected``, except for white space around the ends."""
        trace = self._trace(conversation)
        if trace is None:
            return False
        gaps = tuple(self._gaps(trace, conversation))
        return _with_ends(trace.text, gaps) == expected and _agree(trace.text, gaps, printed)

    def _trace(self, conversation: Conversation, *, prompted: bool | None = None) -> Trace | None:
        if prompted is None:
            prompted = conversation.add_generation_prompt
        with stopped_clock(conversation.now):
            return self.traced.attempted(
                conversation.messages,
                add_generation_prompt=prompted,
                **conversation.options,
            )

    def _gaps(self, trace: Trace, conversation: Conversation) -> Iterator[_Gap]:
        """A gap for each assistant's turn that lacks an end.

        A generation prompt that is printed within the previous turn does not count as its words.
        """
        shared = len(trace.text)
        if conversation.add_generation_prompt:
            bare = self._trace(conversation, prompted=False) or trace
            shared, trace = agreement(trace.text, bare.text), bare
        end = self.missing.text or str(conversation.options.get(_EOS, ""))
        last = len(conversation.messages) - 1
        for index, message in enumerate(conversation.messages):
            when = self.missing.when(message) if message.get("role") == ASSISTANT else None
            is_last = index == last
            if when is When.LAST and (not is_last or conversation.add_generation_prompt):
                continue
            if when is None or (when is When.FOLLOWED and is_last) or not end:
                continue
            gap = _gap(trace, index, end)
            yield replace(gap, start=min(gap.start, shared), stop=min(gap.stop, shared))


def _gap(trace: Trace, index: int, end: str) -> _Gap:
    """The gap at the end of the turn of message ``index``."""
    own = trace.of_turn(index)
    said = [
        at
        for run in own
        for at in range(run.start, run.end)
        if isinstance(run.origin, Field) or not trace.text[at].isspace()
    ]
    if said:
        return _Gap(said[-1] + 1, own[-1].end, end)
    if own:
        return _Gap(own[0].start, own[-1].end, end, may_lack=True)
    turns = [(run.turn, run) for run in trace.runs if run.turn is not None]
    start = max((run.end for turn, run in turns if turn < index), default=0)
    stop = min((run.start for turn, run in turns if turn > index), default=len(trace.text))
    return _Gap(start, max(start, stop), end, may_lack=True)


def _with_ends(text: str, gaps: Iterable[_Gap]) -> str:
    """The text with each required end right after the words."""
    parts: list[str] = []
    done = 0
    for gap in gaps:
        if not gap.may_lack:
            parts += [text[done : gap.start], gap.end]
            done = gap.start
    return "".join([*parts, text[done:]])


def _agree(text: str, gaps: Iterable[_Gap], printed: str) -> bool:
    """Whether ``printed`` is ``text`` with each end somewhere in its gap."""
    # The positions reached in both texts, for every way to place the ends so far.
    ways = {(0, 0)}
    for gap in gaps:
        found = set(ways) if gap.may_lack else set()
        for done, at in ways:
            for cut in range(max(done, gap.start), gap.stop + 1):
                form = text[done:cut] + gap.end
                if printed.startswith(form, at):
                    found.add((cut, at + len(form)))
        ways = found
    return any(printed[at:] == text[done:] for done, at in ways)
