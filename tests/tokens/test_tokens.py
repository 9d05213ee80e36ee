from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from mapping import by_edges
from offline_tokenizers import (
    KINDS,
    byte_level,
    byte_level_crossing,
    byte_level_merging,
    byte_level_trimming,
    dropping_whitespace,
    metaspace,
    special_tokens,
)
from processors import VisionProcessor
from releases import (
    DROPS_NONE,
    MASKS_BY_OVERLAP,
    PROCESSORS_MASK_BY_OVERLAP,
    RELEASE,
    sees_first_block,
)
from rendering import Rendered, printed_or_raised
from seed import CALLING, CALLING_WITH_TEXT, PLAIN, TOOLS
from transformers import ByT5Tokenizer, PreTrainedTokenizerFast

import rewriter
from rewriter.engine.families import load_catalog
from rewriter.tokens.token_faults import token_faults
from rewriter.tokens.token_masks import token_mask
from rewriter.tracing.conversation import Conversation
from rewriter.turns.parts import Policy

# Prints what is said and nothing else, so that every edge is where a test puts it.
SAID = (
    "{% for m in messages %}{% if m.role == 'assistant' %}{% generation %}{{ m.content }}"
    "{% endgeneration %}{% else %}{{ m.content }}{% endif %}{% endfor %}"
)
SAID_IN_BLOCKS = SAID.replace("m.content", "m.content[0].text")
SPECIAL = {"bos_token": "<s>", "eos_token": "</s>"}
CONVERSATIONS = {
    **{name: Conversation(messages) for name, messages in PLAIN.items()},
    **{
        name: Conversation(messages, tools=TOOLS)
        for name, messages in {**CALLING, **CALLING_WITH_TEXT}.items()
    },
}
FAMILIES = {f.name: f for f in load_catalog("trl-1.4.0").families if f.recipe}


def chat(*said: tuple[str, str]) -> Conversation:
    return Conversation([{"role": role, "content": content} for role, content in said])


def in_blocks(*said: tuple[str, str]) -> Conversation:
    """The same as processors want it; ``SAID_IN_BLOCKS`` prints it."""
    return Conversation(
        [{"role": role, "content": [{"type": "text", "text": text}]} for role, text in said]
    )


def user(content: str) -> tuple[str, str]:
    return "user", content


def assistant(content: str) -> tuple[str, str]:
    return "assistant", content


def faults(kind: Callable[[str], PreTrainedTokenizerFast], *said: tuple[str, str]) -> list[str]:
    return [fault.message for fault in token_faults(kind(SAID), chat(*said))]


def faults_by_edges(
    kind: Callable[[str], PreTrainedTokenizerFast], *said: tuple[str, str]
) -> list[str]:
    """Those that a tokenizer has before transformers 5.24."""
    return faults(lambda source: by_edges(kind(source)), *said)


# What is right.


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "said",
    [
        [user("a b"), assistant("c d"), user("e")],
        [user("a"), assistant("b"), assistant("c"), user("d")],
        [user("ab"), assistant(""), user("c")],
        [user("a"), assistant("é!"), user("b")],
        [user("é"), assistant("b")],
        [assistant("ab"), user("c")],
        [user("a")],
    ],
)
def test_edges_that_no_token_crosses_are_no_fault(kind, said):
    assert faults(KINDS[kind], *said) == []
    assert faults_by_edges(KINDS[kind], *said) == []


def test_a_token_may_cross_from_one_span_into_the_next():
    assert faults(byte_level_crossing, user("a"), assistant("\n"), assistant("b")) == []


@pytest.mark.transformers_version
def test_a_field_that_is_none_is_dropped_where_transformers_drops_it():
    source = "{{ 'x' if messages[0].content is defined else 'y' }}"
    source += "{% generation %}z{% endgeneration %}"
    conversation = Conversation([{"role": "user", "content": None}])
    mask = token_mask(byte_level(source), conversation)
    assert mask.text == ("yz" if DROPS_NONE else "xz")
    assert mask.trained == (False, True)


# Tokenizers at fault, each on the smallest conversation that shows it.


def test_a_merge_across_the_edge_trains_what_is_outside():
    (fault,) = token_faults(byte_level_crossing(SAID), chat(user("a\n"), assistant("b")))
    assert fault == rewriter.TokenFault(
        token=1,
        text="\nb",
        count=1,
        message="token 1 '\\nb' crosses the mask's edge: the template has '\\n' outside, 'b' "
        "inside the mask, the token is inside it",
    )


# Those of #47325, which transformers 5.24 mended.


