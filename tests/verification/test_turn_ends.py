"""A declared end is checked exactly: where it stands, how often, and whose turn it ends."""

import pytest

from rewriter.engine.plan import Subject
from rewriter.engine.transforms import transform_named
from rewriter.rewriting.promises import promised
from rewriter.verification.check import verify_pair
from rewriter.verification.contracts import ORACLE_TEXT

SOURCE = (
    "{% for m in messages %}{% if m.role == 'assistant' %}### Response: {{ m.content }}\n\n"
    "{% else %}### Instruction: {{ m.content }}\n\n{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}### Response: {% endif %}"
)
ANSWER = "Response: {{ m.content }}\n\n"
END = "{{ eos_token }}"
RIGHT = {
    "after the words": "Response: {{ m.content }}{{ eos_token }}\n\n",
    "within the white space": "Response: {{ m.content }}\n{{ eos_token }}\n",
    "after the white space": "Response: {{ m.content }}\n\n{{ eos_token }}",
}
WRONG = {
    "none": ANSWER,
    "two": "Response: {{ m.content }}{{ eos_token }}{{ eos_token }}\n\n",
    "before the words": "Response: {{ eos_token }}{{ m.content }}\n\n",
    "before the header's space": "Response:{{ eos_token }} {{ m.content }}\n\n",
    "another": "Response: {{ m.content }}{{ bos_token }}\n\n",
    "not in the last turn": "Response: {{ m.content }}{{ eos_token if not loop.last }}\n\n",
    "in the last turn alone": "Response: {{ m.content }}{{ eos_token if loop.last }}\n\n",
    "with other white space": "Response: {{ m.content }}{{ eos_token }}\n",
    "with other words": "Response: {{ m.content | upper }}{{ eos_token }}\n\n",
    "not after a prompt": (
        "Response: {{ m.content }}{{ eos_token if not add_generation_prompt }}\n\n"
    ),
}


def report(variant: str):
    contract = promised(Subject(SOURCE, "strict"), [transform_named("end-turn-with-eos")])
    assert not contract.is_equal
    return verify_pair(SOURCE, variant, contract, "strict", examples=60, masked=False)


@pytest.mark.parametrize("answer", RIGHT.values(), ids=RIGHT)
def test_an_end_may_stand_before_or_after_the_template_s_own_white_space(answer: str):
    assert report(SOURCE.replace(ANSWER, answer)).holds


@pytest.mark.parametrize("answer", WRONG.values(), ids=WRONG)
def test_any_other_text_breaks_the_promise(answer: str):
    failures = report(SOURCE.replace(ANSWER, answer)).failures
    assert {failure.promise for failure in failures} == {ORACLE_TEXT}


def test_a_user_s_turn_is_not_ended():
    failures = report(
        SOURCE.replace(ANSWER, RIGHT["after the words"]).replace(
            "Instruction: {{ m.content }}", "Instruction: {{ m.content }}{{ eos_token }}"
        )
    ).failures
    assert {failure.promise for failure in failures} == {ORACLE_TEXT}
