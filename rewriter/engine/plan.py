"""Apply transforms to one template, in order, with one analysis of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from rewriter.engine.context import Context
from rewriter.engine.draft import Body, By, edits_of, fragments, text_of
from rewriter.engine.escapes import refuse_escapes
from rewriter.engine.layout import Layout
from rewriter.engine.mixed_prints import repeated
from rewriter.engine.outline import Outline
from rewriter.engine.transforms import (
    Branch,
    End,
    Guard,
    Inline,
    Keep,
    Leave,
    Replace,
    Sink,
    Split,
    Stop,
    Transform,
    Uncover,
    Wrap,
)
from rewriter.engine.unrendered import refuse_unprinted, refuse_unrendered
from rewriter.engine.verbs.branch import branch
from rewriter.engine.verbs.end import end
from rewriter.engine.verbs.guard import guard
from rewriter.engine.verbs.inline import inline
from rewriter.engine.verbs.keep import keep
from rewriter.engine.verbs.leave import leave
from rewriter.engine.verbs.replace import replace
from rewriter.engine.verbs.sink import sink
from rewriter.engine.verbs.split import split
from rewriter.engine.verbs.stop import stop
from rewriter.engine.verbs.uncover import uncover
from rewriter.engine.verbs.wrap import wrap
from rewriter.errors import Place, Reason, Refused
from rewriter.source.edits import Edit
from rewriter.source.template import Template
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.fields import LISTED, Fields
from rewriter.tracing.render import TracedTemplate
from rewriter.turns.labels import Labels
from rewriter.turns.missing_ends import MissingEnds, missing_ends
from rewriter.turns.parts import EmptyThoughts, Policy, empty_thoughts_under
from rewriter.turns.stop_headers import Stops, stops_lacking

_VERBS: Final[Mapping[type, Callable[[Any, Body, Context], Body]]] = {
    Replace: replace,
    Keep: keep,
    Sink: sink,
    Split: split,
    Stop: stop,
    End: end,
    Branch: branch,
    Inline: inline,
    Wrap: wrap,
    Guard: guard,
    Uncover: uncover,
    Leave: leave,
}


@dataclass(frozen=True)
class Plan:
    """The result of some transforms on a template."""

    source: str
    template: str
    edits: tuple[Edit, ...]
    transforms: tuple[str, ...]


_LABELS: Final = ("labels", "_stopping_labels")


class Subject:
    """A template, analysed once: parsed, traced with the probes, labelled.

    ``plain`` uses only the plainest probes, which takes half of the time and is mostly enough.
    ``fields`` say who writes each key and variable, and ``empty_thoughts`` who writes empty
    thoughts.
    """

    def __init__(
        self,
        source: str,
        policy: Policy,
        *,
        plain: bool = False,
        fields: Fields = LISTED,
        empty_thoughts: EmptyThoughts | None = None,
    ) -> None:
        self.template = Template(source)
        self._policy = policy
        self.is_plain = plain
        self.fields = fields
        self._empty_thoughts = empty_thoughts_under(policy, empty_thoughts)
        self.reaching: tuple[Conversation, ...] = ()
        self.telling: tuple[Conversation, ...] = ()
        self._outlines: dict[tuple[bool, bool, bool], Outline] = {}
        # What transforms made of bodies; all that were made are kept, so none gets another's id.
        self._bodies: dict[tuple[Any, ...], Body] = {}

    def shown(
        self, reaching: Sequence[Conversation], telling: Sequence[Conversation]
    ) -> Subject | None:
        """The same template, labelled by more conversations too, as `Labels` tells of them.

        ``None`` if none of them is new.
        """
        subject = self.read_anew()
        subject.reaching = (*self.reaching, *(c for c in reaching if c not in self.reaching))
        subject.telling = (*self.telling, *(c for c in telling if c not in self.telling))
        unchanged = (self.reaching, self.telling) == (subject.reaching, subject.telling)
        return None if unchanged else subject

    def read_anew(self) -> Subject:
        """The same template, to be labelled again with every probe."""
        subject = self._planned_anew()
        for labels in _LABELS:
            subject.__dict__.pop(labels, None)
        return subject

    def read_further(self) -> Subject:
        """The same template, whose plain labels go on learning from the rarer probes."""
        subject = self._planned_anew()
        for labels in _LABELS:
            if labels in subject.__dict__:
                getattr(subject, labels).learn_rarer()
        return subject

    def _planned_anew(self) -> Subject:
        subject = copy(self)
        subject.is_plain = False
        for seen in ("outline", "_repeated"):
            subject.__dict__.pop(seen, None)
        subject.__dict__.update(_outlines={}, _bodies={})
        return subject

    @cached_property
    def traced(self) -> TracedTemplate:
        """The template, ready to be rendered with every piece traced."""
        return TracedTemplate(self.template, self.fields)

    def forget(self) -> None:
        """Drop all renders, once nothing more is planned."""
        if "traced" in self.__dict__:
            self.traced.forget()

    @cached_property
    def labels(self) -> Labels:
        """What each piece was seen to print."""
        return self._labelled(None)

    @cached_property
    def outline(self) -> Outline:
        """Its statements, with what each was seen to print."""
        return Outline(self.template, self.labels, self._policy, telling=self.telling)

    @cached_property
    def _stops(self) -> Stops | None:
        return stops_lacking(self.traced)

    def stops_of(self, transforms: Sequence[Transform]) -> Stops | None:
        """The ends for turns without one, if one of ``transforms`` adds ends."""
        return self._stops if any(each.uses(Stop) for each in transforms) else None

    @cached_property
    def missing_ends(self) -> MissingEnds | None:
        """What its turns lack that have no end."""
        return missing_ends(self.traced)

    @property
    def ending_verb(self) -> type[Stop | End] | None:
        """The verb that ends its turns; ``None`` if they have an end."""
        if self.missing_ends is None:
            return None
        return Stop if self._stops and self._stops.calls else End

    @cached_property
    def _stopping_labels(self) -> Labels:
        """The labels, and which headers the turns before them end in."""
        return self._labelled(self._stops)

    def _labelled(self, stops: Stops | None) -> Labels:
        return Labels(
            self.traced,
            self.reaching,
            self.telling,
            plain=self.is_plain,
            stops=stops,
            empty_thoughts=self._empty_thoughts,
        )

    @property
    def has_unsure_prefill(self) -> bool:
        """Whether some output prints prefilled text at times, and generated text at others."""
        is_unsure = self._policy == "strict" and self.labels.has_unsure_prefill
        return is_unsure or self.labels.has_unsure_thought or bool(self._repeated)

    @property
    def has_empty_thoughts(self) -> bool:
        """Whether a turn was seen to begin with an empty thought that nobody writes."""
        return "labels" in self.__dict__ and bool(self.labels.empty_thoughts)

    @cached_property
    def _repeated(self) -> str:
        """The end of the prompt that the model writes again."""
        return repeated(self.outline)

    @property
    def may_leave_space(self) -> bool:
        """Whether there is a thought to uncover, and white space that the model writes again."""
        is_unsure = self.labels.has_unsure_prefill or self.labels.has_unsure_thought
        return is_unsure and self._repeated.isspace()

    def plan(self, transforms: Sequence[Transform], *, leaves_space: bool = False) -> Plan:
        """Apply ``transforms`` in order; those that change nothing are left out of the result.

        With ``leaves_space``, prompted white space that the model writes again is not uncovered.

        Raises:
            Refused: a transform finds something that it cannot rewrite soundly.

        """
        outline = self._outline_for(transforms, leaves_space=leaves_space)
        if (id(outline),) not in self._bodies:
            self._bodies[id(outline),] = outline.body()
        body = self._bodies[id(outline),]
        for transform in transforms:
            body = self._changed(body, transform, outline)
        source = self.template.text
        edits = edits_of(body, source)
        refuse_escapes(self.template, edits)
        used = {edit.transform for edit in edits}
        names = tuple(t.name for t in transforms if t.name in used)
        return Plan(source, text_of(fragments(body), source), edits, names)

    def _changed(self, body: Body, transform: Transform, outline: Outline) -> Body:
        """A body after a transform; cached, since recipes begin alike, and most change little."""
        key = id(outline), id(body), transform.name
        if key not in self._bodies:
            self._bodies[key] = self._changed_anew(body, transform, outline)
        return self._bodies[key]

    def _changed_anew(self, body: Body, transform: Transform, outline: Outline) -> Body:
        place = Context(outline, Layout.of(self.template), By("", ""))
        changed = body
        for rule in transform.rules:
            if not isinstance(rule, Replace):
                self._check_rendered(outline.labels)
            if not isinstance(rule, (Replace, Keep)):
                self._check_labels(outline.labels)
            place = place.for_rule(transform.name, rule.reason)
            changed = _VERBS[type(rule)](rule, changed, place)
        return body if changed == body else changed

    def _outline_for(
        self, transforms: Sequence[Transform], *, leaves_space: bool = False
    ) -> Outline:
        """The outline; what a later rule uncovers is first taken for generated.

        Headers that turns are to end in are labelled as such.
        """
        stops = self.stops_of(transforms)
        uncovers = any(each.uses(Uncover) for each in transforms)
        if not stops and not uncovers:
            return self.outline
        key = bool(stops), uncovers, leaves_space
        if key not in self._outlines:
            labels = self._stopping_labels if stops else self.labels
            self._outlines[key] = Outline(
                self.template,
                labels,
                self._policy,
                prefill_is_uncovered=uncovers,
                repeated=self._repeated if uncovers and not leaves_space else "",
                telling=self.telling,
            )
        return self._outlines[key]

    def _check_rendered(self, labels: Labels) -> None:
        """Refuse a template that renders no probe."""
        if not labels.rendered:
            refuse_unrendered(self.traced)

    def _check_labels(self, labels: Labels) -> None:
        """Refuse a template if the probes do not show the assistant's turns."""
        if labels.prints_no_message:
            refuse_unprinted(self.traced)
        if labels.intrusion is not None:
            raise Refused(
                "the assistant's turn prints text of others, and it is unknown where that begins "
                "and ends",
                reason=Reason.GIVEN_WITHIN,
                place=Place.at(self.template.text, labels.intrusion),
                hint="print it in a turn of its own, outside the assistant's",
            )
        if labels.asked_after is not None:
            raise Refused(
                "this asks for a text after the assistant's last answer, so the model's text is "
                "not an assistant's turn",
                reason=Reason.NO_HEADER,
                place=Place.at(self.template.text, labels.asked_after),
                hint="if a message holds it, put it in a generation block by hand",
            )
        if not labels.cue.is_known:
            refuse_unrendered(self.traced)
            raise Refused(
                "the template prints nothing for add_generation_prompt, and the turns do not show "
                "where the assistant's begins",
                reason=Reason.NO_HEADER,
                hint="add a generation prompt to the template",
            )