@sees_first_block
def test_a_span_that_ends_on_token_0_runs_on_to_the_end():
    (fault,) = token_faults(by_edges(byte_level(SAID)), chat(assistant("a"), user("bc")))
    assert fault == rewriter.TokenFault(
        token=1,
        text="b",
        count=2,
        message="token 1 'b' and 1 after it should be outside the mask and are not: a span ends on "
        "token 0, which is mistaken for no token, so the mask runs on to the end of the text "
        "(transformers #47325, fixed in 5.24)",
    )


@pytest.mark.parametrize("kind", [dropping_whitespace, byte_level_trimming])
def test_a_span_that_ends_on_a_character_of_no_token_runs_on_to_the_end(kind):
    (message,) = faults_by_edges(kind, user("a"), assistant("b "), user("c"))
    assert message.endswith(
        "'c' should be outside the mask and is not: a span ends on ' ', which has no token, "
        "so the mask runs on to the end of the text (transformers #47325, fixed in 5.24)"
    )


@pytest.mark.parametrize("kind", [dropping_whitespace, byte_level_trimming])
def test_a_span_that_starts_on_a_character_of_no_token_is_lost_with_all_after_it(kind):
    (message,) = faults_by_edges(kind, user("a"), assistant(" b"), user("c"), assistant("d"))
    assert message.endswith(
        "'b' and 1 after it should be inside the mask and are not: a span starts on ' ', which "
        "has no token, so it and all after it are left out (transformers #47325, fixed in 5.24)"
    )


def test_an_empty_span_after_token_0_runs_on_to_the_end():
    (message,) = faults_by_edges(byte_level, user("a"), assistant(""), user("b"))
    assert "token 1 'b' should be outside the mask and is not: an empty span ends on" in message


def test_an_empty_span_within_a_token_trains_the_token():
    (message,) = faults_by_edges(byte_level_crossing, user("a\n"), assistant(""), user("b"))
    assert message == (
        "token 1 '\\nb' should be outside the mask and is not: there is an empty span within it"
    )


def test_a_last_character_of_several_tokens_is_trained_in_part():
    (message,) = faults_by_edges(byte_level, user("a"), assistant("é"), user("b"))
    assert message == (
        "token 2 'é' should be inside the mask and is not: a span ends on 'é', which consists "
        "of several tokens, and only the first of them is taken"
    )


def test_each_fault_of_a_conversation_is_told_in_order():
    said = [user("a\n"), assistant("b"), user("\n"), assistant("cé"), user("d")]
    messages = faults_by_edges(byte_level_crossing, *said)
    assert [message.split(" should")[0].split(" crosses")[0] for message in messages] == [
        "token 1 '\\nb'",
        "token 2 '\\nc'",
        "token 4 'é'",
    ]


class Inverting(PreTrainedTokenizerFast):
    def apply_chat_template(self, *args, **kwargs):
        given = super().apply_chat_template(*args, **kwargs)
        given["assistant_masks"] = [1 - trained for trained in given["assistant_masks"]]
        return given


def test_a_wrong_mask_is_told_even_if_it_is_not_known_why():
    backend = byte_level(SAID).backend_tokenizer
    tokenizer = Inverting(tokenizer_object=backend, chat_template=SAID)
    found = token_faults(tokenizer, chat(user("a"), assistant("b")))
    assert [fault.token for fault in found] == [0, 1]
    assert all("for an unknown reason" in fault.message for fault in found)


# Since transformers 5.18 processors, and since 5.24 tokenizers, map spans by overlap.


BY_EDGES_ONLY = [
    pytest.param(byte_level, [assistant("a"), user("b")], marks=sees_first_block),
    (dropping_whitespace, [user("a"), assistant("b "), user("c")]),
    (dropping_whitespace, [user("a"), assistant(" b"), user("c")]),
    (byte_level, [user("a"), assistant("é"), user("b")]),
]


@pytest.mark.transformers_version
@pytest.mark.parametrize(("kind", "said"), BY_EDGES_ONLY)
def test_a_processor_has_no_fault_where_its_tokenizer_has_one(kind, said):
    tokenizer = by_edges(kind(SAID_IN_BLOCKS))
    assert token_faults(tokenizer, in_blocks(*said)) != ()
    found = token_faults(VisionProcessor(tokenizer), in_blocks(*said))
    is_lost = not PROCESSORS_MASK_BY_OVERLAP and said[1] == assistant(" b")
    assert bool(found) is is_lost


