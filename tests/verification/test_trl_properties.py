"""What TRL asks of its training templates, asked of ours over every family of trl 1.16.0.

By tokens, with a tokenizer built for each. TRL's own functions are asked in `test_trl_itself`;
text and mask beside the hand-written variants are in `test_later_catalog`.
"""

from itertools import cycle

import pytest
from rendering import done_or_raised
from seed import BYE, CALLING, HI, PLAIN, TOOLS, assistant
from test_later_catalog import in_parts

import rewriter
from rewriter.engine.families import load_catalog
from rewriter.engine.transforms import transform_named
from tests.tokens.offline_tokenizers import byte_level_merging

FAMILIES = {f.name: f for f in load_catalog("trl-1.16.0").families if f.recipe}
ANSWERS = ("Hello.", "So long.")
CHATS = ([HI, assistant(ANSWERS[0])], [HI, assistant(ANSWERS[0]), BYE, assistant(ANSWERS[1])])
# They end the conversation and not the turn: what follows takes the place of the end.
ENDS_THE_CONVERSATION = {"phi3", "phi3_5"}
# Their recipes change on purpose what is printed, as the hand-written variants do.
DIFFERS = {
    f.name
    for f in FAMILIES.values()
    if any(transform_named(name).contract.relation == "differs" for name in f.recipe)
}

pytestmark = [
    pytest.mark.usefixtures("fixed_date"),
    pytest.mark.parametrize("name", FAMILIES),
]


@pytest.fixture
def tokenizers(name, later_texts, trl_variants):
    """Two that are alike but for their templates: the original, and ours."""
    made = [byte_level_merging(later_texts[FAMILIES[name].file]) for _ in range(2)]
    made[1].chat_template = trl_variants[name]
    return tuple(made)


def test_a_call_keeps_its_tokens_once_its_result_follows(name, tokenizers):
    kept = rewriter.is_chat_template_prefix_preserving(tokenizers[1])
    assert kept is (name not in ENDS_THE_CONVERSATION)


def test_the_stop_token_is_trained(name, tokenizers):
    assert rewriter.is_chat_template_stop_token_trained(tokenizers[1])


def test_it_supports_tools_where_the_original_does(name, tokenizers):
    before, after = map(rewriter.supports_tool_calling, tokenizers)
    assert before == after


def test_a_conversation_has_the_tokens_that_it_had(name, tokenizers):
    chats = (*PLAIN.values(), *CALLING.values())
    for messages, prompted in zip(chats, cycle((False, True)), strict=False):
        before, after = (tokens_or_raised(it, messages, prompted) for it in tokenizers)
        if isinstance(before, list) and name not in DIFFERS:
            assert after == before


def tokens_or_raised(tokenizer, messages, prompted):
    options = {"tools": TOOLS, "add_generation_prompt": prompted, "return_dict": False}
    return done_or_raised(lambda: tokenizer.apply_chat_template(messages, **options))


@pytest.mark.parametrize("messages", CHATS, ids=["one turn", "two turns"])
def test_the_mask_holds_each_answer_and_nothing_of_a_question(name, messages, tokenizers):
    tokenizer = tokenizers[1]
    in_blocks = done_or_raised(
        lambda: "Hi" not in tokenizer.apply_chat_template(messages, tokenize=False)
    )
    said = tokenizer.apply_chat_template(
        in_parts(messages) if in_blocks else messages,
        return_assistant_tokens_mask=True,
        return_dict=True,
    )
    pairs = list(zip(said["input_ids"], said["assistant_masks"], strict=True))
    inside = tokenizer.decode([token for token, masked in pairs if masked])
    outside = tokenizer.decode([token for token, masked in pairs if not masked])
    for answer in ANSWERS[: len(messages) // 2]:
        assert inside.count(answer) == 1
        assert answer not in outside
    for question in (HI, BYE)[: len(messages) // 2]:
        assert question["content"] in outside
        assert question["content"] not in inside
