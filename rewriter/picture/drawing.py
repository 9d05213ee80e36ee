"""Draw a template: make and prove its variant, then print conversations and label their text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from rewriter.conversations.rendering import Raised, render
from rewriter.errors import BadInput, Conflict, Refused, RewriteError
from rewriter.picture.examples import Examples
from rewriter.picture.origins import sources_of
from rewriter.picture.parts import parts_of, prompt_parts, prompt_start
from rewriter.picture.picture import DrawnConversation, Part, Picture, PrintedRun
from rewriter.rewriting.request import Request
from rewriter.rewriting.result import Rewrite
from rewriter.rewriting.rewrite import rewritten
from rewriter.source.template import Template
from rewriter.tracing.clock import at_time
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.fields import Fields
from rewriter.tracing.probes import SPECIAL_TOKENS
from rewriter.tracing.render import TracedTemplate
from rewriter.tracing.trace import Trace
from rewriter.turns.parts import EmptyThoughts, Parts, empty_thoughts_under
from rewriter.turns.stop_headers import stops_printed
from rewriter.turns.turns import Turns


def drawn(
    request: Request,
    name: str,
    conversations: Sequence[Conversation] | None = None,
    variables: Mapping[str, Any] = SPECIAL_TOKENS,
) -> Picture:
    """The picture of a template, or of its training variant if it is not marked yet.

    A refused template has a picture too, with its text and the reason.

    Args:
        request: the template, and how to make the variant.
        name: the template's name.
        conversations: the conversations to show; ``None`` for a few that show what it does.
        variables: default variables to render these with.

    Raises:
        BadInput: it is not a template.

    """
    try:
        result = rewritten(request)
    except (Refused, Conflict) as error:
        return drawn_refusal(request, name, error, conversations, variables)
    return drawn_variant(request, name, result, conversations, variables)


def drawn_variant(
    request: Request,
    name: str,
    result: Rewrite,
    conversations: Sequence[Conversation] | None = None,
    variables: Mapping[str, Any] = SPECIAL_TOKENS,
) -> Picture:
    """The picture of a finished variant; the arguments are those of `drawn`."""
    report = result.report
    return replace(
        _pictured(request, name, result.template, conversations, variables),
        edits=result.edits,
        transforms=result.transforms,
        family=result.family,
        proof=result.proof,
        is_marked=_is_marked(result),
        notices=result.notices,
        account=report.account if report else (),
        tried=result.tried,
    )


def drawn_refusal(
    request: Request,
    name: str,
    error: RewriteError,
    conversations: Sequence[Conversation] | None = None,
    variables: Mapping[str, Any] = SPECIAL_TOKENS,
) -> Picture:
    """The picture of a template without a variant: its text, and the reason."""
    picture = _pictured(request, name, request.source, conversations, variables)
    return replace(picture, tried=error.tried, refusal=error)


def picture_of_error(request: Request, name: str, error: RewriteError) -> Picture:
    """The picture of a template of which only the error is known."""
    return Picture(
        name, request.source, request.source, request.policy, (), tried=error.tried, refusal=error
    )


def _is_marked(result: Rewrite) -> bool:
    return not result.edits and Template(result.source).is_marked


def _pictured(
    request: Request,
    name: str,
    template: str,
    conversations: Sequence[Conversation] | None,
    variables: Mapping[str, Any],
) -> Picture:
    drawing = Drawing.asked_for(request, template)
    if conversations is None:
        shown = Examples(template, drawing.conversation, variables).drawn()
    else:
        given = (
            replace(c, flags=MappingProxyType({**variables, **c.flags})) for c in conversations
        )
        shown = tuple(
            drawing.conversation(_title(number, len(conversations)), each)
            for number, each in enumerate(given, start=1)
        )
    return Picture(name, request.source, template, request.policy, shown)


def _title(number: int, of: int) -> str:
    return "Your conversation" if of == 1 else f"Conversation {number}"


@dataclass(frozen=True)
class Drawing:
    """Draws the conversations that one template prints."""

    source: str
    fields: Fields
    empty_thoughts: EmptyThoughts | None

    @classmethod
    def asked_for(cls, request: Request, source: str) -> Drawing:
        """Draws as a request reads fields and empty thoughts."""
        chosen = empty_thoughts_under(request.policy, request.empty_thoughts)
        return cls(source, request.fields, chosen)

    @cached_property
    def _traced(self) -> TracedTemplate:
        return TracedTemplate(self.source, self.fields)

    @cached_property
    def _turns(self) -> Turns:
        stops = stops_printed(self._traced)
        return Turns(self._traced, stops=stops, empty_thoughts=self.empty_thoughts)

    def conversation(self, title: str, conversation: Conversation) -> DrawnConversation:
        """A conversation as the template prints it, or the error that it raises."""
        roles = tuple(str(message.get("role")) for message in conversation.messages)
        data = conversation.as_json()
        try:
            with at_time(conversation.now):
                trace, parts = self._told(conversation)
        except (MemoryError, BadInput):
            raise
        except Exception as error:  # noqa: BLE001 — a template may refuse a conversation in any way
            raised = self._error(conversation, error)
            return DrawnConversation(title, data, roles, "", (), raised)
        runs = tuple(self._runs(trace, parts))
        return DrawnConversation(title, data, roles, trace.text, runs)

    def _error(self, conversation: Conversation, error: Exception) -> str:
        """The error as transformers has it: traced values are of types of their own."""
        outcome = render(self.source, conversation)
        if isinstance(outcome, Raised):
            return f"{outcome.type}: {outcome.message}"
        return f"{type(error).__name__}: {error}"

    def _told(self, conversation: Conversation) -> tuple[Trace, list[Part]]:
        """The printed text, and the part of each character."""
        messages, options = conversation.messages, conversation.options
        if not conversation.add_generation_prompt:
            bare = self._turns.parts(messages, **options)
            return bare.trace, self._parts(bare, messages)
        trace = self._traced.render(messages, add_generation_prompt=True, **options)
        before = self._turns.attempted(messages, **options)
        role = self._turns.turn_prompts.before(messages, options).role
        common = prompt_start(trace.text, before.trace.text, role) if before else 0
        parts = self._parts(before, messages)[:common] if before else []
        return trace, parts + prompt_parts(trace.text[common:], role)

    def _parts(self, parts: Parts, messages: Sequence[Mapping[str, Any]]) -> list[Part]:
        stop = self._turns.prompts.ends.stop_token
        return parts_of(parts, messages, (stop.text or stop.plain).strip())

    def _runs(self, trace: Trace, parts: Sequence[Part]) -> Iterator[PrintedRun]:
        """The text in runs, each with one part, one origin, and trained or not as a whole."""
        edges = {at for span in trace.generated for at in span}
        edges |= {at for at in range(1, len(parts)) if parts[at] is not parts[at - 1]}
        for run in trace.runs:
            cuts = sorted({run.start, run.end, *(at for at in edges if run.start < at < run.end)})
            for start, end in pairwise(cuts):
                trained = any(one <= start < other for one, other in trace.generated)
                sources = sources_of(self._traced, run, start, end)
                yield PrintedRun(start, end, parts[start], trained, run.turn, sources)
