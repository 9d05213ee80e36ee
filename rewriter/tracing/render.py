"""A template rendered so that each output character tells where it comes from."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from copy import copy
from functools import cached_property
from typing import Any, Final

from rewriter.source.lexer import Span
from rewriter.source.literals import value_offsets
from rewriter.source.template import Template
from rewriter.tracing.after_loop import Branches, branches_after, with_turns_apart
from rewriter.tracing.arms import Arm, arms_of, given_arms, traced_reads
from rewriter.tracing.block_types import types_asked
from rewriter.tracing.clock import current_time
from rewriter.tracing.compared_keys import looked_up_by
from rewriter.tracing.compiled import Compiled, Printed, too_deep
from rewriter.tracing.fields import LISTED, Fields, Whose, is_said
from rewriter.tracing.forced_renders import ForcedRenders
from rewriter.tracing.given_text import chosen_by_given, of_given_types
from rewriter.tracing.held_whole import read_of_messages
from rewriter.tracing.inputs import Inputs
from rewriter.tracing.installed_transformers import sandbox
from rewriter.tracing.instrument import Instrument
from rewriter.tracing.items import read_of_items
from rewriter.tracing.needed_variables import needed_variables
from rewriter.tracing.origins import Field, Literal, Unknown
from rewriter.tracing.provenance import joined, stretches_of, tracked
from rewriter.tracing.recording import Recorder
from rewriter.tracing.sources import Answer, Sources
from rewriter.tracing.speaker_choices import speaker_choices
from rewriter.tracing.text_choices import text_choices
from rewriter.tracing.trace import Run, Trace
from rewriter.tracing.unlisted import Unlisted, unlisted

# So many of the last renders are kept: as many as two readings of a template share.
_REMEMBERED: Final = 1024
# What a conversation has unless it says otherwise.
_GIVEN: Final = {"tools": None, "documents": None, "add_generation_prompt": False}


class TracedTemplate:
    """A template compiled once, in transformers' sandbox, with every piece traced.

    One instance renders one conversation at a time. ``fields`` tell whose each text is;
    ``sources`` are those of its text; ``forces`` has the answers that are forced, by the numbers
    of the decisions.

    Raises:
        BadInput: if jinja2 cannot compile it, as for a filter that there is not.

    """

    def __init__(self, template: Template | str, fields: Fields = LISTED) -> None:
        self.fields = fields
        self.template = Template(template) if isinstance(template, str) else template
        self.forces: Mapping[int, bool] = {}
        self._unforced: TracedTemplate | None = None
        self._forces_own = False
        self._forces_softly = False
        self.recorder = Recorder()
        # ``None`` where it raised.
        self._traces: dict[str, Trace | None] = {}
        try:
            asked = types_asked(self.template.tree)
            self.sources = Sources(self.template)
            copier = Instrument(self.sources)
        except RecursionError:
            raise too_deep() from None
        self._inputs = Inputs(asked)
        self._compiled = self._compile(copier)
        self._literals = copier.literals
        self._sites = copier.sites

    def forced(
        self, answers: Iterable[Answer], *, own: bool = False, softly: bool = False
    ) -> TracedTemplate:
        """The same template, with the answers of some decisions given, whatever they ask.

        ``own``: not in the turns of others than the assistant; ``softly``: where they ask for
        words.
        """
        forced = copy(self)
        forces = {answer.decision: answer.holds for answer in answers}
        forced.__dict__.update(forces=forces, _compiled=self._forcible, _traces={})
        forced.__dict__.update(_unforced=self.unforced)
        forced.__dict__.update(_forces_own=own, _forces_softly=softly)
        forced.__dict__.pop("forced_renders", None)
        return forced

    @property
    def unforced(self) -> TracedTemplate:
        """The same template as it answers by itself."""
        return self._unforced or self

    @cached_property
    def forced_renders(self) -> ForcedRenders:
        """Its renders with answers forced."""
        return ForcedRenders(self)

    @cached_property
    def _forcible(self) -> Compiled:
        return self._compile(Instrument(self.sources, forced=True))

    def _compile(self, copier: Instrument) -> Compiled:
        try:
            tree = copier.tree()
        except RecursionError:
            raise too_deep() from None
        own = sandbox().filters
        kept = {name: tracked(own[name]) for name in copier.filters & own.keys()}
        filters = {**kept, **self.recorder.filters}
        return Compiled(tree, self.template.text, filters, joined=joined)

    def render(
        self,
        messages: Sequence[Mapping[str, Any]],
        *,
        tools: Sequence[Any] | None = None,
        documents: Sequence[Any] | None = None,
        add_generation_prompt: bool = False,
        **flags: Any,
    ) -> Trace:
        """Render a conversation as transformers' ``render_jinja_template`` does.

        What was rendered is not rendered again. Raises whatever the template raises.
        """
        given = {"tools": tools, "documents": documents, **flags}
        given["add_generation_prompt"] = add_generation_prompt
        key = _key(messages, given)
        return self._traces.get(key) or self._remembered(key, messages, given)

    def render_anew(self, messages: Sequence[Mapping[str, Any]], **options: Any) -> Trace:
        """What `render` gives; the recorder then tells of this conversation and of no other."""
        given = {**_GIVEN, **options}
        return self._remembered(_key(messages, given), messages, given)

    def _remembered(
        self, key: str, messages: Sequence[Mapping[str, Any]], given: dict[str, Any]
    ) -> Trace:
        self._traces[key] = None
        if len(self._traces) > _REMEMBERED:
            del self._traces[next(iter(self._traces))]
        trace = self._traces[key] = self._rendered(messages, given)
        return trace

    def forget(self) -> None:
        """Drop all renders so far, which else wait for the garbage collection."""
        self._traces.clear()
        self.__dict__.pop("forced_renders", None)

    @property
    def needed(self) -> Mapping[str, Any]:
        """The variables without which it prints no message; each render has them."""
        return self.unforced._needed  # noqa: SLF001

    @cached_property
    def _needed(self) -> Mapping[str, Any]:
        def printed(messages: Sequence[Mapping[str, Any]], given: Mapping[str, Any]) -> str | None:
            try:
                return "".join(self._run(messages, {**_GIVEN, **given}).parts)
            except MemoryError:
                raise
            except Exception:  # noqa: BLE001 — a template may refuse a conversation in any way
                return None

        return needed_variables(self.template.tree, printed)

    def _run(self, messages: Sequence[Mapping[str, Any]], variables: Mapping[str, Any]) -> Printed:
        given = {**self._inputs.variables(variables), "messages": self._inputs.messages(messages)}
        return self._compiled.run(given)

    def _rendered(self, messages: Sequence[Mapping[str, Any]], variables: dict[str, Any]) -> Trace:
        needed = {n: each for n, each in self.needed.items() if variables.get(n) is None}
        own = {at for at, each in enumerate(messages) if each.get("role") == "assistant"}
        self.recorder.begin(self.forces, own, own=self._forces_own, softly=self._forces_softly)
        printed = self._run(messages, {**variables, **needed})
        runs = self._runs(printed.parts, own)
        runs = with_turns_apart(runs, self._branches, len(messages) - 1)
        text = "".join(printed.parts)
        noted = self.recorder.evaluated, self.recorder.empty
        return Trace(text, runs, printed.generated, *noted)

    def attempted(self, messages: Sequence[Mapping[str, Any]], **options: Any) -> Trace | None:
        """What `render` gives, or ``None`` where the template raises: a guard is not a fault."""
        given = {**_GIVEN, **options}
        key = _key(messages, given)
        if key in self._traces:
            return self._traces[key]
        try:
            return self._remembered(key, messages, given)
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 — a template may refuse a conversation in any way
            return None

    def _runs(self, parts: Iterable[str], own: Container[int]) -> tuple[Run, ...]:
        runs: list[Run] = []
        position = 0
        for part in parts:
            for length, origin, sites, turn in stretches_of(part):
                if isinstance(origin, Unknown) and turn in own:
                    whose = self._whose_at(sites)
                else:
                    is_others = isinstance(origin, Field) and origin.message not in own
                    whose = None if is_others else self.fields.whose(origin)
                runs.append(Run(position, position + length, origin, sites, turn, whose))
                position += length
        return tuple(runs)

    def _whose_at(self, sites: tuple[int, ...]) -> Whose | None:
        """Whose a text is that is made of no text, such as a number, by what is read there."""
        read = self.foreign_reads.get(sites[0]) if sites else None
        return self.fields.of_name(min(read)) if read else None

    @cached_property
    def unlisted(self) -> Unlisted:
        """What the template reads that is not known to be the model's."""
        return unlisted(self.template)

    def attempted_or_unforced(
        self, messages: Sequence[Mapping[str, Any]], **options: Any
    ) -> Trace | None:
        """A trace; if forced tests make it raise, that of the template without them."""
        found = self.attempted(messages, **options)
        if found is None and self.unforced is not self:
            return self.unforced.attempted(messages, **options)
        return found

    @cached_property
    def foreign_reads(self) -> Mapping[int, frozenset[str]]:
        """The keys and variables that are read at each site that reads nothing of the model's."""
        known = self.unlisted
        names = (*known.keys, *known.variables, "tools", "documents", "strftime_now")
        foreign = frozenset(n for n in names if self.fields.of_name(n) is not Whose.GENERATED)
        if not foreign:
            return {}
        nobodys = (k for k in known.misplaced if self.fields.of_path((k,)) is Whose.UNKNOWN)
        read = traced_reads(self.template, self._sites)
        found = {at: foreign & each for at, each in read.items() if not any(map(is_said, each))}
        items = read_of_items(self.template.tree, self._sites, foreign)
        own = read_of_messages(self.template.tree, self._sites, frozenset(nobodys))
        return {**found, **items, **own}

    @cached_property
    def arms(self) -> tuple[Arm, ...]:
        """What of the template is printed only where a test that reads something says so."""
        return arms_of(self.template)

    @cached_property
    def given_text(self) -> tuple[Span, ...]:
        """Where its own text is printed around what is given, or because of it, and no model's."""
        given = {at for at, names in self.foreign_reads.items() if names}
        around = given_arms(self.arms, self._sites, given) if given else ()
        chosen = chosen_by_given(self.template, self._sites, given)
        typed = of_given_types(self.template, self._sites)
        nobodys = {k for k in self.unlisted.keys if self.fields.of_name(k) is Whose.UNKNOWN}
        looked_up = map(self.template.outer, looked_up_by(self.template.tree, nobodys))
        return (*(arm.span for arm in around), *chosen, *typed, *filter(None, looked_up))

    @cached_property
    def text_choices(self) -> tuple[tuple[Span, ...], ...]:
        """The arms of each condition that chooses between texts of the template's own."""
        return text_choices(self.template, self._sites)

    @cached_property
    def speaker_choices(self) -> tuple[tuple[Span, ...], ...]:
        """The arms of each condition that asks who speaks, not what the model writes."""
        return speaker_choices(self.template)

    @cached_property
    def _branches(self) -> Branches:
        return branches_after(self.template)

    @cached_property
    def _offsets(self) -> dict[int, tuple[int, ...] | None]:
        offsets: dict[int, tuple[int, ...] | None] = {}
        for at, node in self._literals.items():
            span = self.template.span(node)
            if span is not None:
                offsets[at] = value_offsets(self.template.text, *span, node.value)
        return offsets

    def expression_span(self, site: int) -> Span | None:
        """Where the expression of a site stands, with the parentheses around it."""
        node = self._sites.get(site)
        return None if node is None else self.template.outer(node)

    def is_blank(self, origin: Literal) -> bool:
        """Whether a literal or template text is only white space, which is no source of text."""
        if origin.at in self._literals:
            return str(self._literals[origin.at].value).isspace()
        spans = self.template.data_spans.values()
        return any(s.start == origin.at and s.of(self.template.text).isspace() for s in spans)

    def source_offsets(self, origin: Literal, length: int) -> Sequence[int]:
        """Where in the source ``length`` characters of a literal or of template text are written.

        Empty for a literal whose characters cannot be told apart, such as two that jinja2 joined.
        """
        end = origin.index + length
        if origin.at in self._literals:
            return (self._offsets.get(origin.at) or ())[origin.index : end]
        text = self.template.text
        if "\r" not in text:
            return range(origin.at + origin.index, origin.at + end)
        return _without_returns(text, origin.at, end)[origin.index :]


def _key(messages: Sequence[Mapping[str, Any]], given: Mapping[str, Any]) -> str:
    return repr((list(messages), sorted(given.items()), current_time()))


def _without_returns(text: str, position: int, length: int) -> list[int]:
    """The offsets of ``length`` characters from ``position``, a CRLF counted as one."""
    offsets: list[int] = []
    while len(offsets) < length:
        offsets.append(position)
        position += 2 if text.startswith("\r\n", position) else 1
    return offsets
