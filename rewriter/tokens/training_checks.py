"""Two checks of a tokenizer's template that a trainer makes before it starts.

They mean the same as TRL's functions of these names. Where TRL's answer depends on how it checks,
these check in another way: see the functions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from rewriter.conversations.kinds import ASSISTANT, TOOL, USER
from rewriter.conversations.rendering import Rendered, render
from rewriter.source.template import Template
from rewriter.tokens.token_masks import (
    TokenMask,
    applied,
    as_applied,
    template_of,
    token_mask,
    tokenizer_of,
    unbatched,
)
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.origins import Field
from rewriter.tracing.render import TracedTemplate
from rewriter.turns.parts import GENERATED, Parts
from rewriter.turns.stop_headers import stops_printed
from rewriter.turns.turns import Turns

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from rewriter.tokens.token_masks import ProcessingClass

_IDENTITY: Final = "call00001"
_RESULT: Final = {"role": TOOL, "name": "dummy", "tool_call_id": _IDENTITY, "content": "dummy"}
_ASKED: Final = {"role": USER, "content": "dummy"}
_ANSWER: Final = {"role": ASSISTANT, "content": "dummy"}
_ANSWERED: Final = 1


def _call(arguments: Any) -> dict[str, Any]:
    function = {"name": "dummy", "arguments": arguments}
    call = {"id": _IDENTITY, "type": "function", "function": function}
    return {"role": ASSISTANT, "content": "", "tool_calls": [call]}


# Some templates expect arguments as an object, some as a string.
_ARGUMENTS: Final[tuple[Any, ...]] = ({}, "{}")
_CALLED: Final = tuple([_ASKED, _call(arguments), _RESULT] for arguments in _ARGUMENTS)
_CALLED_AND_ASKED: Final = tuple([*messages, _ASKED] for messages in _CALLED)
_PLAIN: Final = ([_ASKED, _ANSWER, _ASKED],)


def is_chat_template_prefix_preserving(processing_class: ProcessingClass) -> bool:
    """Whether an assistant's tool call keeps its tokens when the tool's result follows.

    A template that refuses tool messages counts as preserving, since there is nothing to keep; TRL
    raises the template's error. For user turns, or the text alone, use
    `rewriter.tokens.prefixes.prefix_verdicts`.

    Args:
        processing_class: a tokenizer or a processor; a processor gets no image.

    Raises:
        BadInput: it has no chat template.

    """
    source = template_of(processing_class)
    tokenizer = tokenizer_of(processing_class)
    for called in _accepted(processing_class, source, _CALLED):
        shorter = replace(called, messages=called.messages[:-1])
        longer = replace(called, add_generation_prompt=True)
        if _renders(tokenizer, source, shorter) and _renders(tokenizer, source, longer):
            before, after = (
                unbatched(applied(processing_class, conversation, return_dict=False))
                for conversation in (shorter, longer)
            )
            return after[: len(before)] == before
    return True


def is_chat_template_stop_token_trained(
    processing_class: ProcessingClass, chat_template: str | None = None
) -> bool:
    """Whether the token that ends an assistant's turn is in the mask.

    It checks a plain answer and, if the template takes tools, a tool call. The token must be an
    added one, and the last that the template prints for the turn itself. Unlike in TRL, a token
    that ends or begins the next turn does not count. Without ``{% generation %}`` blocks, the
    answer is no.

    Args:
        processing_class: a fast tokenizer, or a processor that has one.
        chat_template: the template to check instead of the processing class's own.

    Raises:
        BadInput: there is no chat template, or no fast tokenizer.

    """
    source = template_of(processing_class, chat_template)
    if not Template(source).is_marked:
        return False
    plain = next(_accepted(processing_class, source, _PLAIN), None)
    called = next(_accepted(processing_class, source, _CALLED_AND_ASKED), None)
    if plain is None:
        return False
    traced = TracedTemplate(source)
    turns = Turns(traced, stops=stops_printed(traced))
    return all(
        _is_stop_trained(processing_class, source, turns, conversation)
        for conversation in (plain, called)
        if conversation is not None
    )


def _accepted(
    processing_class: ProcessingClass, source: str, forms: tuple[list[dict[str, Any]], ...]
) -> Iterator[Conversation]:
    """The conversations that the template renders, with content as text or in blocks."""
    tokenizer = tokenizer_of(processing_class)
    shapes = (_as_text, _in_blocks)
    if tokenizer is not processing_class:
        # Processors expect blocks, and turn an empty text into an empty list.
        shapes = (_in_blocks, _never_empty)
    for shape, messages in product(shapes, forms):
        conversation = Conversation([shape(message) for message in messages])
        if _renders(tokenizer, source, conversation):
            yield conversation


def _renders(tokenizer: PreTrainedTokenizerBase, source: str, conversation: Conversation) -> bool:
    return isinstance(render(source, as_applied(tokenizer, conversation)), Rendered)


def _as_text(message: dict[str, Any]) -> dict[str, Any]:
    return message


def _never_empty(message: dict[str, Any]) -> dict[str, Any]:
    return {**message, "content": message["content"] or "dummy"}


def _in_blocks(message: dict[str, Any]) -> dict[str, Any]:
    return {**message, "content": [{"type": "text", "text": message["content"]}]}


def _is_stop_trained(
    processing_class: ProcessingClass, source: str, turns: Turns, conversation: Conversation
) -> bool:
    mask = token_mask(processing_class, conversation, source)
    tokenizer = tokenizer_of(processing_class)
    shown = as_applied(tokenizer, conversation)
    stop = _stop(turns.parts(shown.messages, **shown.options), mask)
    added = tokenizer.get_added_vocab().values()
    return stop is not None and mask.trained[stop] and mask.ids[stop] in added


def _stop(parts: Parts, mask: TokenMask) -> int | None:
    """The token that ends the assistant's turn: the last that the template prints for it."""
    for run in reversed(parts.trace.runs):
        for at in range(run.end - 1, run.start - 1, -1):
            own = run.turn == _ANSWERED or at in parts.late
            if own and parts.kinds[at] == GENERATED:
                if isinstance(run.origin, Field):
                    return None
                if not parts.trace.text[at].isspace():
                    return mask.token_at(at)
    return None
