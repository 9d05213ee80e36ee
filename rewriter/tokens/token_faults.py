"""Where a correct template still gets a wrong token mask, and why.

A template masks characters, a trainer masks tokens. transformers takes every token that overlaps a
span, which is wrong for a token that crosses the mask's edge. Before 5.24, tokenizers (unlike
processors) looked up the tokens of each span's first and last character instead, which is also
wrong if there is no such token (transformers #47325):
https://github.com/huggingface/transformers/issues/47325
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

from rewriter.tokens.token_masks import TokenMask, token_mask
from rewriter.tracing.conversation import Conversation

if TYPE_CHECKING:
    from rewriter.tokens.token_masks import ProcessingClass

_KNOWN: Final = "transformers #47325, fixed in 5.24"


@dataclass(frozen=True, slots=True)
class TokenFault:
    """A token on the wrong side of the mask's edge, or on both sides.

    Attributes:
        token: its index.
        text: the characters that it stands for.
        count: how many tokens, from this one on, are wrong for the same reason.
        message: what is wrong and why, in a sentence.

    """

    token: int
    text: str
    count: int
    message: str


def token_faults(
    processing_class: ProcessingClass, conversation: Conversation, source: str | None = None
) -> tuple[TokenFault, ...]:
    """Where the token mask differs from the template's spans.

    Tokens that stand for no character are ignored.

    Args:
        processing_class: a fast tokenizer, or a processor that has one.
        conversation: the conversation to render; raises what the template raises.
        source: the template to use instead of the processing class's own.

    Raises:
        BadInput: as `rewriter.tokens.token_masks.token_mask` does.

    """
    return faults_in(token_mask(processing_class, conversation, source))


def faults_in(mask: TokenMask) -> tuple[TokenFault, ...]:
    """Where the tokens in ``mask`` differ from its spans, in the order of the text."""
    found = [*_crossing(mask), *_misplaced(mask)]
    return tuple(sorted(found, key=lambda fault: fault.token))


def _crossing(mask: TokenMask) -> Iterator[TokenFault]:
    for token, trained in enumerate(mask.trained):
        sides = _sides(mask, token)
        if len(sides) > 1:
            parts = ", ".join(f"{text!r} {_where(inside)}" for text, inside in sides)
            yield TokenFault(
                token,
                mask.text_of(token),
                1,
                f"token {token} {mask.text_of(token)!r} crosses the mask's edge: the template has "
                f"{parts} the mask, the token is {_where(trained)} it",
            )


def _misplaced(mask: TokenMask) -> Iterator[TokenFault]:
    wrong = [
        (token, (trained, _reason(mask, token)))
        for token, trained in enumerate(mask.trained)
        if [inside for _, inside in _sides(mask, token)] == [not trained]
    ]
    for (trained, reason), group in groupby(wrong, key=lambda pair: pair[1]):
        tokens = [token for token, _ in group]
        first, count = tokens[0], len(tokens)
        subject = f"token {first} {mask.text_of(first)!r}"
        if count > 1:
            subject += f" and {count - 1} after it"
        yield TokenFault(
            first,
            mask.text_of(first),
            count,
            f"{subject} should be {_where(not trained)} the mask and "
            f"{'are' if count > 1 else 'is'} not: {reason}",
        )


def _sides(mask: TokenMask, token: int) -> list[tuple[str, bool]]:
    """The stretches of a token's characters inside and outside of spans."""
    places = groupby(range(*mask.offsets[token]), key=lambda at: _is_marked(mask, at))
    return [("".join(mask.text[at] for at in row), inside) for inside, row in places]


def _is_marked(mask: TokenMask, character: int) -> bool:
    return any(start <= character < end for start, end in mask.spans)


def _where(inside: bool) -> str:
    return "inside" if inside else "outside"


def _reason(mask: TokenMask, token: int) -> str:
    """Why a token is wrongly in the mask, or wrongly missing."""
    reason = _overrun(mask, token) if mask.trained[token] else _loss(mask, token)
    return reason or "transformers maps it this way, for an unknown reason"


def _overrun(mask: TokenMask, token: int) -> str | None:
    for start, end in mask.spans:
        if start > mask.offsets[token][0] or mask.token_at(start) is None:
            break
        last = mask.token_at(end - 1)
        span = "a span" if start < end else "an empty span"
        if last is None:
            return (
                f"{span} ends on {mask.text[end - 1]!r}, which has no token, so the mask runs on "
                f"to the end of the text ({_KNOWN})"
            )
        if last == 0:
            return (
                f"{span} ends on token 0, which is mistaken for no token, so the mask runs on to "
                f"the end of the text ({_KNOWN})"
            )
    if any(start == end for start, end in mask.spans):
        return "there is an empty span within it"
    return None


def _loss(mask: TokenMask, token: int) -> str | None:
    first, after = mask.offsets[token]
    for start, end in mask.spans:
        if start > first:
            break
        if mask.token_at(start) is None:
            return (
                f"a span starts on {mask.text[start : start + 1]!r}, which has no token, so it and "
                f"all after it are left out ({_KNOWN})"
            )
        if first < end == after and mask.token_at(end - 1) != token:
            return (
                f"a span ends on {mask.text[end - 1]!r}, which consists of several tokens, and "
                "only the first of them is taken"
            )
    return None
