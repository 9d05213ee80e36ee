"""Sound hand-written variants raise no alarm; wrong ones do, without their originals too."""

import pytest

from rewriter.verification.check import verify_alone, verify_pair
from rewriter.verification.contracts import EQUAL
from rewriter.verification.mask_promises import HEADER


def found(texts: dict[str, str], family: str) -> dict[str, list[dict[str, object]]]:
    """The promises that are broken, each with the smallest conversation that shows it."""
    original, variant = texts[f"{family}.jinja"], texts[f"{family}_training.jinja"]
    report = verify_pair(original, variant, EQUAL, "trl", examples=150)
    smallest: dict[str, list[dict[str, object]]] = {}
    for failure in report.failures:
        smallest.setdefault(failure.promise, failure.conversation["messages"])
    return smallest


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
