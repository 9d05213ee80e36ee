"""The template's own text that frames what no model writes, also where that is not given."""

import pytest

from tests.turns.told import HI, YES, chat, told

PROMPT = "{% if add_generation_prompt %}<A>{% endif %}"
USERS = "{{ '<U>' + m.content }}"


def framed(said: str) -> str:
    return chat("{{ '<A>' }}" + said + "{{ '</s>' }}", USERS, PROMPT)


@pytest.mark.parametrize(
    "said",
    [
        "{{ '[' ~ m.timestamp ~ '] ' ~ m.content }}",
        "{{ '[' }}{{ m.timestamp }}{{ '] ' }}{{ m.content }}",
        "[{{ m.timestamp }}] {{ m.content }}",
    ],
)
def test_brackets_before_the_words_frame_a_time_though_none_is_given(said: str):
    kinds = [kind for kind, text in told(framed(said), [HI, YES]) if "[" in text or "]" in text]
    assert kinds == ["?"]
    assert told(framed(said), [HI, YES])[-1] == ("g", "yes</s>")


def test_brackets_after_the_words_frame_what_alone_they_hold():
    template = framed("{{ m.content ~ ' (' ~ place ~ ')' }}")
    assert told(template, [HI, YES])[-2:] == [("?", " ()"), ("g", "</s>")]
    said = "{{ m.content ~ ' (at ' ~ place ~ ')' }}"
    assert ("g", "yes (at )</s>") in told(framed(said), [HI, YES])


def test_brackets_around_what_the_model_says_are_the_models():
    template = framed("{{ '[' ~ m.reasoning_content | default('') ~ '] ' ~ m.content }}")
    assert told(template, [HI, YES])[-1] == ("g", "[] yes</s>")


def test_a_token_next_to_what_is_given_is_the_models():
    template = framed("{{ '<note>' }}{{ place }}{{ '<say>' }}{{ m.content }}")
    assert told(template, [HI, YES])[-1] == ("g", "<note><say>yes</s>")


def test_what_frames_a_result_is_nobodys_where_the_result_has_no_text():
    blocks = (
        "{% for b in m.content %}{% if b.type == 'tool_result' %}<r>{{ b.content }}</r>"
        "{% else %}{{ b.text }}{% endif %}{% endfor %}"
    )
    turn = {
        "role": "assistant",
        "content": [{"type": "tool_result"}, {"type": "text", "text": "y"}],
    }
    assert [text for kind, text in told(framed(blocks), [HI, turn]) if kind == "g"] == ["y</s>"]
