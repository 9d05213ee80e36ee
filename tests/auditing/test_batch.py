"""What the function that engines run tells of single rows."""

import json
from dataclasses import replace
from functools import cache

import pytest
from tokens.offline_tokenizers import KINDS, byte_level, byte_level_crossing

import rewriter
from rewriter.auditing.batch import FLAGS, NUMBERS
from rewriter.picture.drawing import Drawing
from rewriter.picture.picture import GENERATED, share_of
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.fields import LISTED
from rewriter.tracing.probes import SPECIAL_TOKENS
from tests.auditing.conversations import FAMILIES, conversations
from tests.verification.chatml import ORIGINAL, VARIANT

ASKED = {"role": "user", "content": "what now"}
SAID = {"role": "assistant", "content": "this"}
CALLED = {
    "role": "assistant",
    "content": "",
    "tool_calls": [{"function": {"name": "look", "arguments": {"at": "home"}}}],
}
# Prints what is said, and neither thoughts nor calls nor tools; ends nothing.
PLAIN = (
    "{% for m in messages %}<|{{ m.role }}|>{% if m.role == 'assistant' %}"
    "{% generation %}{{ m.content }}{% endgeneration %}"
    "{% elif m.role == 'user' %}{{ m.content }}{% endif %}{% endfor %}"
)


@cache
def training(source=VARIANT, **options):
    return rewriter.audit.training(source, limits=None, **options)


@cache
def family(name):
    return rewriter.rewrite(FAMILIES[name], limits=None).template


def counting(asked, tokenizer, length=None):
    """The same, in tokens."""
    variables = dict(tokenizer.special_tokens_map)
    return replace(asked, tokenizer=tokenizer, variables=variables, max_length=length)


@pytest.fixture(scope="module")
def chatml():
    return training()


def figures(messages, asked, **row):
    found = rewriter.audit.batch([{"messages": messages, **row}], asked)
    return {name: value for name, (value,) in found.items()}


def given(messages, asked, **row):
    """The ids of the notices that are given of a conversation."""
    found = figures(messages, asked, **row)
    return {str(each) for each in FLAGS if found[each]}


def test_of_an_ordinary_conversation_nothing_is_noticed(chatml):
    assert given([ASKED, SAID, ASKED, CALLED], chatml) == set()


def test_a_row_has_a_number_or_a_flag_in_every_column(chatml):
    found = rewriter.audit.batch([{"messages": [ASKED, SAID]}, {"messages": 3}], chatml)
    assert {*NUMBERS, *FLAGS} < set(found)
    assert {len(values) for values in found.values()} == {2}
    json.dumps(found)


def test_columns_and_rows_give_the_same(chatml):
    chats = conversations(5)
    rows = [{"messages": chat} for chat in chats]
    assert rewriter.audit.batch(rows, chatml) == rewriter.audit.batch({"messages": chats}, chatml)


def test_what_is_trained_is_told_by_part():
    thoughtful = {**SAID, "reasoning_content": "well"}
    called = {**CALLED, "content": "let me"}
    found = figures([ASKED, thoughtful, ASKED, called], training())
    assert found["reasoning"] == len("<think>\nwell\n</think>\n\n")
    assert found["content"] == len("this") + len("let me")
    assert found["calls"] == len('\n<tool_call>\nlook {"at": "home"}\n</tool_call>')
    assert found["ends"] == 2 * len("<|im_end|>")
    parts = ("reasoning", "content", "calls", "ends")
    assert found["trained"] == sum(found[part] for part in parts)


@pytest.mark.transformers_version
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", FAMILIES)
def test_as_many_tokens_are_trained_as_transformers_masks(name, kind):
    tokenizer = KINDS[kind](family(name))
    chats = conversations(10, seed=1)
    rows = [{"messages": chat} for chat in chats]
    asked = counting(training(family(name), verify=False), tokenizer)
    found = rewriter.audit.batch(rows, asked)
    for at, chat in enumerate(chats):
        encoded = tokenizer.apply_chat_template(
            chat, return_dict=True, return_assistant_tokens_mask=True
        )
        assert found["length"][at] == len(encoded["input_ids"])
        assert found["trained"][at] == sum(encoded["assistant_masks"])


@pytest.mark.parametrize("name", FAMILIES)
def test_parts_are_those_that_provenance_tells(name):
    asked = training(family(name), verify=False)
    drawing = Drawing(family(name), LISTED, None)
    for chat in conversations(60, seed=2):
        found = figures(chat, asked)
        share = share_of([drawing.conversation("", Conversation(chat, flags=SPECIAL_TOKENS))])
        trained = {part: count for part, count, _ in share.parts}
        told = [found[each] for each in ("reasoning", "content", "calls", "ends")]
        assert told == [trained.get(part, 0) for part in GENERATED]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"messages": "nope"}, "not JSON"),
        ({"messages": []}, "empty"),
        ({"messages": [3]}, "messages[0] is not a message: int"),
        ({"messages": [{"role": 1}]}, "messages[0] has no role"),
        ({"messages": None}, "nothing"),
        ({"messages": [ASKED], "tools": "{"}, "tools is text"),
        ({"messages": [ASKED], "tools": 3}, "tools is not a list"),
    ],
)
def test_what_is_no_conversation_is_said_so_with_the_reason(chatml, row, reason):
    found = rewriter.audit.batch([row], chatml)
    assert found["N016"] == [True]
    assert reason in found["reason"][0]


