"""Faults that are known to be in the variants of trl 1.16.0, each found with what shows it."""

from typing import Any

import pytest

from rewriter.tracing.conversation import Conversation
from rewriter.verification.check import verify_pair
from rewriter.verification.contracts import EQUAL, SAME_TEXT, STILL_RAISES
from rewriter.verification.mask_promises import HEADER, PROMPTED
from rewriter.verification.report import Failure

SAID = {"role": "assistant", "content": "a"}
ASKED = {"role": "user", "content": "a"}
FOUND = {"role": "tool", "content": "a"}


def calling(content: str | None, arguments: Any, **fields: Any) -> dict[str, Any]:
    call = {**fields, "function": {"name": "a", "arguments": arguments}}
    return {"role": "assistant", "content": content, "tool_calls": [call]}


@pytest.fixture(scope="session")
def found(later_texts):
    """What is found in a variant, each verified once."""
    known: dict[str, tuple[Failure, ...]] = {}

    def failures(family: str) -> tuple[Failure, ...]:
        if family not in known:
            texts = (later_texts[f"{family}{end}.jinja"] for end in ("", "_training"))
            known[family] = verify_pair(*texts, EQUAL, "trl", examples=100).failures
        return known[family]

    return failures


def breaking(failures: tuple[Failure, ...], promise: str) -> list[list[dict[str, Any]]]:
    return [each.conversation["messages"] for each in failures if each.promise == promise]


def at_fault(failure: Failure) -> str:
    """The first wrong text, up to the end of its line."""
    assert failure.variant is not None
    assert failure.at is not None
    start = failure.variant.rfind("<", 0, failure.at + 1)
    return failure.variant[start:].split("\n")[0]


def shown_by(failures: tuple[Failure, ...], *messages: dict[str, Any]) -> Failure:
    """The failure that is shown on these messages and no others."""
    (failure,) = [each for each in failures if each.conversation["messages"] == list(messages)]
    return failure


def test_glm4moe_prints_a_user_who_speaks_after_a_tool_call_under_the_observation_s_header(found):
    failure = shown_by(found("glm4moe"), calling("a", {}), ASKED)
    assert failure.promise == SAME_TEXT
    assert at_fault(failure) == "<|observation|>"
    assert failure.original is not None
    assert failure.original.endswith("<|user|>\na")
    assert failure.original_place is not None
    assert failure.original_place.excerpt.endswith("<|user|>")


def test_glm4moe_prints_a_user_s_header_between_two_assistant_s_turns(found):
    failure = shown_by(found("glm4moe"), SAID, SAID)
    assert failure.promise == SAME_TEXT
    assert at_fault(failure).startswith("<|user|><|assistant|>")


def test_glm4moe_prints_a_header_after_the_last_turn_and_none_before_a_first_tool_s_result(found):
    assert at_fault(shown_by(found("glm4moe"), SAID)) == "<|user|>"
    assert at_fault(shown_by(found("glm4moe"), calling("a", {}))) == "<|observation|>"
    lost = shown_by(found("glm4moe"), FOUND)
    assert lost.original_place is not None
    assert "<|observation|>" in lost.original_place.excerpt


def test_cohere2_loses_the_turn_end_of_a_role_that_no_branch_names(found):
    (failure,) = found("cohere2")
    assert failure.promise == SAME_TEXT
    (message,) = failure.conversation["messages"]
    assert message["role"] not in {"system", "user", "assistant"}
    assert failure.original is not None
    assert failure.original[failure.at :] == "<|END_OF_TURN_TOKEN|>"
    assert failure.original_place is not None
    assert failure.original_place.excerpt[failure.original_place.column - 1 :].startswith("<|END")


def test_deepseekv3_encodes_string_arguments_twice(found):
    failures = [each for each in found("deepseekv3") if each.promise == SAME_TEXT]
    assert failures
    for failure in failures:
        (message,) = failure.conversation["messages"]
        assert message["tool_calls"][0]["function"]["arguments"] == "a"
        assert failure.original is not None
        assert failure.variant is not None
        assert failure.variant == failure.original.replace("```json\na\n", '```json\n"a"\n')
        assert failure.place is not None
        assert "arguments" in failure.place.excerpt


def test_deepseekv3_takes_arguments_that_are_no_string_as_it_says(found):
    assert calling("a", {}, type="a") in breaking(found("deepseekv3"), STILL_RAISES)[0]


@pytest.mark.parametrize("family", ["deepseekv3", "deepseek_r1_distill"])
def test_the_deepseek_variants_mask_the_header_and_what_ends_the_tools_outputs(found, family):
    assert breaking(found(family), HEADER)[0] == [SAID]
    assert breaking(found(family), PROMPTED) == [[FOUND, SAID]]
    assert at_fault(shown_by(found(family), FOUND, SAID)).startswith("<｜tool▁outputs▁end｜>")


def test_deepseek_r1_distill_keeps_the_reasoning_as_it_says(found):
    (messages,) = breaking(found("deepseek_r1_distill"), SAME_TEXT)
    assert messages == [{"role": "assistant", "content": "</think>"}]


@pytest.mark.parametrize("family", ["gptoss", "muse_glimmer"])
def test_the_variants_with_channels_mask_the_header_and_nothing_else(found, family):
    assert {failure.promise for failure in found(family)} == {HEADER}
    header = "<|start|>assistant"
    assert all(at_fault(failure).startswith(header) for failure in found(family))
    said = [each for each in found(family) if each.conversation["messages"] == [SAID]]
    places = [each.place and each.place.line for each in said]
    assert places
    assert len({*places}) == len(places)


def test_the_masked_prompt_is_found_on_a_conversation_of_one_s_own(later_texts):
    call = {"type": "function", "function": {"name": "look", "arguments": "{}"}}
    messages = (
        {"role": "user", "content": "what now"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "content": "found"},
        {"role": "assistant", "content": "this"},
    )
    original, variant = (later_texts[f"deepseekv3{end}.jinja"] for end in ("", "_training"))
    chat = (Conversation(messages),)
    report = verify_pair(original, variant, EQUAL, "trl", conversations=chat)
    assert PROMPTED in [failure.promise for failure in report.failures]