@pytest.mark.transformers_version
@pytest.mark.parametrize(("kind", "said"), BY_EDGES_ONLY)
def test_the_tokenizer_itself_has_one_before_transformers_5_24_only(kind, said):
    assert bool(faults(kind, *said)) is not MASKS_BY_OVERLAP
    assert faults(kind, *said) == ([] if MASKS_BY_OVERLAP else faults_by_edges(kind, *said))


@pytest.mark.transformers_version
def test_a_merge_across_the_edge_is_a_processor_s_fault_too():
    processor = VisionProcessor(byte_level_crossing(SAID_IN_BLOCKS))
    (fault,) = token_faults(processor, in_blocks(user("a\n"), assistant("b"), user("c")))
    assert (fault.token, fault.text) == (1, "\nb")


# What cannot be asked.


class Upper(VisionProcessor):
    """Changes the text before it tokenizes, as those do that put in what an image becomes."""

    def __call__(self, text=None, **options):
        texts = [text] if isinstance(text, str) else text
        return super().__call__([each.upper() for each in texts], **options)


@pytest.mark.transformers_version
def test_a_processor_that_tokenizes_another_text_than_the_template_prints_is_refused():
    processor = Upper(byte_level(SAID_IN_BLOCKS))
    with pytest.raises(rewriter.BadInput, match="does not tokenize the text that the template"):
        token_faults(processor, in_blocks(user("a"), assistant("b"), user("c")))


@pytest.mark.transformers_version
@pytest.mark.skipif(RELEASE >= (5, 0), reason="it makes a mask of it")
def test_a_last_token_that_crosses_the_edge_is_refused_where_a_processor_makes_no_mask_of_it():
    processor = VisionProcessor(byte_level_crossing(SAID_IN_BLOCKS))
    with pytest.raises(rewriter.BadInput, match="begins before the generation block"):
        token_faults(processor, in_blocks(user("a\n"), assistant("b")))


def test_a_slow_tokenizer_is_refused():
    with pytest.raises(rewriter.BadInput, match="ByT5Tokenizer is a slow tokenizer"):
        token_faults(ByT5Tokenizer(), chat(user("a")), SAID)


def test_a_template_without_a_mask_is_refused():
    with pytest.raises(rewriter.BadInput, match="no generation block"):
        token_faults(byte_level("{{ messages }}"), chat(user("a")))


@pytest.mark.transformers_version
@sees_first_block
def test_an_empty_span_at_the_start_of_which_transformers_makes_nothing_is_refused():
    with pytest.raises(rewriter.BadInput, match="at the start of the text prints nothing"):
        token_faults(by_edges(byte_level(SAID)), chat(assistant(""), user("a")))


def test_what_the_template_raises_comes_out():
    source = "{% generation %}{{ raise_exception('no') }}{% endgeneration %}"
    with pytest.raises(Exception, match=r"^no$"):
        token_faults(byte_level(source), chat(user("a")))


# Our thirteen variants. Expected is what transformers' renderer marks; a tokenizer decodes it.


@pytest.fixture(scope="session")
def variant(seed_texts: dict[str, str], fixed_date: None) -> Callable[[str, Policy], str]:
    @cache
    def made(family: str, policy: Policy) -> str:
        original = seed_texts[FAMILIES[family].file]
        return rewriter.rewrite(
            original, policy=policy, family=f"trl-1.4.0/{family}", verify=False
        ).template

    return made


@cache
def generated(source: str) -> dict[str, tuple[Conversation, str]]:
    """What the assistant generates in each conversation that the template takes."""
    outcomes = {
        name: printed_or_raised(source, as_applied(chat), tools=chat.tools, **SPECIAL)
        for name, chat in CONVERSATIONS.items()
    }
    return {
        name: (CONVERSATIONS[name], "".join(found.text[a:b] for a, b in found.spans))
        for name, found in outcomes.items()
        if isinstance(found, Rendered)
    }


def as_applied(conversation: Conversation) -> list[dict[str, Any]]:
    return [
        {n: v for n, v in m.items() if v is not None or not DROPS_NONE}
        for m in conversation.messages
    ]


def apply(tokenizer: PreTrainedTokenizerFast, conversation: Conversation, **options: Any) -> Any:
    messages = list(map(dict, conversation.messages))
    return tokenizer.apply_chat_template(messages, tools=conversation.tools, **options)


def trained(tokenizer: PreTrainedTokenizerFast, conversation: Conversation) -> str:
    given = apply(tokenizer, conversation, return_dict=True, return_assistant_tokens_mask=True)
    pairs = zip(given["input_ids"], given["assistant_masks"], strict=True)
    return tokenizer.decode([token for token, inside in pairs if inside])


