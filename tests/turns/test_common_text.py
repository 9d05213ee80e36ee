"""What every role's turn prints around what is said."""

import pytest

from tests.turns.told import HEADER, HI, SAID_AND_CALLED, USERS, YES, chat, told

SOUND = [{"type": "audio"}, {"type": "text", "text": "so"}]
COMMON = {
    "a token that each turn prints before its words": (
        (
            "{% for m in messages %}<|{{ m.role }}|><|say|>{{ m.content }}<|end|>{% endfor %}"
            "{% if add_generation_prompt %}<|assistant|>{% endif %}"
        ),
        [HI, YES],
        [(".", "<|user|><|say|>hi<|end|>"), ("p", "<|assistant|>"), ("g", "<|say|>yes<|end|>")],
    ),
    "a channel's name, between tokens": (
        (
            "{% for m in messages %}<|{{ m.role }}|><|in|>all<|say|>{{ m.content }}<|end|>"
            "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
        ),
        [HI, YES],
        [
            (".", "<|user|><|in|>all<|say|>hi<|end|>"),
            ("p", "<|assistant|>"),
            ("g", "<|in|>all<|say|>yes<|end|>"),
        ],
    ),
    "whom the assistant speaks to, who speaks in the other turn": (
        chat(
            "<|start|>assistant to=user<|say|>{{ m.content }}<|end|>",
            "<|start|>user<|say|>{{ m.content }}<|end|>",
            "{% if add_generation_prompt %}<|start|>assistant{% endif %}",
        ),
        [HI, YES],
        [
            (".", "<|start|>user<|say|>hi<|end|>"),
            ("p", "<|start|>assistant"),
            ("g", " to=user<|say|>yes<|end|>"),
        ],
    ),
    "words that the assistant's turn alone has": (
        chat("{{ '<|start|>assistant\nMy answer: ' + m.content + '<|end|>' }}"),
        [HI, YES],
        [USERS, HEADER, ("g", "My answer: yes<|end|>")],
    ),
    "words that each turn ends in": (
        (
            "{% for m in messages %}{{ m.role }}: {{ m.content }} (over){% endfor %}"
            "{% if add_generation_prompt %}assistant: {% endif %}"
        ),
        [HI, YES],
        [(".", "user: hi (over)"), ("p", "assistant: "), ("g", "yes (over)")],
    ),
    "words before what each turn says": (
        (
            "{% for m in messages %}{{ m.role }}: Answer within <b> tags. Here: "
            "{{ m.content }}<|end|>{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}"
        ),
        [HI, YES],
        [
            (".", "user: Answer within <b> tags. Here: hi<|end|>"),
            ("p", "assistant: Answer within <b> tags. Here: "),
            ("g", "yes<|end|>"),
        ],
    ),
    "words before nothing": (
        (
            "{% for m in messages %}{{ m.role + ': Answer now: ' + m.content + '\n' }}{% endfor %}"
            "{% if add_generation_prompt %}assistant: {% endif %}"
        ),
        [HI, {**YES, "content": ""}],
        [(".", "user: Answer now: hi\n"), ("p", "assistant: Answer now: "), ("?", "\n")],
    ),
    "punctuation before what each turn says": (
        (
            "{% for m in messages %}{{ m.role }}: - {{ m.content }}<|end|>{% endfor %}"
            "{% if add_generation_prompt %}assistant: {% endif %}"
        ),
        [HI, YES],
        [(".", "user: - hi<|end|>"), ("p", "assistant: "), ("g", "- yes<|end|>")],
    ),
    "a number that is each turn's own": (
        (
            "{% for m in messages %}<|{{ m.role }}|>[{{ loop.index }}] {{ m.content }}<|end|>"
            "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
        ),
        [HI, YES],
        [(".", "<|user|>[1] hi<|end|>"), ("p", "<|assistant|>[2] "), ("g", "yes<|end|>")],
    ),
    "a number that the assistant's turn alone has": (
        (
            "{% for m in messages %}<|{{ m.role }}|>{% if m.role == 'assistant' %}"
            "[{{ loop.index }}] {% endif %}{{ m.content }}<|end|>{% endfor %}"
            "{% if add_generation_prompt %}<|assistant|>{% endif %}"
        ),
        [HI, YES],
        [(".", "<|user|>hi<|end|>"), ("p", "<|assistant|>"), ("g", "[2] yes<|end|>")],
    ),
    "the time, before what each turn says": (
        (
            "{% for m in messages %}<|{{ m.role }}|>{{ strftime_now('%H:%M') }} "
            "{{ m.content }}<|end|>{% endfor %}"
            "{% if add_generation_prompt %}<|assistant|>{% endif %}"
        ),
        [HI, YES],
        [
            (".", "<|user|>03:04 hi<|end|>"),
            ("p", "<|assistant|>"),
            ("e", "03:04"),
            ("p", " "),
            ("g", "yes<|end|>"),
        ],
    ),
    "what stands for a sound, and counts it": (
        (
            "{% set n = namespace(at=0) %}{% for m in messages %}<|{{ m.role }}|>"
            "{% if m.content is string %}{{ m.content }}{% else %}{% for b in m.content %}"
            "{% if b.type == 'audio' %}{% set n.at = n.at + 1 %}Sound {{ n.at }}: {% else %}"
            "{{ b.text }}{% endif %}{% endfor %}{% endif %}<|end|>{% endfor %}"
            "{% if add_generation_prompt %}<|assistant|>{% endif %}"
        ),
        [{**HI, "content": SOUND}, {**YES, "content": SOUND}],
        [
            (".", "<|user|>Sound 1: so<|end|>"),
            ("p", "<|assistant|>"),
            ("g", "Sound 2: so<|end|>"),
        ],
    ),
    "words after it where nothing is said": (
        (
            "{% for m in messages %}<|{{ m.role }}|>\n{{ m.content }}\nThink twice.<|end|>"
            "{% endfor %}{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
        ),
        [HI, {**YES, "content": ""}],
        [
            (".", "<|user|>\nhi\nThink twice.<|end|>"),
            ("p", "<|assistant|>\n\nThink twice."),
            ("g", "<|end|>"),
        ],
    ),
    "words after it, and then the end": (
        (
            "{% for m in messages %}<|{{ m.role }}|>{{ m.content }} And that is it.<|end|>"
            "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
        ),
        [HI, YES],
        [
            (".", "<|user|>hi And that is it.<|end|>"),
            ("p", "<|assistant|>"),
            ("g", "yes"),
            ("p", " And that is it."),
            ("g", "<|end|>"),
        ],
    ),
}


