"""Learn what each piece of a template prints from the probe conversations."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from functools import partial

from jinja2 import nodes

from rewriter.tracing.accounting import Account, Messages, State
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.fields import names_of
from rewriter.tracing.forced_accounting import Forcing
from rewriter.tracing.origins import UNKNOWN, Field, Literal
from rewriter.tracing.probes import QUESTIONS, SPECIAL_TOKENS, probes
from rewriter.tracing.render import TracedTemplate
from rewriter.tracing.trace import Run
from rewriter.tracing.unlisted_conversations import conversations_with, with_each_key
from rewriter.turns.edges import SeenEdges
from rewriter.turns.foreign import is_foreign
from rewriter.turns.headers import Cue
from rewriter.turns.label import OF_TURN, Label
from rewriter.turns.label_store import AFTER_ANSWER, AFTER_CALLS, LATE, LabelStore
from rewriter.turns.marking import is_environment
from rewriter.turns.parts import (
    ASSISTANT,
    FOREIGN,
    GENERATED,
    OUTSIDE,
    PROMPT,
    EmptyThoughts,
    Parts,
)
from rewriter.turns.rendered_turns import (
    RenderedTurns,
    answered_in_blocks,
    further_given,
    given,
    others_with_own,
    rendered_turns,
    within_turns,
)
from rewriter.turns.stop_headers import Stops
from rewriter.turns.turns import Turns


class Labels(LabelStore):
    """The labels of one template.

    ``reaching`` are conversations that reach what the probes do not, and ``telling`` those on which
    a mask that was planned without them was wrong. ``plain`` omits the rarer probes. ``stops`` are
    texts that end turns and also begin the next. ``empty_thoughts`` is the choice for those that
    the template inserts.

    ``rendered`` counts the probes that the template took; ``cue`` is its generation prompt.
    ``prints_no_message`` says that no ordinary message is printed. ``intrusion`` is where an
    assistant's turn prints text of others, if it does, and ``asked_after`` where a text is asked
    for that is not an assistant's turn. ``edges`` are those of the outputs' text for the assistant.
    ``empty_thoughts`` are the texts of those that the policy treats like a prefill, or that are
    outside under any policy with ``leaves_empty_thoughts``.
    """

    def __init__(
        self,
        traced: TracedTemplate,
        reaching: Iterable[Conversation] = (),
        telling: Iterable[Conversation] = (),
        *,
        plain: bool = False,
        stops: Stops | None = None,
        empty_thoughts: EmptyThoughts | None = None,
    ) -> None:
        super().__init__(traced)
        self.fields = traced.fields
        self.stops = stops
        self._ends: set[tuple[str, str]] = set()
        self.rendered = 0
        self.intrusion: int | None = None
        self.edges = SeenEdges(traced.template.output_tags)
        self.leaves_empty_thoughts = empty_thoughts == "prompted"
        self._chosen = empty_thoughts
        turns = Turns(traced, rough=True, stops=stops, empty_thoughts=empty_thoughts)
        self._readings = [turns]
        self.empty_thoughts: set[str] = {*turns.prompts.closed_prefills}
        self.cue = turns.prompts.usual
        self.prefills = turns.prompts.prefills
        self.asked_after = turns.prompts.asked_after
        for prompt in turns.prompts.prompts:
            self.add_prompt(prompt, turns.prompts.ends.late_end)
        self.account = Account(traced)
        prints: list[bool] = []
        for shown in rendered_turns(turns, probes(), self.account):
            prints.append(any(isinstance(run.origin, Field) for run in shown.trace.runs))
            self._learn(shown.parts, shown.messages)
            self._learn_end(shown.parts, shown.messages)
            self._look_at(shown)
        self.prints_no_message = bool(prints) and not any(prints)
        for shown in rendered_turns(turns, answered_in_blocks()) if stops else ():
            self._learn(shown.parts, shown.messages)
        for shown in rendered_turns(turns, others_with_own(traced)):
            self._learn(within_turns(shown.parts), shown.messages)
        for shown in rendered_turns(turns, map(given, conversations_with(traced.unlisted))):
            self._learn(within_turns(shown.parts), shown.messages)
            self._look_at(shown)
        self._learn_where_prompted()
        if not plain:
            self.learn_rarer(reaching, telling)

    def learn_rarer(
        self, reaching: Iterable[Conversation] = (), telling: Iterable[Conversation] = ()
    ) -> None:
        """Learn from everything that plain labels omit."""
        template, (turns, *_) = self.traced.template, self._readings
        self._learn_where_unseen(rendered_turns(turns, further_given(template.tree)))
        closely = Turns(self.traced, rough=True, closely=True, empty_thoughts=self._chosen)
        self._readings.append(closely)
        self._learn_where_unseen(rendered_turns(closely, map(given, reaching)))
        for shown in rendered_turns(closely, map(given, telling)):
            self._learn(shown.parts, shown.messages)
            self._look_at(shown)
        self._learn_where_open(rendered_turns(turns, map(given, with_each_key(template))))
        for shown in rendered_turns(turns, self.account.in_any_order()):
            self._learn(shown.parts, shown.messages)
            self._look_at(shown)
        self._learn_where_forced()
        self._learn_empty_turns()

    @property
    def asked_cues(self) -> tuple[Cue, ...]:
        """The generation prompts, other than the usual one, that message text can cause."""
        asked = {cue.text: cue for each in self._readings for cue in each.turn_prompts.asked}
        return tuple(asked.values())

    def _learn_where_prompted(self) -> None:
        """Learn what a prompt has printed in the turn before it: how a question ends, perhaps."""
        for question in QUESTIONS:
            trace = self.traced.attempted([question], add_generation_prompt=True, **SPECIAL_TOKENS)
            for run in trace.of_turn(0) if trace else ():
                self.add(run.origin, run.sites, OUTSIDE * (run.end - run.start))

    def _learn_where_unseen(self, rendered: Iterator[RenderedTurns]) -> None:
        """Learn from rare settings, without blurring what is known already."""
        if not self.lacks_some:
            return
        for shown in rendered:
            if not all(self.has_site(site) for run in shown.trace.runs for site in run.sites):
                self._learn(shown.parts, shown.messages)
            self._look_at(shown)
            if not self.lacks_some:
                return

    def _learn_where_open(self, rendered: Iterator[RenderedTurns]) -> None:
        """Learn only what nothing has shown yet, while some source is open."""
        if not self.account.open:
            return
        for shown in rendered:
            only = partial(self._is_new, shown.messages)
            self._learn(within_turns(shown.parts), shown.messages, only)
            self._look_at(shown)

    def _learn_where_forced(self) -> None:
        """Learn what unreached branches print, by forcing tests.

        Nothing is learnt from other text in these renders, since a forced answer may contradict the
        data.
        """
        turns: dict[int, Turns] = {}
        for forced in Forcing(self.account).unshown(thoroughly=False):
            told = turns.setdefault(
                id(forced.template),
                Turns(
                    forced.template,
                    rough=True,
                    stops=self.stops,
                    empty_thoughts=self._chosen,
                ),
            )
            new = frozenset(self.traced.sources.sources[n].at for n in forced.sources)
            for each in rendered_turns(told, [(forced.messages, forced.options)]):
                only = partial(self._is_forced, each.messages, new)
                self._learn(each.parts, each.messages, only)
                self._learn_calls(each.parts, each.messages)

    def _learn_calls(self, parts: Parts, messages: Messages) -> None:
        """Learn about unknown outputs and operands that pass on known text, such as calls."""
        own = {at for at, each in enumerate(messages) if each.get("role") == ASSISTANT}
        runs = [run for run in parts.trace.runs if run.turn in own]
        unseen = [tuple(site for site in run.sites if not self.has_site(site)) for run in runs]
        for run, sites in zip(runs, unseen, strict=True):
            kinds = parts.kinds[run.start : run.end]
            self.add(UNKNOWN, sites, kinds, _said(run, kinds, parts.trace.text))

    def _is_forced(self, messages: Messages, shown: Container[int], run: Run) -> bool:
        """Whether a run is new due to forced tests: from a source or output not seen before.

        A value that is assigned elsewhere, and only printed here because of them, shows nothing.
        """
        if not self._is_new(messages, run):
            return False
        is_output_new = bool(run.sites) and not self.site(run.sites[-1]) & OF_TURN
        origin = run.origin
        is_assigned = (
            isinstance(origin, Literal)
            and origin.at not in shown
            and not self.traced.is_blank(origin)
        )
        return is_output_new or not is_assigned

    def _is_new(self, messages: Messages, run: Run) -> bool:
        own = run.turn is not None and messages[run.turn].get("role") == ASSISTANT
        return self.is_new(run, own=own)

    def _look_at(self, shown: RenderedTurns) -> None:
        """Count renders, and look for text that cannot be rewritten."""
        self.rendered += 1
        self.account.note(shown.trace, shown.messages, shown.options)
        self._look_for_intrusion(shown)

    def is_never_printed(self, start: int, end: int) -> bool:
        """Whether everything in ``[start, end)`` of the template is where the template raises.

        Or where tests contradict each other for every role.
        """
        found = [(each, state) for each, state in self.account.states if start <= each.at < end]
        return bool(found) and all(
            state is State.RAISES or self.account.places.is_of_no_role(source)
            for source, state in found
        )

    def _learn(
        self, parts: Parts, messages: Messages, only: Callable[[Run], bool] | None = None
    ) -> None:
        if only is None:
            self.edges.learn(parts, messages)
        self.empty_thoughts |= parts.empty_thoughts
        for run in filter(only, parts.trace.runs) if only else parts.trace.runs:
            if is_foreign(run) and FOREIGN in parts.kinds[run.start : run.end]:
                for site in run.sites:
                    self.add_foreign(site, self.traced.fields.name_of(run.origin))
            kinds = parts.kinds[run.start : run.end]
            said = _said(run, kinds, parts.trace.text)
            if not parts.late.isdisjoint(range(run.start, run.end)):
                late = self._late(run, messages)
                kinds = "".join(
                    late if run.start + at in parts.late and kind == GENERATED else kind
                    for at, kind in enumerate(kinds)
                )
            self.add(run.origin, run.sites, kinds, said)

    def _late(self, run: Run, messages: Messages) -> str:
        """The kind of end that the run prints for the previous turn."""
        if not self.stops or not run.turn:
            return LATE
        return AFTER_CALLS if messages[run.turn - 1].get("tool_calls") else AFTER_ANSWER

    def _learn_empty_turns(self) -> None:
        """Label an unseen text that consists of a role header and a turn end as just that."""
        header = self.cue.role
        for expression in self.traced.template.output_tags.values():
            span = self.traced.template.span(expression)
            if span is None or not isinstance(expression, nodes.Const) or not header:
                continue
            origin = Literal(span.start, 0)
            for end, kinds in self._ends:
                offsets = self.traced.source_offsets(origin, len(header + end))
                unseen = offsets and not any(label for _, label in self.rows(offsets))
                if expression.value == header + end and unseen:
                    self.add(origin, (), PROMPT * len(header) + kinds)

    def _learn_end(self, parts: Parts, messages: Messages) -> None:
        """Learn the text after an answer, up to the end of its turn."""
        last = len(messages) - 1
        own = parts.trace.of_turn(last)
        said = [run.end for run in own if isinstance(run.origin, Field)]
        if (
            said
            and own
            and messages[last]["role"] == ASSISTANT
            and "tool_calls" not in messages[last]
        ):
            stretch = slice(said[-1], own[-1].end)
            self._ends.add((parts.trace.text[stretch], parts.kinds[stretch]))

    def _look_for_intrusion(self, shown: RenderedTurns) -> None:
        for run in shown.trace.runs:
            if run.turn is None or shown.messages[run.turn]["role"] != ASSISTANT:
                continue
            if run.sites and is_environment(run, run.turn):
                # Text before the header may be anybody's.
                is_prompted = shown.parts.kinds[run.start] == PROMPT
                if not is_prompted and not _precedes_header(run, shown.parts):
                    self.intrusion = run.sites[-1]


def _precedes_header(run: Run, parts: Parts) -> bool:
    later = (r for r in parts.trace.runs if r.turn == run.turn and r.start >= run.end)
    return any(PROMPT in parts.kinds[each.start : each.end] for each in later)


def _said(run: Run, kinds: str, text: str) -> int:
    """Which part of an assistant's message the run prints, and whether it has words."""
    if GENERATED not in kinds:
        return 0
    printed = zip(kinds, text[run.start : run.end], strict=True)
    has_words = any(kind == GENERATED and not char.isspace() for kind, char in printed)
    said = Label.WORDS.value if has_words else 0
    if not isinstance(run.origin, Field):
        return said
    path = run.origin.path
    if path and path[0] in names_of("reasoning"):
        return said | Label.REASONING.value
    is_argument = not names_of("tool arguments").isdisjoint(map(str, path))
    return said | (Label.ARGUMENTS.value if is_argument else 0)
