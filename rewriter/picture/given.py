"""The arguments of `rewriter.show`: a template or a tokenizer, and conversations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rewriter.arguments import names_given, source_given
from rewriter.errors import BadInput
from rewriter.tokens.token_masks import as_applied, fast_tokenizer_of, template_of
from rewriter.tracing.conversation import Conversation, are_messages
from rewriter.tracing.probes import SPECIAL_TOKENS

if TYPE_CHECKING:
    from rewriter.tokens.token_masks import ProcessingClass

Said = Sequence[Mapping[str, Any]] | Sequence[Conversation]


@dataclass(frozen=True)
class ToDraw:
    """A template, the conversations to draw (``None`` if none are given), and their variables.

    ``tokenizer`` gives the tokens, if there is one.
    """

    source: str
    conversations: tuple[Conversation, ...] | None
    variables: Mapping[str, Any]
    tokenizer: ProcessingClass | None


def given_to_draw(
    template: str | ProcessingClass,
    messages: Said | None,
    tools: Sequence[Mapping[str, Any]] | None,
    tokenizer: ProcessingClass | None,
) -> ToDraw:
    """Read the arguments; a tokenizer adds its variables, as in ``apply_chat_template``.

    Raises:
        BadInput: the messages are invalid; the tokenizer has no template, or is slow.

    """
    source = source_given(template) if isinstance(template, str) else template_of(template)
    carrier = tokenizer if isinstance(template, str) else tokenizer or template
    conversations = None if messages is None else _conversations(messages, tools)
    if carrier is None:
        return ToDraw(source, conversations, SPECIAL_TOKENS, None)
    fast = fast_tokenizer_of(carrier)
    if conversations is not None:
        conversations = tuple(as_applied(fast, each) for each in conversations)
    return ToDraw(source, conversations, dict(fast.special_tokens_map), carrier)


def _conversations(
    messages: Said, tools: Sequence[Mapping[str, Any]] | None
) -> tuple[Conversation, ...]:
    said: tuple[Any, ...] = names_given(messages, "messages") or ()
    given = [each for each in said if isinstance(each, Conversation)]
    if given and len(given) == len(said):
        return tuple(given)
    plain = [each for each in said if not isinstance(each, Conversation)]
    if given or not are_messages(plain):
        raise BadInput(
            "these are not messages",
            hint='give one conversation, such as [{"role": "user", "content": "…"}]',
        )
    return (Conversation(tuple(plain), tools=tools),)
