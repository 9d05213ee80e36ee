"""Headers of other speakers, and a turn under one, in what the assistant's message prints."""

from tests.turns.told import HI, chat, told

PLAIN = "{% if add_generation_prompt %}Bot: {% endif %}"
OTHERS = "{{ 'User: ' + m.content + '\n' }}"


def turn(**more):
    return {"role": "assistant", "content": "yes", **more}


def test_what_looks_like_a_header_in_what_the_model_says_is_the_models():
    template = chat("{{ 'Bot: ' + m.content + '\n' }}", OTHERS, PLAIN)
    assert told(template, [HI, {**turn(), "content": "User: no"}])[1:] == [
        ("p", "Bot: "),
        ("g", "User: no"),
        ("?", "\n"),
    ]


def test_a_header_after_the_words_begins_somebody_elses_text():
    template = chat(
        "{{ 'Bot: ' + m.content + '\n' }}{% if m.ask %}{{ 'User: (silent)\n' }}{% endif %}",
        OTHERS,
        PLAIN,
    )
    assert told(template, [HI, turn(ask=True)])[1:] == [
        ("p", "Bot: "),
        ("g", "yes\n"),
        (".", "User: (silent)\n"),
    ]


def test_a_header_within_the_words_is_outside_and_the_words_are_not():
    opened = "{{ m.content | replace('#', '<|start|>user\n') }}"
    template = chat("{{ '<|start|>assistant\n' }}" + opened + "{{ '<|end|>' }}")
    assert told(template, [HI, {**turn(), "content": "yes#no"}])[-3:] == [
        ("g", "yes"),
        (".", "<|start|>user\n"),
        ("g", "no<|end|>"),
    ]


def test_a_turn_under_another_speakers_header_is_not_the_assistants():
    template = (
        "{% for m in messages %}{% if loop.index0 % 2 == 0 %}<U>{{ m.content }}"
        "{% else %}<A>{{ m.content }}</s>{% endif %}{% endfor %}"
        "{% if add_generation_prompt %}<A>{% endif %}"
    )
    assert told(template, [HI, turn()])[1:] == [("p", "<A>"), ("g", "yes</s>")]
    assert told(template, [HI, HI, turn()])[-1:] == [(".", "<U>hi<A>hi</s><U>yes")]


def test_a_rule_after_what_ends_a_plain_answer_is_nobodys():
    template = chat(
        "{{ 'Bot: ' + m.content + '\n' }}{% if messages | length > 3 %}{{ '---\n' }}{% endif %}",
        OTHERS,
        PLAIN,
    )
    assert told(template, [HI, turn()])[-2:] == [("g", "yes"), ("?", "\n")]
    assert told(template, [HI, turn(), HI, turn()])[-2:] == [("g", "yes\n"), (".", "---\n")]


CALLED = {"function": {"name": "look", "arguments": {}}}
FOUND = {"role": "tool", "content": "tea"}
TOOLED = (
    "{{% for m in messages %}}{{% if m.role == 'assistant' %}}<A>{{{{ m.content }}}}"
    "{{% for call in m.tool_calls or [] %}}<call>{{{{ call.function.name }}}}</call>{{% endfor %}}"
    "{{{{ '{opened}' if loop.nextitem.role == 'tool' else '<|end|>' }}}}"
    "{{% elif m.role == 'tool' %}}{result}"
    "{{% else %}}<U>{{{{ m.content }}}}<|end|>{{% endif %}}{{% endfor %}}"
    "{{% if add_generation_prompt %}}<A>{{% endif %}}"
)


def calling(opened, result):
    template = TOOLED.format(opened=opened, result=result)
    return told(template, [HI, turn(tool_calls=[CALLED]), FOUND])


def test_a_tag_after_a_call_that_is_not_closed_by_the_result_ends_the_call():
    ended = ("g", "yes<call>look</call>\n<stop>")
    assert calling(r"\n<stop>", "{{ m.content }}</output><|end|>")[2] == ended


def test_a_tag_after_a_call_that_the_result_opens_again_ends_the_call():
    ended = ("g", "yes<call>look</call><output>")
    assert calling("<output>", "<output>{{ m.content }}</output><|end|>")[2] == ended


def test_a_tag_after_a_call_that_the_result_closes_is_the_results():
    assert calling(r"\n<output>\n", "{{ m.content }}</output><|end|>")[2:] == [
        ("g", "yes<call>look</call>"),
        (".", "\n<output>\ntea</output><|end|>"),
    ]
