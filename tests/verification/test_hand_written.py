"""Faults that are known to be in hand-written variants, and that generated conversations find."""

import pytest

from rewriter.tracing.conversation import Conversation
from rewriter.verification.check import verify_alone, verify_pair
from rewriter.verification.contracts import EQUAL, SAME_TEXT, STILL_RAISES
from rewriter.verification.mask import HEADER, PROMPTED, MaskJudge
from rewriter.verification.render import render


def found(texts: dict[str, str], family: str) -> dict[str, list[dict[str, object]]]:
    """The promises that are broken, each with the smallest conversation that shows it."""
    original, variant = texts[f"{family}.jinja"], texts[f"{family}_training.jinja"]
    report = verify_pair(original, variant, EQUAL, "trl", examples=150)
    smallest: dict[str, list[dict[str, object]]] = {}
    for failure in report.failures:
        smallest.setdefault(failure.promise, failure.conversation["messages"])
    return smallest


def test_cohere2_loses_the_turn_end_of_a_role_that_no_branch_names(seed_texts):
    faults = found(seed_texts, "cohere2")
    assert list(faults) == [SAME_TEXT]
    (message,) = faults[SAME_TEXT]
    assert message["role"] not in {"system", "user", "assistant"}


def test_deepseekv3_encodes_string_arguments_twice_and_masks_the_header(seed_texts):
    faults = found(seed_texts, "deepseekv3")
    (message,) = faults[SAME_TEXT]
    assert isinstance(message["tool_calls"][0]["function"]["arguments"], str)
    assert faults[HEADER] == [{"role": "assistant", "content": "a"}]
    assert isinstance(faults[STILL_RAISES][0]["tool_calls"][0]["function"]["arguments"], dict)


def test_deepseekv3_masks_what_ends_the_tools_outputs(seed_texts):
    call = {"type": "function", "function": {"name": "look", "arguments": "{}"}}
    chat = Conversation(
        (
            {"role": "user", "content": "what now"},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "content": "found"},
            {"role": "assistant", "content": "this"},
        )
    )
    source = seed_texts["deepseekv3_training.jinja"]
    outcome = render(source, chat)
    (start, end) = outcome.mask[-1]
    assert outcome.text[start:end].startswith("<｜tool▁outputs▁end｜>")
    assert PROMPTED in MaskJudge(source, "trl").broken(chat, outcome)


def test_gptoss_masks_the_header(seed_texts):
    assert found(seed_texts, "gptoss") == {HEADER: [{"role": "assistant", "content": "a"}]}


@pytest.mark.parametrize(
    "family", ["cohere", "gemma", "gemma3", "llama3", "phi3", "qwen2_5", "qwen3_instruct_2507"]
)
def test_a_sound_hand_written_variant_raises_no_alarm(seed_texts, family):
    assert found(seed_texts, family) == {}


@pytest.mark.parametrize("family", ["deepseekv3", "gptoss"])
def test_a_masked_header_is_found_without_the_original_too(seed_texts, family):
    report = verify_alone(seed_texts[f"{family}_training.jinja"], "trl", examples=50)
    assert HEADER in {failure.promise for failure in report.failures}
    places = [failure.place for failure in report.failures]
    assert len(places) == len(set(places)) > 1


@pytest.mark.parametrize("family", ["cohere", "cohere2", "gemma3", "glm4moe", "llama3", "qwen3_6"])
def test_a_sound_mask_raises_no_alarm_without_the_original(seed_texts, family):
    assert verify_alone(seed_texts[f"{family}_training.jinja"], "trl", examples=150).ok
