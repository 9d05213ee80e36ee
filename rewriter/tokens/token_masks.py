"""The token mask that transformers makes from a template's spans, which is what trains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from rewriter.arguments import tokenizer_given
from rewriter.conversations.rendering import Raised, Spans, render, stopped_clock
from rewriter.errors import BadInput
from rewriter.source.template import Template
from rewriter.tracing.conversation import Conversation, conversation_given
from rewriter.tracing.installed_transformers import applied_messages

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase, ProcessorMixin

    ProcessingClass: TypeAlias = PreTrainedTokenizerBase | ProcessorMixin


@dataclass(frozen=True, slots=True)
class TokenMask:
    """A conversation as a trainer sees it.

    Attributes:
        text: the text that the template printed.
        spans: the spans of its ``generation`` blocks, in characters.
        ids: the tokens of the text.
        offsets: for each token, the span of its characters, which may be empty.
        trained: for each token, whether transformers puts it into the mask.

    """

    text: str
    spans: Spans
    ids: tuple[int, ...]
    offsets: Spans
    trained: tuple[bool, ...]

    def text_of(self, token: int) -> str:
        """The characters that a token stands for."""
        start, end = self.offsets[token]
        return self.text[start:end]

    def token_at(self, character: int) -> int | None:
        """The first token that stands for a character, if there is one."""
        return next(
            (token for token, (start, end) in enumerate(self.offsets) if start <= character < end),
            None,
        )


def token_mask(
    processing_class: ProcessingClass, conversation: Conversation, source: str | None = None
) -> TokenMask:
    """The result of ``apply_chat_template`` for a conversation; raises what the template raises.

    Args:
        processing_class: a fast tokenizer, or a processor that has one.
        conversation: the conversation, without images, since these are not text.
        source: the template to use instead of the processing class's own.

    Raises:
        BadInput: there is no template, or none with ``generation`` blocks, or no fast tokenizer; or
            transformers cannot mask this conversation.

    """
    source = template_of(processing_class, source)
    conversation_given(conversation)
    tokenizer = fast_tokenizer_of(processing_class)
    with stopped_clock(conversation.now):
        given = _masked(processing_class, conversation, source)
        rendered = render(source, as_applied(tokenizer, conversation))
    if isinstance(rendered, Raised):
        raise BadInput(f"the template only renders for {_name(processing_class)}")
    ids, trained = unbatched(given["input_ids"]), unbatched(given["assistant_masks"])
    encoded = tokenizer(rendered.text, add_special_tokens=False, return_offsets_mapping=True)
    # A processor may add a token of its own before the text.
    lead = len(ids) - len(encoded["input_ids"])
    if ids[max(lead, 0) :] != encoded["input_ids"]:
        raise BadInput(
            f"{_name(processing_class)} does not tokenize the text that the template prints",
            hint="a processor changes messages before it tokenizes them: pass content as blocks",
        )
    return TokenMask(
        rendered.text,
        rendered.mask,
        tuple(encoded["input_ids"]),
        tuple((start, end) for start, end in encoded["offset_mapping"]),
        tuple(map(bool, trained[lead:])),
    )


def _masked(processing_class: ProcessingClass, conversation: Conversation, source: str) -> Any:
    if not _is_marked(source):
        raise BadInput("the template has no generation block, so there is no mask")
    asked: Any = {"return_dict": True, "return_assistant_tokens_mask": True}
    try:
        return applied(processing_class, conversation, chat_template=source, **asked)
    except OverflowError:
        # Before 5.24, it looks up a span's last character, whose index is -1 for this span.
        raise BadInput(
            "a generation block at the start of the text prints nothing, which transformers "
            "cannot mask",
            hint="make the block print something, or print something before it",
        ) from None
    except IndexError:
        if isinstance(
            render(source, as_applied(tokenizer_of(processing_class), conversation)), Raised
        ):
            raise
        raise BadInput(
            "the last token begins before the generation block does, which a processor cannot "
            "mask before transformers 5",
            hint="install a newer transformers",
        ) from None


@lru_cache(maxsize=64)
def _is_marked(source: str) -> bool:
    return Template(source).is_marked


def applied(processing_class: ProcessingClass, conversation: Conversation, **options: Any) -> Any:
    """What ``apply_chat_template`` returns; raises what the template raises."""
    apply: Any = processing_class.apply_chat_template
    return apply(
        list(conversation.messages),
        add_generation_prompt=conversation.add_generation_prompt,
        tokenize=True,
        **conversation.options,
        **options,
    )


def as_applied(tokenizer: PreTrainedTokenizerBase, conversation: Conversation) -> Conversation:
    """The conversation as ``apply_chat_template`` passes it to the template.

    The tokenizer's special tokens become variables.
    """
    flags: Mapping[str, Any] = {**tokenizer.special_tokens_map, **conversation.flags}
    return replace(conversation, messages=applied_messages(conversation.messages), flags=flags)


def template_of(processing_class: ProcessingClass, source: str | None = None) -> str:
    """``source``, or the template that the processing class carries.

    Raises:
        BadInput: it has none.

    """
    tokenizer_given(processing_class)
    carried = processing_class.chat_template if source is None else source
    if isinstance(carried, dict):
        carried = carried.get("default")
    if not isinstance(carried, str):
        raise BadInput(
            f"{_name(processing_class)} has no chat template", hint="set its `chat_template`"
        )
    return carried


def tokenizer_of(processing_class: ProcessingClass) -> PreTrainedTokenizerBase:
    """The tokenizer itself, or that of a processor."""
    found: Any = processing_class
    tokenizer: PreTrainedTokenizerBase = getattr(found, "tokenizer", found)
    return tokenizer


def fast_tokenizer_of(processing_class: ProcessingClass) -> PreTrainedTokenizerBase:
    """The fast tokenizer; only a fast one tells which characters a token stands for.

    Raises:
        BadInput: it is a slow tokenizer, or none.

    """
    tokenizer_given(processing_class)
    tokenizer = tokenizer_of(processing_class)
    if not tokenizer.is_fast:
        raise BadInput(
            f"{_name(tokenizer)} is a slow tokenizer, which cannot mask tokens",
            hint="load the model's fast tokenizer",
        )
    return tokenizer


def unbatched(values: Any) -> list[int]:
    """One conversation's values; processors wrap them in a batch."""
    return list(values[0] if len(values) and isinstance(values[0], (list, tuple)) else values)


def _name(processing_class: ProcessingClass) -> str:
    return type(processing_class).__name__
