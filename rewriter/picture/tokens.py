"""Add tokens to a picture: what a trainer gets, and where the mask cuts a token in two."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rewriter.errors import BadInput
from rewriter.picture.picture import DrawnConversation, Picture, PrintedToken
from rewriter.source.template import Template
from rewriter.tokens.token_faults import faults_in
from rewriter.tokens.token_masks import token_mask
from rewriter.tracing.conversation import Conversation

if TYPE_CHECKING:
    from rewriter.tokens.token_masks import ProcessingClass


def with_tokens(picture: Picture, processing_class: ProcessingClass) -> Picture:
    """The picture with the tokens of each conversation, as ``apply_chat_template`` masks them.

    A template without marks has no token mask, so its picture stays unchanged.

    Raises:
        BadInput: the tokenizer is a slow one.

    """
    if not Template(picture.template).is_marked:
        return picture
    drawn = (_tokenized(each, processing_class, picture.template) for each in picture.conversations)
    return replace(picture, conversations=tuple(drawn))


def _tokenized(
    drawn: DrawnConversation, processing_class: ProcessingClass, template: str
) -> DrawnConversation:
    if drawn.raised:
        return drawn
    try:
        mask = token_mask(processing_class, Conversation.from_json(drawn.data), template)
    except BadInput as error:
        return replace(drawn, remarks=(error.message,))
    if mask.text != drawn.text:
        return replace(drawn, remarks=("the tokenizer gets a different text",))
    faults = faults_in(mask)
    edges = {at for span in mask.spans for at in span}
    tokens = tuple(
        PrintedToken(start, end, trained, any(start < at < end for at in edges))
        for (start, end), trained in zip(mask.offsets, mask.trained, strict=True)
    )
    return replace(drawn, tokens=tokens, remarks=tuple(fault.message for fault in faults))
