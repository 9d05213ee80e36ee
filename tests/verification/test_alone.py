"""A marked template verified without an original."""

import pytest
from releases import sees_first_block

from rewriter.errors import BadInput
from rewriter.tracing.conversation import Conversation
from rewriter.verification.check import verify_alone
from rewriter.verification.judge import RENDERS
from rewriter.verification.mask_promises import HEADER as HEADER_OUTSIDE
from rewriter.verification.mask_promises import TURN_END
from tests.verification.chatml import CLOSE, END, HEADER, OPEN, ORIGINAL, VARIANT, edited

HEADER_MASKED = edited(VARIANT, (HEADER + OPEN, OPEN + HEADER))
ANSWER = Conversation(({"role": "assistant", "content": "this"},))
QUESTION = Conversation(({"role": "user", "content": "what"},))
STRANGER = Conversation(({"role": "stranger", "content": "hi"},))


def promises(variant: str, **settings) -> list[str]:
    return [failure.promise for failure in verify_alone(variant, "strict", **settings).failures]


@pytest.mark.parametrize("policy", ["strict", "trl"])
def test_a_right_mask_holds(policy):
    report = verify_alone(VARIANT, policy, examples=300)
    assert report.ok
    assert report.findings == ()
    assert report.conversations >= 300


def test_guards_may_raise():
    assert verify_alone(VARIANT, "strict", examples=100).raised > 0


@pytest.mark.parametrize(
    ("variant", "promise"),
    [
        pytest.param(HEADER_MASKED, HEADER_OUTSIDE, marks=sees_first_block),
        (edited(VARIANT, (END + CLOSE, CLOSE + END)), TURN_END),
    ],
)
def test_a_wrong_mask_fails_on_the_smallest_conversation(variant, promise):
    report = verify_alone(variant, "strict", examples=50)
    assert not report.ok
    failure = next(each for each in report.failures if each.promise == promise)
    assert failure.conversation["messages"] == [{"role": "assistant", "content": "a"}]
    assert (failure.original, failure.original_error) == (None, "")


def test_a_harmful_finding_fails_even_where_every_mask_holds():
    cut = edited(VARIANT, (HEADER + OPEN, HEADER + OPEN.replace("{%-", "{%+")))
    report = verify_alone(cut, "strict", examples=20)
    assert [finding.kind for finding in report.findings] == ["unseen"]
    assert report.failures == ()
    assert not report.ok


def test_a_harmless_finding_is_told_and_holds():
    report = verify_alone("{# {% generation %} -#}\n" + VARIANT, "strict", examples=20)
    assert [finding.kind for finding in report.findings] == ["decoy"]
    assert report.ok


def test_a_template_that_renders_nothing_at_all_fails():
    refusing = "{{ raise_exception('never') }}" + VARIANT
    report = verify_alone(refusing, "strict", examples=20)
    assert [failure.promise for failure in report.failures] == [RENDERS]
    assert report.failures[0].variant is None
    assert report.failures[0].variant_error == "TemplateError: never"


def test_a_template_without_a_block_is_bad_input():
    with pytest.raises(BadInput, match="no generation block"):
        verify_alone(ORIGINAL, "strict")


def test_a_template_that_does_not_compile_is_bad_input_with_the_place():
    jumping = edited(VARIANT, (OPEN, OPEN + "        {%- continue %}\n"))
    with pytest.raises(BadInput, match="continue") as caught:
        verify_alone(jumping, "strict")
    assert caught.value.excerpt == "        {%- continue %}"


def test_what_is_given_is_judged_alone_and_as_it_is():
    report = verify_alone(HEADER_MASKED, "strict", conversations=(QUESTION, ANSWER))
    assert report.conversations == 2
    assert [failure.conversation for failure in report.failures] == [ANSWER.as_json()]
    assert verify_alone(HEADER_MASKED, "strict", conversations=(QUESTION,)).ok


def test_what_is_given_must_render():
    assert promises(VARIANT, conversations=(STRANGER,)) == [RENDERS]
    assert promises(VARIANT, conversations=(ANSWER,)) == []


@pytest.mark.parametrize("said", ["this", "<think></think>", "<think></think>this"])
def test_a_line_break_of_the_header_may_be_in_the_mask_beside_whatever_is_said(said):
    """An empty thought of the message's own may be in the mask or not, and here it is."""
    turn = "{{ '\\n' + m.content + '<|end|>' }}"
    wrapped = "{% generation %}" + turn + "{% endgeneration %}"
    branches = "{% if m.role == 'assistant' %}" + wrapped + "{% else %}" + turn + "{% endif %}"
    prompt = "{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% endif %}"
    source = "{% for m in messages %}<|{{ m.role }}|>" + branches + "{% endfor %}" + prompt
    chat = Conversation((QUESTION.messages[0], {"role": "assistant", "content": said}))
    assert promises(source, conversations=(chat,)) == []