@pytest.mark.parametrize(("template", "messages", "expected"), COMMON.values(), ids=COMMON)
def test_words_that_a_users_turn_prints_too_are_nobodys(template, messages, expected):
    assert told(template, messages) == expected


# Of tools that are none nothing is printed that is given.
FIRST = (
    "{% if not tools is defined %}{% set tools = none %}{% endif %}"
    "{% for m in messages %}{{ '<|' + m.role + '|>' }}{% if loop.first and tools is not none %}"
    "{{ 'Call these: ' }}{{ tools | tojson }}{{ '\n' }}{% endif %}"
    "{{ '<|say|>' }}{% for c in m.tool_calls %}{{ '[' + c.function.name + ']' }}{% endfor %}"
    "{{ m.content }}<|end|>{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def test_what_the_first_turn_tells_of_tools_is_nobodys_but_not_the_tokens_after_it():
    said = [("g", "<|say|>[f]wait<|end|>"), (".", "<|user|><|say|>hi<|end|>")]
    assert told(FIRST, [SAID_AND_CALLED, HI]) == [("p", "<|assistant|>"), *said]
    instruction = [("p", "<|assistant|>"), ("e", "Call these: []\n")]
    assert told(FIRST, [SAID_AND_CALLED, HI], tools=[]) == [*instruction, *said]


INSTRUCTED = (
    "{% set first = messages[0].content + '\n\n' if messages[0].role == 'system' else '' %}"
    "{% for m in messages %}{% if m.role != 'system' %}{{ '<|' + m.role + '|>' }}"
    "{% if loop.index == 2 %}{{ first }}{% endif %}{{ m.content + '<|end|>' }}{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def test_what_is_joined_to_what_others_said_in_an_output_of_its_own_need_not_be_the_assistants():
    assert told(INSTRUCTED, [{"role": "system", "content": "Be brief."}, YES]) == [
        ("p", "<|assistant|>"),
        (".", "Be brief."),
        ("?", "\n\n"),
        ("g", "yes<|end|>"),
    ]


def test_an_answer_under_a_key_is_no_word_of_the_template_s():
    """``true`` remembers no more where it comes from than a number that is counted."""
    noted = "{{ m.content }}{% if m.refusal %} ({{ m.refusal }}){% endif %}<|end|>"
    template = chat("{{ '<|start|>assistant\n' }}" + noted, others="<|user|>" + noted)
    hi, yes = {**HI, "refusal": True}, {**YES, "refusal": True}
    assert told(template, [hi, yes])[-1] == ("g", "yes (True)<|end|>")
