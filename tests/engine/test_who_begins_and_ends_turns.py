"""Where turns begin and end that other turns, other flags, or other texts begin and end alike."""

import pytest
from rendering import rendered
from test_shapes import ASKED, YES, read

SYSTEM = {"role": "system", "content": "Be kind."}
RESULT = {"role": "tool", "content": "found"}
CALL = {"function": {"name": "look", "arguments": "{}"}}


@pytest.mark.parametrize(
    ("shape", "messages", "flags", "marked"),
    [
        pytest.param(
            "a-thought-closed-where-an-earlier-turn-begins",
            [ASKED, YES, ASKED, YES],
            {},
            "<|user|>really<|assistant|></think>⟦yes<|end|>⟧"
            "<|user|>really<|assistant|><think></think>⟦yes<|end|>⟧",
            id="what a prompt closes is outside, also where only an earlier turn begins with it",
        ),
        pytest.param(
            "a-thought-held-in-a-variable-called-as-its-key",
            [ASKED, {**YES, "reasoning_content": "hm"}, ASKED, YES],
            {},
            "<|user|>really<|assistant|><think>⟦hm</think>yes<|end|>⟧"
            "<|user|>really<|assistant|><think></think>⟦yes<|end|>⟧",
            id="a thought is the model's, whatever variable holds it",
        ),
        pytest.param(
            "a-prompt-for-a-flag-in-its-own-test",
            [ASKED, {**YES, "thinking": "hm"}],
            {"enable_thinking": True},
            "<|user|>\nreally\n<|end|><|assistant|>⟦<think>\nhm\n</think>\nyes\n<|end|>⟧",
            id="by default nothing opens a thought, so that the model does",
        ),
        pytest.param(
            "a-first-turn-that-a-variable-tells-to-be-the-systems",
            [YES, ASKED, YES],
            {},
            "<|system|>Be kind.\n<|assistant|>⟦yes<|end|>⟧<|user|>really<|assistant|>⟦yes<|end|>⟧",
            id="a first answer is no system's message",
        ),
        pytest.param(
            "a-result-opened-after-an-answer-without-an-end",
            [ASKED, YES, RESULT, RESULT, YES],
            {},
            "<|user|>really<|assistant|>⟦yes⟧<|results_begin|><|result|>found\n<|result|>found"
            "<|results_end|>⟦yes<|end|>⟧",
            id="what begins a tool's results ends no answer",
        ),
        pytest.param(
            "a-prompt-after-every-text-that-a-token-opens",
            [ASKED, YES, YES, ASKED],
            {},
            "<turn>User\nreally\n<turn>Assistant\n⟦yes⟧\n<turn>Assistant\n⟦yes⟧\n"
            "<turn>User\nreally\n<turn>Assistant\n",
            id="a token that opens every header ends no turn",
        ),
        pytest.param(
            "a-thought-alone-before-line-breaks",
            [ASKED, {"role": "assistant", "content": "", "reasoning": "hm"}],
            {},
            "<|user|>\nreally\n<|assistant|>\n⟦<|thought|>\nhm\n<|end_thought|>\n⟧\n",
            id="the line break of a thought is of it, and the turn's is after it",
        ),
        pytest.param(
            "a-separator-token-after-what-is-last",
            [ASKED, YES, ASKED, YES],
            {"sep_token": "<sep>"},
            "really<n>⟦yes<n>⟧really<n>⟦yes<sep>⟧",
            id="the model stops at either",
        ),
        pytest.param(
            "what-is-safe-before-text-of-its-own",
            [ASKED, {**YES, "tool_calls": [CALL]}],
            {},
            '<|user|>really<|end|><|assistant|>⟦yes<call>"{}"&lt;/call&gt;<|end|>⟧',
            id="what is escaped is generated as it is printed",
        ),
        pytest.param(
            "what-the-prompt-ends-in-in-a-turn-of-any-other-role",
            [ASKED, {**YES, "tool_calls": [CALL, CALL]}, RESULT, {**YES, "content": None}],
            {},
            "<|user|>\nreally<|end|><|assistant|>\n>>>⟦all\nyes>>>look\n{}>>>look\n{}<|end|>⟧"
            "<|tool|>\n>>>all\nfound<|end|><|assistant|>\n⟦<|end|>⟧",
            id="what the prompt ends in is prompted once, and the model's after that",
        ),
        pytest.param(
            "an-end-at-the-start-of-the-next-in-a-loop-over-a-choice",
            [SYSTEM, ASKED, YES, ASKED, YES],
            {},
            "Be kind.\n<|user|>really<|end|><|assistant|>⟦yes<|end|>⟧"
            "<|user|>really<|end|><|assistant|>⟦yes⟧",
            id="the end that the next turn prints is the answer's, after answers alone",
        ),
        pytest.param(
            "the-space-of-the-header-or-a-separator-before-each-call",
            [ASKED, {**YES, "tool_calls": [CALL, CALL]}, ASKED, YES],
            {},
            "USER: really\nASSISTANT: ⟦[call]look\n[call]look</s>⟧"
            "USER: really\nASSISTANT: ⟦yes</s>⟧",
            id="what closes the header is prompted, and what stands there between calls is not",
        ),
    ],
)
def test_what_is_trained(shape, messages, flags, marked):
    assert rendered(read(f"{shape}.after.jinja"), messages, **flags).marked == marked
