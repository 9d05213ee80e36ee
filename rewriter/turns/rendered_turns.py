"""Conversations as one template renders them, with the parts of their turns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from jinja2 import nodes

from rewriter.tracing.accounting import Account, Given, Messages
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.fields import names_of
from rewriter.tracing.probes import (
    CALLED_IN_BLOCKS,
    SPECIAL_TOKENS,
    TOOLS,
    further_probes,
    with_fields_of_the_assistant,
)
from rewriter.tracing.render import TracedTemplate
from rewriter.tracing.trace import Trace
from rewriter.tracing.variables import flags_of, variables_of
from rewriter.turns.parts import ASSISTANT, Parts
from rewriter.turns.turns import Turns


@dataclass(frozen=True)
class RenderedTurns:
    """A conversation as a template renders it; its parts are found when first needed."""

    turns: Turns
    messages: Messages
    options: Mapping[str, Any]
    trace: Trace

    @cached_property
    def parts(self) -> Parts:
        """What each printed character is."""
        return self.turns.parts_of(self.trace, self.messages, self.options)


def rendered_turns(
    turns: Turns, probes: Iterable[Given], account: Account | None = None
) -> Iterator[RenderedTurns]:
    """The probes that a template renders, with their parts; the account gets the others."""
    for messages, options in probes:
        trace = turns.traced.attempted(messages, **options)
        if trace is not None:
            yield RenderedTurns(turns, messages, options, trace)
        elif account:
            account.note_refused(messages, options)


def within_turns(parts: Parts) -> Parts:
    """The parts within turns, since set variables may print anything around them."""
    runs = tuple(run for run in parts.trace.runs if run.turn is not None)
    return replace(parts, trace=replace(parts.trace, runs=runs))


def further_given(tree: nodes.Template) -> Iterator[Given]:
    """Rarer probes; finding a template's flags takes as long as compiling it."""
    documents = "documents" in variables_of(tree)
    yield from further_probes(flags_of(tree), documents=documents)


def answered_in_blocks() -> Iterator[Given]:
    """Tools that answer in blocks, since their header may then be printed elsewhere."""
    for conversation in CALLED_IN_BLOCKS:
        yield conversation, {**SPECIAL_TOKENS, "tools": TOOLS}


def others_with_own(traced: TracedTemplate) -> Iterator[Given]:
    """Others' messages with thoughts or calls, if the template reads these.

    What a template prints as the assistant's turn, whatever its role, is the assistant's.
    """
    own = {*names_of("reasoning", "message"), "tool_calls"}
    if not any(name in traced.template.text for name in own):
        return
    for messages, options in with_fields_of_the_assistant():
        swapped = [{**each, "role": ASSISTANT} if own & each.keys() else each for each in messages]
        trace, alike = (traced.attempted(each, **options) for each in (messages, swapped))
        if trace and not (alike and alike.text == trace.text):
            yield messages, options


def given(conversation: Conversation) -> Given:
    """A conversation as its messages and options."""
    return conversation.messages, conversation.options
