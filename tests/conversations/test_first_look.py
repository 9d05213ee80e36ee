"""What is looked at closely, and what only first."""

import pytest

from rewriter.conversations.first_look import FirstLook
from rewriter.conversations.rendering import Raised, Rendered, render
from rewriter.tracing.conversation import Conversation
from tests.verification.chatml import ORIGINAL, VARIANT

USER = {"role": "user", "content": "what now"}
ANSWER = {"role": "assistant", "content": "this"}


def chat(*messages, **options):
    return Conversation(messages, **options)


def called(times):
    call = {"type": "function", "function": {"name": "look", "arguments": {"at": "home"}}}
    return {"role": "assistant", "content": "", "tool_calls": [call] * times}


def test_a_first_look_sees_what_transformers_prints():
    for conversation in (chat(USER), chat(USER, ANSWER), chat(USER, called(2)), chat({"role": 1})):
        outcomes = FirstLook(ORIGINAL, VARIANT).outcomes(conversation)
        assert outcomes.original == render(ORIGINAL, conversation)
        assert outcomes.variant == render(VARIANT, conversation)


def test_tools_and_documents_that_are_printed_whole_are_printed_as_the_lists_that_people_give():
    source = "{{ tools | string }}{{ documents | string }}"
    given = chat(USER, tools=({"name": "look"},), documents=({"text": "so"},))
    printed = "[{'name': 'look'}][{'text': 'so'}]"
    outcomes = FirstLook(source, source).outcomes(given)
    assert isinstance(outcomes.original, Rendered)
    assert outcomes.original.text == printed
    assert render(source, given) == outcomes.original


def test_what_raises_is_nothing_new():
    outcomes = FirstLook(ORIGINAL, VARIANT).outcomes(chat({"role": "none such", "content": "a"}))
    assert isinstance(outcomes.variant, Raised)
    assert not outcomes.is_new


def test_other_words_on_the_same_path_are_nothing_new():
    first_look = FirstLook(ORIGINAL, VARIANT)
    assert first_look.outcomes(chat(USER, ANSWER)).is_new
    assert not first_look.outcomes(chat(USER, {**ANSWER, "content": "that"})).is_new
    assert not first_look.outcomes(chat({**USER, "content": " so "}, ANSWER)).is_new


def test_words_of_another_shape_are_new():
    first_look = FirstLook(ORIGINAL, VARIANT)
    first_look.outcomes(chat(USER, ANSWER))
    for content in (" this", "this ", " ", "", [{"type": "text", "text": "this"}], None):
        assert first_look.outcomes(chat(USER, {**ANSWER, "content": content})).is_new


def test_another_path_through_an_assistant_s_turn_is_new():
    first_look = FirstLook(ORIGINAL, VARIANT)
    first_look.outcomes(chat(USER, ANSWER))
    assert first_look.outcomes(chat(USER, {**ANSWER, "reasoning_content": "so"})).is_new
    assert first_look.outcomes(chat(USER, called(1))).is_new
    assert first_look.outcomes(chat(USER, called(2))).is_new


def test_another_way_through_a_turn_that_follows_the_assistant_s_is_new():
    source = (
        "{% for m in messages %}{% if m.a %}(a){% endif %}{% if m.content %};{% endif %}"
        "{% if m.b %}(b){% endif %}{{ m.content }}{% endfor %}"
    )
    first_look = FirstLook(source, source)
    begun = [{**USER, "a": True}, {**USER, "b": True}, USER]
    for user in begun:
        first_look.outcomes(chat(user, ANSWER, user))
    assert not first_look.outcomes(chat({**USER, "a": True, "b": True})).is_new
    assert first_look.outcomes(chat(USER, ANSWER, {**USER, "a": True, "b": True})).is_new


def test_a_loop_s_third_item_is_nothing_new():
    first_look = FirstLook(ORIGINAL, VARIANT)
    for times in (1, 2):
        first_look.outcomes(chat(USER, called(times)))
    assert not first_look.outcomes(chat(USER, called(3))).is_new


@pytest.mark.parametrize(
    "other",
    [
        chat(USER, ANSWER, ANSWER),
        chat(USER, ANSWER, USER),
        chat(ANSWER),
        chat(USER, ANSWER, add_generation_prompt=True),
    ],
)
def test_where_a_turn_stands_is_new(other):
    first_look = FirstLook(ORIGINAL, VARIANT)
    first_look.outcomes(chat(USER, ANSWER))
    assert first_look.outcomes(other).is_new


def test_now_and_then_what_is_not_new_is_looked_at_all_the_same():
    first_look = FirstLook(ORIGINAL, VARIANT)
    looks = [first_look.outcomes(chat(USER, ANSWER)).is_new for _ in range(100)]
    assert looks[0]
    assert 2 <= sum(looks[1:]) <= 10