SEVERAL = "which consists of several tokens"
CROSSES = "crosses the mask's edge"
UNMAPPED = "which has no token"
# What a kind of tokenizer can do wrong with a right mask, and what of a text it can decode.
NATURE: dict[str, tuple[set[str], Callable[[str], str]]] = {
    "byte_level": ({SEVERAL}, str),
    "byte_level_merging": ({SEVERAL, CROSSES}, str),
    "byte_level_crossing": ({SEVERAL, CROSSES}, str),
    "metaspace": ({SEVERAL}, lambda text: text.replace("▁", " ")),
    "dropping_whitespace": ({SEVERAL, UNMAPPED}, lambda text: "".join(text.split())),
}


@pytest.mark.parametrize("policy", ["strict", "trl"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_trained_is_what_the_assistant_generates_but_for_named_faults(
    family, kind, policy, variant
):
    source = variant(family, policy)
    possible, decodable = NATURE[kind]
    assert len(generated(source)) >= 10
    installed = KINDS[kind](source)
    faulty = faulty_conversations(
        installed, source, possible & {CROSSES} if MASKS_BY_OVERLAP else possible, decodable
    )
    assert not (MASKS_BY_OVERLAP and faulty and possible == {SEVERAL})
    faulty = faulty_conversations(by_edges(installed), source, possible, decodable)
    if possible == {SEVERAL}:
        # This one's mask may end on what the assistant says; the others' end on a special token.
        assert faulty == ({"unicode"} if family == "glm4moe" else set())


def faulty_conversations(tokenizer, source, possible, decodable) -> set[str]:
    """Where a token is at fault; a fault is told just where the wrong text is trained."""
    faulty = set()
    for name, (conversation, text) in generated(source).items():
        messages = [fault.message for fault in token_faults(tokenizer, conversation)]
        is_right = decodable(trained(tokenizer, conversation)) == decodable(text)
        assert is_right is not bool(messages), (name, messages)
        for message in messages:
            assert any(fault in message for fault in possible), (name, message)
            faulty.add(name)
    return faulty


# The others' headers end in a special token, across which nothing merges. Two print an empty
# thought after it, which ends in a line's end too.
HEADER_ENDS_A_LINE = {
    *("gemma", "gemma3", "llama3", "phi3", "qwen2_5", "qwen3_instruct_2507"),
    *("qwen3", "qwen3_6"),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_merge_reaches_the_body_if_the_header_ends_in_a_line_s_end(family, variant):
    tokenizer = byte_level_crossing(variant(family, "strict"))
    one_turn = CONVERSATIONS["one turn"]
    texts = [fault.text for fault in token_faults(tokenizer, one_turn)]
    assert texts == (["\nH"] if family in HEADER_ENDS_A_LINE else [])


def test_qwen3_6_s_empty_thought_is_cut_within_a_token_if_it_is_trained_and_line_ends_merge(
    variant, seed_texts
):
    conversation = CONVERSATIONS["one turn"]
    for template in (variant("qwen3_6", "strict"), variant("qwen3_6", "trl")):
        assert token_faults(byte_level_merging(template), conversation) == ()
    # The strict policy has the prefill outside, and it ends between two line ends.
    trained = rewriter.rewrite(
        seed_texts[FAMILIES["qwen3_6"].file], empty_thoughts="generated", verify=False
    ).template
    faults = token_faults(byte_level_merging(trained), conversation)
    assert [fault.text for fault in faults] == ["\n\n"]


# The tokenizers themselves.


def test_what_looks_like_a_special_token_is_one():
    source = "{{ '<|im_start|>' + m.role }}</s>[INST] [0] a < b > c <think>｜ <｜User｜>['A']"
    assert special_tokens(source) == ["<|im_start|>", "</s>", "[INST]", "<think>", "<｜User｜>"]


@pytest.mark.parametrize("kind", [byte_level, byte_level_merging, byte_level_crossing, metaspace])
@pytest.mark.parametrize("text", ["Hi there.\n\n", "ça 🙂\u2028", "<x> a\nb<x>", "  two  "])
def test_nothing_is_lost_but_by_those_that_drop_whitespace(kind, text):
    tokenizer = kind("<x>")
    assert tokenizer.decode(tokenizer(text)["input_ids"]).removeprefix(" ") == text.removeprefix(
        " "
    )
    ids = dropping_whitespace("<x>")(text)["input_ids"]
    assert dropping_whitespace("<x>").decode(ids) == "".join(text.split())
