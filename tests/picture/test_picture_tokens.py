"""A picture told in tokens."""

from copy import copy

import pytest

import rewriter
from rewriter.picture.picture import DrawnConversation
from tests.tokens.offline_tokenizers import byte_level, byte_level_crossing
from tests.verification.chatml import ORIGINAL, VARIANT

CHAT = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]


def shown(tokenizer) -> DrawnConversation:
    return rewriter.show(tokenizer, CHAT, verify=False, limits=None).picture.conversations[0]


def test_a_tokenizer_without_a_template_is_bad_input():
    tokenizer = byte_level("<s>")
    with pytest.raises(rewriter.BadInput):
        rewriter.show(_without_template(tokenizer), CHAT)


def test_what_is_no_message_is_bad_input():
    with pytest.raises(rewriter.BadInput):
        rewriter.show(ORIGINAL, ["Hi"])


def test_tokens_stand_for_the_text_and_carry_transformers_mask():
    tokenizer = byte_level(VARIANT)
    conversation = shown(tokenizer)
    masked = tokenizer.apply_chat_template(
        CHAT, return_dict=True, return_assistant_tokens_mask=True
    )
    assert [token.trained for token in conversation.tokens] == list(
        map(bool, masked["assistant_masks"])
    )
    assert not any(token.is_cut for token in conversation.tokens)


def test_a_template_without_marks_is_shown_in_the_tokens_of_its_variant():
    conversation = shown(byte_level(ORIGINAL))
    trained = "".join(
        conversation.text[token.start : token.end] for token in conversation.tokens if token.trained
    )
    assert trained == "Hello<|im_end|>"


def test_a_token_that_an_edge_of_the_mask_cuts_is_marked_and_remarked_on():
    # The header ends in a line break, and this tokenizer joins one with the letter after it.
    conversation = shown(byte_level_crossing(ORIGINAL))
    cut = [token for token in conversation.tokens if token.is_cut]
    assert [conversation.text[token.start : token.end] for token in cut] == ["\nH"]
    assert len(conversation.remarks) == 1


def _without_template(tokenizer):
    bare = copy(tokenizer)
    bare.chat_template = None
    return bare
