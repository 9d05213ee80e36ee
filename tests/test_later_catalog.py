"""The families of TRL 1.16.0 that the seed catalog has not, or not with the same recipe.

Their variants are put beside the hand-written ones. Where those are wrong, a test says so.
"""

from hashlib import sha256
from typing import Any

import pytest
from rendering import Rendered, printed_or_raised, rendered
from seed import (
    BYE,
    CALLING,
    CALLING_WITH_TEXT,
    HI,
    OPTIONS,
    PLAIN,
    TOOLS,
    Conversation,
    assistant,
    call,
    result,
)
from test_seed_catalog import characters_edited, without

import rewriter
from rewriter.engine.families import Family, load_catalog
from rewriter.tokens.prefixes import prefix_verdicts

LATER = load_catalog("trl-1.16.0")
SEED = {(family.sha256, family.recipe) for family in load_catalog("trl-1.4.0").families}
FAMILIES = {
    family.name: family
    for family in LATER.families
    if family.recipe and (family.sha256, family.recipe) not in SEED
}
BY_HAND = [name for name, family in FAMILIES.items() if family.reference]
# What the hand-written variants train on and should not: the role header.
FAULTS = {
    "deepseek_r1_distill": ("<｜Assistant｜>", "<｜tool▁outputs▁end｜>"),
    "muse_glimmer": ("<|start|>assistant",),
}
# What ours trains on and the hand-written ones do not: what a call is ended with.
CALL_ENDS = {"diffusion_gemma": "<|tool_response>"}
# Its hand-written variant prints the token to stop at in the place of the next turn's header.
MOVED_HEADERS = "glm4moe"
# Two of those whose recorded proof says the same, by another measure.
KEPT = ["qwen3", "qwen3_8"]

pytestmark = pytest.mark.usefixtures("fixed_date")


@pytest.fixture
def variants(later_variants: dict[str, str]) -> dict[str, str]:
    return later_variants


def in_parts(messages: Conversation) -> Conversation:
    """The messages, their content as blocks, as some templates want it."""
    return [
        {**message, "content": [{"type": "text", "text": message["content"]}]}
        if isinstance(message.get("content"), str)
        else message
        for message in messages
    ]


def conversations() -> list[tuple[Conversation, dict[str, Any]]]:
    prompted = {**OPTIONS, "add_generation_prompt": True}
    plain = [(messages, OPTIONS) for messages in PLAIN.values()]
    parts = [(in_parts(messages), OPTIONS) for messages in PLAIN.values()]
    calling = [
        (messages, {**OPTIONS, "tools": TOOLS})
        for messages in (*CALLING.values(), *CALLING_WITH_TEXT.values())
    ]
    return [*plain, *parts, *calling, ([HI, assistant("Hello."), BYE], prompted)]


def by_hand(family: Family, later_texts: dict[str, str]) -> str:
    assert family.reference is not None
    return later_texts[family.reference.file]


def test_most_of_the_catalog_has_a_recipe():
    with_recipe = [family for family in LATER.families if family.recipe]
    assert (len(LATER.families), len(with_recipe)) == (41, 38)


def test_the_variants_are_those_that_were_proven(variants):
    for name, family in FAMILIES.items():
        assert sha256(variants[name].encode()).hexdigest() == family.proven(family.policy), name


def test_every_recipe_is_proven_under_both_policies():
    missing = [family.name for family in LATER.families if family.recipe and "" in proofs(family)]
    assert missing == []


def proofs(family: Family) -> tuple[str, str]:
    return family.variant.strict, family.variant.trl


def test_a_prefilled_thought_that_a_variable_begins_with_is_outside_under_strict(later_texts):
    family = next(each for each in LATER.families if each.name == "nemotron_3_nano")
    strict = rewriter.rewrite(later_texts[family.file], family="trl-1.16.0/nemotron_3_nano")
    assert strict.proof == "on file"
    thought = {"role": "assistant", "content": "Two.", "reasoning_content": "1 + 1"}
    shown = rendered(strict.template, [HI, thought], **OPTIONS)
    assert shown.marked.endswith("<think>\n⟦1 + 1\n</think>\nTwo.<|im_end|>⟧\n")
    shown = rendered(strict.template, [HI, assistant("Two.")], **OPTIONS)
    assert shown.marked.endswith("<think></think>⟦Two.<|im_end|>⟧\n")


