"""The two questions, and where our answers are not TRL's."""

import pytest
from offline_tokenizers import byte_level, byte_level_crossing
from processors import VisionProcessor

import rewriter
from rewriter import is_chat_template_prefix_preserving, is_chat_template_stop_token_trained
from rewriter.carriers.packages import read_package
from rewriter.engine.families import load_catalog

TURN = (
    "{% for m in messages %}<|{{ m.role }}|>{% if m.role == 'assistant' %}"
    "{% generation %}{{ m.content }}{% for call in m.tool_calls or [] %}"
    "{{ call.function.name }}{{ call.function.arguments }}{% endfor %}<|end|>{% endgeneration %}"
    "{% else %}{{ m.content }}<|end|>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
END = "<|end|>{% endgeneration %}"
REFUSES_TOOLS = (
    "{% if messages[-1].role == 'tool' or messages[2].role == 'tool' %}"
    "{{ raise_exception('no tools') }}{% endif %}" + TURN
)
WANTS_TEXT = TURN.replace("{{ call.function.arguments", "{{ '' + call.function.arguments")
WANTS_BLOCKS = TURN.replace("{{ m.content }}", "{{ m.content[0]['text'] + '' }}")
SAYS_THE_END_LATER = (
    "{% for m in messages %}{{ '<|end|>' if loop.index0 }}{% if m.role == 'assistant' %}"
    "{% generation %}{{ m.content }}{% endgeneration %}{% else %}{{ m.content }}{% endif %}"
    "{% endfor %}"
)
REFUSES_BLOCKS = TURN.replace("{{ m.content", "{{ '' + m.content")
STATED = {"<|assistant|>", "<|user|>", "<|tool|>", "<|end|>"}


def tokenizer(source: str, kind=byte_level):
    made = kind("".join(sorted(STATED)) + source)
    made.chat_template = source
    return made


def edited(source: str, old: str, new: str) -> str:
    assert source.count(old) == 1
    return source.replace(old, new)


# Prefixes.


@pytest.mark.parametrize("source", [TURN, WANTS_TEXT, WANTS_BLOCKS, REFUSES_BLOCKS])
def test_a_call_that_stays_as_it_was_preserves_the_prefix(source):
    assert is_chat_template_prefix_preserving(tokenizer(source)) is True
    assert is_chat_template_prefix_preserving(VisionProcessor(tokenizer(source))) is True


@pytest.mark.parametrize("source", [TURN, WANTS_TEXT, WANTS_BLOCKS, REFUSES_BLOCKS])
def test_a_call_that_changes_once_the_result_follows_does_not(source):
    changing = edited(source, "{% for call", "{{ '!' if loop.last }}{% for call")
    assert is_chat_template_prefix_preserving(tokenizer(changing)) is False
    assert is_chat_template_prefix_preserving(VisionProcessor(tokenizer(changing))) is False


def test_the_tokens_count_and_not_the_text():
    source = "{% for m in messages %}{{ m.role }}\n{% endfor %}"
    assert is_chat_template_prefix_preserving(tokenizer(source)) is True
    assert is_chat_template_prefix_preserving(tokenizer(source, byte_level_crossing)) is False


def test_a_template_that_refuses_tool_messages_has_none_to_preserve():
    assert is_chat_template_prefix_preserving(tokenizer(REFUSES_TOOLS)) is True


def test_of_named_templates_the_default_one_is_asked():
    made = tokenizer(TURN)
    made.chat_template = {"default": TURN, "other": "{{ messages | length }}"}
    assert is_chat_template_prefix_preserving(made) is True
    made.chat_template = {"default": "{{ messages | length }}", "other": TURN}
    assert is_chat_template_prefix_preserving(made) is False


# The stop token.


@pytest.mark.parametrize("source", [TURN, WANTS_TEXT, WANTS_BLOCKS, REFUSES_BLOCKS, REFUSES_TOOLS])
def test_a_turn_end_in_the_mask_is_trained(source):
    assert is_chat_template_stop_token_trained(tokenizer(source)) is True
    assert is_chat_template_stop_token_trained(VisionProcessor(tokenizer(source))) is True


def test_a_template_may_be_given_beside_the_tokenizer():
    made = tokenizer("{{ messages | length }}")
    assert is_chat_template_stop_token_trained(made) is False
    assert is_chat_template_stop_token_trained(made, TURN) is True
    assert is_chat_template_stop_token_trained(made, chat_template=TURN) is True


@pytest.mark.parametrize(
    "source",
    [
        # outside the mask
        edited(TURN, END, "{% endgeneration %}<|end|>"),
        # printed by the message that follows
        SAYS_THE_END_LATER,
        # not there
        edited(TURN, END, "{% endgeneration %}"),
        # no token of its own
        edited(TURN, END, "###{% endgeneration %}"),
        # no mask
        edited(edited(TURN, END, "<|end|>"), "{% generation %}", ""),
        # a mark in a comment
        edited(edited(TURN, END, "<|end|>"), "{% generation %}", "{# {% generation %} #}"),
        # whatever it is given
        "{% generation %}{{ raise_exception('no') }}{% endgeneration %}",
    ],
)
def test_a_turn_end_that_is_not_in_the_mask_is_not_trained(source):
    assert is_chat_template_stop_token_trained(tokenizer(source)) is False


def test_whitespace_after_the_turn_end_does_not_hide_it():
    source = edited(TURN, END, "<|end|>\n{% endgeneration %}")
    assert is_chat_template_stop_token_trained(tokenizer(source)) is True


# Both of these TRL takes for trained.


def test_the_next_turn_s_header_in_the_mask_does_not_stand_in_for_the_turn_end():
    source = edited(TURN, END, "{% endgeneration %}<|end|>")
    header = "<|{{ m.role }}|>"
    source = "bos" + edited(source, header, "{% generation %}" + header + "{% endgeneration %}")
    assert is_chat_template_stop_token_trained(tokenizer(source)) is False


def test_a_turn_end_that_is_lost_after_tool_calls_is_not_trained():
    lost = "{% endgeneration %}{% if m.tool_calls %}<|end|>{% else %}{% generation %}" + END
    source = edited(TURN, END, lost + "{% endif %}")
    assert is_chat_template_stop_token_trained(tokenizer(source)) is False


@pytest.mark.parametrize(
    "question", [is_chat_template_prefix_preserving, is_chat_template_stop_token_trained]
)
def test_without_a_template_there_is_nothing_to_ask(question):
    made = tokenizer(TURN)
    made.chat_template = None
    with pytest.raises(rewriter.BadInput, match="has no chat template"):
        question(made)


# The templates of trl 1.16.0. Expected is what TRL's own functions say of each with a byte-level
# tokenizer; where they raise or cannot tell, what they say of a processor, or of each turn by hand.

ENDS_THE_CONVERSATION = {"phi3", "phi3_training", "phi3_5", "phi3_5_training"}
DROPS_EMPTY_THOUGHTS = {"qwen3"}
MARKED_BY_ITS_VENDOR = {"lfm2_2_5", "lfm2_2_5_v2", "lfm2_2_5_vl"}


@pytest.fixture(scope="module")
def templates() -> dict[str, str]:
    catalog = load_catalog("trl-1.16.0")
    texts = read_package(catalog.package, catalog.files())
    return {name.removesuffix(".jinja"): text for name, text in texts.items()}


def test_trl_s_templates_preserve_prefixes_where_trl_says_so(templates, fixed_date):
    broken = {
        name
        for name, text in templates.items()
        if not is_chat_template_prefix_preserving(byte_level(text))
    }
    assert broken == ENDS_THE_CONVERSATION | DROPS_EMPTY_THOUGHTS


def test_trl_s_training_variants_train_the_stop_token_and_no_original_does(templates, fixed_date):
    trained = {
        name
        for name, text in templates.items()
        if is_chat_template_stop_token_trained(byte_level(text))
    }
    variants = {name for name in templates if name.endswith("_training")}
    assert len(variants) == 31
    assert trained == variants | MARKED_BY_ITS_VENDOR


# Its turns print no end: the model stops by writing the header of whoever speaks next.
ENDS_NO_TURN = {"glm4moe"}


@pytest.mark.parametrize("policy", ["strict", "trl"])
def test_our_variants_train_the_stop_token_where_the_template_prints_one(
    policy, seed_texts, fixed_date
):
    untrained = set()
    for family in load_catalog("trl-1.4.0").families:
        if family.recipe:
            variant = rewriter.rewrite(
                seed_texts[family.file],
                policy=policy,
                family=f"trl-1.4.0/{family.name}",
                verify=False,
            )
            if not is_chat_template_stop_token_trained(byte_level(variant.template)):
                untrained.add(family.name)
    assert untrained == ENDS_NO_TURN
