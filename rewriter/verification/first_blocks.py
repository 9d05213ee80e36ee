"""A block before all text, which gets no span in transformers before 5.4."""

from __future__ import annotations

from typing import Any, Final

from rewriter.conversations.rendering import Rendered, Spans, render
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.installed_transformers import sees_first_block
from rewriter.tracing.render import TracedTemplate

FIRST_BLOCK: Final = "a generation block that stands before all text has a span"
_CONTENTS: Final[tuple[Any, ...]] = ("a", [{"type": "text", "text": "a"}])


def is_first_lost(traced: Spans, rendered: Spans) -> bool:
    """Whether the installed transformers loses the first span that tracing finds."""
    return not sees_first_block() and traced != rendered and traced[1:] == rendered


def loses_first_block(source: str) -> bool:
    """Whether a template loses the mask of an answer at the start of a conversation."""
    if sees_first_block():
        return False
    template = TracedTemplate(source)
    for content in _CONTENTS:
        conversation = Conversation(({"role": "assistant", "content": content},))
        trace = template.attempted(conversation.messages, **conversation.options)
        printed = render(source, conversation)
        if trace and isinstance(printed, Rendered) and is_first_lost(trace.generated, printed.mask):
            return True
    return False
