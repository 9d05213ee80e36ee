"""The table of `docs/findings-trl-1.16.0.md`, variant by variant: these promises and no others."""

import pytest

from benchmarks.findings import DECLARED, EXCEPTING, declared, names_of
from rewriter.turns.parts import Policy
from rewriter.verification.check import verify_pair
from rewriter.verification.contracts import AS_TEXT, EQUAL, SAME_TEXT, STILL_RAISES, Contract
from rewriter.verification.mask_promises import (
    HEADER,
    NO_PREFILL,
    NO_TRAILING,
    NOT_EMPTY,
    PROMPTED,
    TURN_END,
)

pytestmark = pytest.mark.slow

# By the edges of `trl`, and by text that is to be equal.
EQUALLY = {
    "cohere2": {SAME_TEXT},
    "deepseek_r1_distill": {SAME_TEXT, HEADER, PROMPTED, NOT_EMPTY},
    "deepseekv3": {SAME_TEXT, STILL_RAISES, HEADER, PROMPTED},
    "diffusion_gemma": {TURN_END, NOT_EMPTY},
    "glm4moe": {SAME_TEXT},
    "gptoss": {HEADER},
    "muse_glimmer": {HEADER},
    "qwen3": {SAME_TEXT},
    "qwen3_5_nothink": {SAME_TEXT},
    "qwen3_5_think": {SAME_TEXT},
    "qwen3_6": {SAME_TEXT},
    "qwen3_8": {SAME_TEXT},
}
# What is found where text is to be as its authors declare it.
AS_DECLARED = {
    "deepseek_r1_distill": {HEADER, PROMPTED, NOT_EMPTY},
    # Beside an argument that is an object, text that is encoded twice breaks a promise of its own.
    "deepseekv3": {SAME_TEXT, AS_TEXT, HEADER, PROMPTED},
    "qwen3": set(),
    "qwen3_5_nothink": set(),
    "qwen3_5_think": set(),
    "qwen3_6": set(),
    "qwen3_8": set(),
}
THINKING = (
    *("nemotron_3_5_lightning", "nemotron_3_nano", "nemotron_3_super", "nemotron_3_ultra"),
    *("qwen3_5_nothink", "qwen3_5_think", "qwen3_6", "qwen3_8"),
)
# Those whose assistant's turns end in white space that they hold.
TRAILING = (
    *THINKING,
    *("diffusion_gemma", "gemma", "gemma3", "idefics3", "lfm2", "lfm2_v2", "phi3", "phi3_5"),
    *("qwen2_5", "qwen2_5_vl", "qwen3", "qwen3_instruct_2507", "qwen3_vl", "smolvlm"),
)
# That train an empty thought which the template itself puts in.
EMPTY_THOUGHTS = ("glm4moe",)
NAMES = names_of("trl-1.16.0")
by_variant = pytest.mark.parametrize("name", NAMES)


@pytest.fixture
def broken(later_texts):
    def promises(name: str, contract: Contract, policy: Policy) -> set[str]:
        texts = (later_texts[f"{name}{end}.jinja"] for end in ("", "_training"))
        report = verify_pair(*texts, contract, policy, examples=300)
        assert report.conversations > report.raised
        return {failure.promise for failure in report.failures}

    return promises


def test_there_are_31_variants():
    assert len(NAMES) == 31
    assert EQUALLY.keys() | set(TRAILING) <= set(NAMES)
    assert AS_DECLARED.keys() == DECLARED.keys() | EXCEPTING.keys()


@by_variant
def test_by_equal_text_and_the_edges_of_trl(broken, name):
    assert broken(name, EQUAL, "trl") == EQUALLY.get(name, set())


@pytest.mark.parametrize("name", AS_DECLARED)
def test_by_text_as_its_authors_declare_it(broken, later_texts, name):
    contract = declared(name, later_texts[f"{name}.jinja"])
    assert contract is not None
    assert broken(name, contract, "trl") == AS_DECLARED[name]


@by_variant
def test_by_the_edges_of_strict_nothing_is_found_besides_but_prefills_and_trailing_space(
    broken, name
):
    besides = {NO_PREFILL} if name in (*THINKING, *EMPTY_THOUGHTS) else set()
    besides |= {NO_TRAILING} if name in TRAILING else set()
    assert broken(name, EQUAL, "strict") == EQUALLY.get(name, set()) | besides