def test_a_row_on_which_the_template_raises_has_what_it_raises(chatml):
    found = figures([ASKED, {"role": "narrator", "content": "it rains"}], chatml)
    assert found["N017"]
    assert "no such role: narrator" in found["reason"]


def test_a_message_of_megabytes_is_counted(chatml):
    found = figures([ASKED, {**SAID, "content": "x" * 5_000_000}], chatml)
    assert found["content"] == 5_000_000


def test_nothing_is_trained_where_nobody_answers(chatml):
    assert given([ASKED], chatml) == {"N018"}


def test_the_stop_is_not_trained_where_it_is_cut_off():
    tokenizer = byte_level(VARIANT)
    whole = figures([ASKED, SAID], counting(training(), tokenizer))
    # One token for each byte, but for the turn's end, after which there is a line break.
    just = whole["length"] - 1
    assert given([ASKED, SAID], counting(training(), tokenizer, just)) == set()
    cut = figures([ASKED, SAID], counting(training(), tokenizer, just - 1))
    assert cut["N019"]
    assert (cut["ends"], cut["trained"], cut["seen"]) == (0, len("this"), just - 1)
    assert given([ASKED, SAID], counting(training(), tokenizer, 5)) == {"N018", "N019"}


def test_the_stop_is_not_trained_where_none_is_printed():
    assert given([ASKED, SAID], training(PLAIN)) == {"N020"}


def test_a_variant_that_prints_another_text_is_noticed(chatml):
    other = replace(chatml, template=replace(chatml.template, compared=ORIGINAL + "!"))
    same = replace(chatml, template=replace(chatml.template, compared=ORIGINAL))
    assert given([ASKED, SAID], other) == {"N021"}
    assert given([ASKED, SAID], same) == set()


@pytest.mark.parametrize(
    ("messages", "row", "name"),
    [
        ([ASKED, {**SAID, "reasoning_content": "well"}], {}, "reasoning_content"),
        ([ASKED, {**SAID, **CALLED, "content": "this"}], {}, "tool_calls"),
        ([{"role": "system", "content": "be brief"}, ASKED, SAID], {}, "content of system"),
        ([ASKED, SAID], {"tools": [{"function": {"name": "look"}}]}, "tools"),
        ([ASKED, SAID], {"tools": '[{"function": {"name": "look"}}]'}, "tools"),
    ],
)
def test_what_is_said_and_not_printed_is_named(messages, row, name):
    found = figures(messages, training(PLAIN), **row)
    assert name in found["unprinted"]
    assert found["N022"]


def test_a_thought_within_the_content_that_is_left_out_is_named():
    short = VARIANT.replace(
        "{{- said }}\n        {%- for", "{{- said.split('</think>')[-1] }}\n        {%- for"
    )
    assert short != VARIANT
    message = {**SAID, "content": "<think>well</think>this"}
    found = figures([ASKED, message], training(short, verify=False))
    assert found["unprinted"] == ["thought in content"]


def test_what_only_tells_of_a_message_may_be_left_out(chatml):
    told = {**SAID, "timestamp": "noon", "name": "Ann", "weight": 1}
    found = figures([ASKED, told], chatml)
    assert found["unprinted"] == ["timestamp"]
    assert not found["N022"]


def test_arguments_that_are_strings_are_noticed(chatml):
    call = {"function": {"name": "look", "arguments": '{"at": "home"}'}}
    assert given([ASKED, {**CALLED, "tool_calls": [call]}], chatml) == {"N023"}


def test_a_role_that_the_template_does_not_name_is_noticed():
    found = figures([{"role": "narrator", "content": ""}, ASKED, SAID], training(PLAIN))
    assert found["N024"]
    assert found["roles"] == ["narrator"]


def test_a_token_that_an_edge_cuts_is_noticed():
    # A line's end and the letter after it are one token, and the mask begins between them.
    asked = counting(training(), byte_level_crossing(VARIANT))
    assert "N025" in given([ASKED, SAID], asked)
    assert "N025" not in given([ASKED, {**SAID, "content": "(this)"}], asked)


def test_two_bos_are_noticed():
    source = "{{ bos_token }}" + PLAIN.replace("<|{{ m.role }}|>", "")
    asked = training(byte_level(source))
    assert "N015" in given([{**ASKED, "content": "<s>what"}, SAID], asked)
    assert "N015" not in given([ASKED, SAID], asked)


def test_of_a_completion_the_prompt_is_not_trained(chatml):
    row = {"prompt": [ASKED, SAID, ASKED], "completion": [SAID]}
    found = rewriter.audit.batch([row], chatml)
    assert found["trained"] == [len("this<|im_end|>")]


def test_prompt_and_completion_may_be_what_is_said(chatml):
    found = rewriter.audit.batch([{"prompt": "what now", "completion": "this"}], chatml)
    assert found["trained"] == [len("this<|im_end|>")]