def test_what_the_seed_catalog_has_as_well_is_proven_by_the_same_proof():
    seed = {(f.sha256, f.recipe): f.variant for f in load_catalog("trl-1.4.0").families}
    shared = [f for f in LATER.families if f.recipe and (f.sha256, f.recipe) in seed]
    assert len(shared) == 10
    for family in shared:
        assert family.variant == seed[family.sha256, family.recipe], family.name


@pytest.mark.parametrize("name", [name for name in BY_HAND if name != MOVED_HEADERS])
def test_text_and_mask_are_those_of_the_hand_written_variant(name: str, later_texts, variants):
    reference = by_hand(FAMILIES[name], later_texts)
    compared = 0
    for messages, options in conversations():
        theirs = printed_or_raised(reference, messages, **options)
        ours = printed_or_raised(variants[name], messages, **options)
        if not isinstance(theirs, Rendered):
            assert ours is theirs, messages
            continue
        for token in FAULTS.get(name, ()):
            theirs = without(theirs, token)
        assert isinstance(ours, Rendered), messages
        if name in CALL_ENDS:
            ours, theirs = (without(each, CALL_ENDS[name]) for each in (ours, theirs))
        assert ours.text == theirs.text, messages
        assert ours.core == theirs.core, (ours.marked, theirs.marked)
        compared += 1
    assert compared >= len(PLAIN)  # those in one shape, at least


@pytest.mark.parametrize(
    "name",
    [name for name in FAMILIES if FAMILIES[name].reference is None],
)
def test_without_a_reference_the_text_is_the_original_s(name: str, later_texts, variants):
    original = later_texts[FAMILIES[name].file]
    for messages, options in conversations():
        expected = printed_or_raised(original, messages, **options)
        found = printed_or_raised(variants[name], messages, **options)
        assert getattr(found, "text", found) == getattr(expected, "text", expected), messages


@pytest.mark.slow
def test_at_most_half_as_much_is_edited_as_in_the_hand_written_files(later_texts, later_variants):
    """The files as they are; without the comment at their head, ours is three quarters of it."""
    ours = theirs = 0
    for family in (family for family in LATER.families if family.reference):
        original = later_texts[family.file]
        ours += characters_edited(original, later_variants[family.name])
        theirs += characters_edited(original, by_hand(family, later_texts))
    assert ours * 2 <= theirs


@pytest.mark.parametrize("name", KEPT)
def test_what_is_to_keep_its_prefixes_keeps_them(name: str, variants):
    verdicts = prefix_verdicts(variants[name])
    assert [verdict.holds for verdict in verdicts] == [True, True]


def test_glm_s_hand_written_variant_moves_a_user_s_turn_under_another_header(later_texts, variants):
    messages = [HI, call({"city": "Oslo"}), BYE]
    theirs = rendered(by_hand(FAMILIES["glm4moe"], later_texts), messages, **OPTIONS)
    ours = rendered(variants["glm4moe"], messages, **OPTIONS)
    assert theirs.text.endswith("<|observation|>\nBye")
    assert ours.text.endswith("<|user|>\nBye")


def test_glm_s_text_is_the_original_s_but_for_the_stop_of_the_last_turn(later_texts, variants):
    original = later_texts[FAMILIES[MOVED_HEADERS].file]
    for messages, options in conversations():
        expected = printed_or_raised(original, messages, **options)
        found = printed_or_raised(variants[MOVED_HEADERS], messages, **options)
        if not isinstance(expected, Rendered):
            assert found is expected
            continue
        assert isinstance(found, Rendered)
        stop = ""
        if messages[-1]["role"] == "assistant" and not options.get("add_generation_prompt"):
            stop = "<|observation|>" if messages[-1].get("tool_calls") else "<|user|>"
        assert found.text == expected.text + stop, messages


@pytest.mark.parametrize(
    "messages",
    [
        [HI, assistant("Hello.")],
        [HI, assistant("Hello."), BYE],
        [HI, assistant("Hello."), BYE, assistant("Bye.")],
        [HI, call({"city": "Oslo"})],
        [HI, call({"city": "Oslo"}), {"role": "tool", "content": [{"output": "21"}]}],
    ],
)
def test_where_who_speaks_next_was_to_be_expected_glm_stops_as_by_hand(
    messages, later_texts, variants
):
    theirs = rendered(by_hand(FAMILIES[MOVED_HEADERS], later_texts), messages, **OPTIONS)
    ours = rendered(variants[MOVED_HEADERS], messages, **OPTIONS)
    assert ours.text == theirs.text
    assert ours.core == theirs.core


@pytest.mark.parametrize(
    ("messages", "marked"),
    [
        # a user who breaks in on a call, another answer, a system message, a result uncalled for
        ([HI, call({}), BYE], "</tool_call>⟧<|user|>\nBye"),
        ([HI, assistant("So."), assistant("Then.")], "So.⟧<|assistant|>⟦"),
        ([HI, assistant("So."), {"role": "system", "content": "Stop."}], "So.⟧<|system|>\nStop."),
        ([HI, assistant("So."), {"role": "tool", "content": "21"}], "So.⟧<|observation|>\n"),
    ],
)
def test_nobody_else_s_header_is_what_glm_stops_at(messages, marked, variants):
    assert marked in rendered(variants[MOVED_HEADERS], messages, **OPTIONS).marked


def test_with_a_generation_prompt_nothing_is_printed_but_what_the_original_prints(
    later_texts, variants
):
    prompted = {**OPTIONS, "add_generation_prompt": True}
    messages = [HI, assistant("Hello.")]
    original = rendered(later_texts[FAMILIES[MOVED_HEADERS].file], messages, **prompted)
    assert rendered(variants[MOVED_HEADERS], messages, **prompted).text == original.text


def test_llava_next_is_not_trained_on_the_space_between_two_turns(variants):
    messages = in_parts([HI, assistant("Hello."), assistant("Again."), BYE])
    ours = rendered(variants["llava_next"], messages, **OPTIONS)
    assert ours.marked == "[INST] Hi [/INST]⟦ Hello.</s>⟧ ⟦ Again.</s>⟧ [INST] Bye [/INST]"


def test_llama_3_1_is_trained_on_its_calls_whatever_ends_them(variants):
    messages = [HI, call({"city": "Oslo"}), result("rain"), assistant("It rains.")]
    plain = rendered(variants["llama3_1"], messages, **OPTIONS, tools=TOOLS)
    assert '⟦{"name": "weather", "parameters": {"city": "Oslo"}}<|eot_id|>⟧' in plain.marked
    assert plain.marked.endswith("⟦It rains.<|eot_id|>⟧")
    built_in = rendered(
        variants["llama3_1"], messages, **OPTIONS, tools=TOOLS, builtin_tools=["weather"]
    )
    assert '⟦<|python_tag|>weather.call(city="Oslo")<|eom_id|>⟧' in built_in.marked


def test_deepseek_r1_distill_learns_the_reasoning_that_its_original_drops(later_texts, variants):
    messages = [HI, assistant("<think>\nGreet.\n</think>\n\nHello.")]
    original = rendered(later_texts["deepseek_r1_distill.jinja"], messages, **OPTIONS)
    ours = rendered(variants["deepseek_r1_distill"], messages, **OPTIONS)
    assert "Greet." not in original.text
    end = "⟦<think>\nGreet.\n</think>\n\nHello.<｜end▁of▁sentence｜>⟧"
    assert ours.marked.endswith("<｜Assistant｜>" + end)
