"""Thoughts that the generation prompt opens, or the template itself puts in."""

import pytest

from tests.turns.told import CALL, CALLS, HEADER, HI, PROMPT, RESULT, USERS, YES, chat, told

REASONED = {**YES, "reasoning": "hm"}
THOUGHT = "{{ '<think>\n' + m.reasoning + '\n</think>\n' }}"
THOUGHTFUL = "{% if m.reasoning %}" + THOUGHT + "{% endif %}"
AFTER_RESULTS = chat(
    "{{ '<|start|>assistant\n' }}" + THOUGHTFUL + "{{ m.content }}" + CALLS + "<|end|>",
    prompt=PROMPT.replace(
        "{% endif %}", "{% if messages[-1].role == 'tool' %}{{ '<think>\n' }}{% endif %}{% endif %}"
    ),
)
PROMPTED_THOUGHTS = {
    "where this conversation's prompt opens none": (
        AFTER_RESULTS,
        [HI, REASONED],
        [USERS, HEADER, ("g", "<think>\nhm\n</think>\nyes<|end|>")],
    ),
    "where this conversation's prompt opens one": (
        AFTER_RESULTS,
        [HI, CALL, RESULT, REASONED],
        [
            USERS,
            HEADER,
            ("g", "<call>f</call><|end|>"),
            (".", "<|start|>tool\none<|end|>\n"),
            HEADER,
            ("f", "<think>\n"),
            ("g", "hm\n</think>\nyes<|end|>"),
        ],
    ),
    "one that the assistant left empty": (
        chat("{{ '<|start|>assistant\n' + m.content + '<|end|>' }}"),
        [HI, {**YES, "content": "<think>\n\n</think>\nyes"}],
        [USERS, HEADER, ("g", "<think>\n\n</think>\nyes<|end|>")],
    ),
    "one that is written around what is thought": (
        chat("{{ '<|start|>assistant\n' }}" + THOUGHT + "{{ m.content }}<|end|>"),
        [HI, {**YES, "reasoning": ""}],
        [USERS, HEADER, ("n", "<think>\n\n</think>\n"), ("g", "yes<|end|>")],
    ),
    "an empty one that the template puts in on a line of its own": (
        chat(
            "<|start|>assistant" + THOUGHTFUL[:-11] + "{% else %}"
            "{{ '\n<think></think>\n' }}{% endif %}{{ m.content }}<|end|>",
            prompt="{% if add_generation_prompt %}<|start|>assistant{% endif %}",
        ),
        [HI, YES],
        [
            USERS,
            ("p", "<|start|>assistant"),
            ("n", "\n<think></think>\n"),
            ("g", "yes<|end|>"),
        ],
    ),
    "an empty one that the template puts in": (
        chat(
            "{{ '<|start|>assistant\n' }}" + THOUGHTFUL[:-11] + "{% else %}"
            "{{ '<think>\n\n</think>\n' }}{% endif %}{{ m.content }}<|end|>"
        ),
        [HI, YES, HI, REASONED],
        [
            USERS,
            HEADER,
            ("n", "<think>\n\n</think>\n"),
            ("g", "yes<|end|>"),
            USERS,
            HEADER,
            ("g", "<think>\nhm\n</think>\nyes<|end|>"),
        ],
    ),
}


@pytest.mark.parametrize(
    ("template", "messages", "expected"), PROMPTED_THOUGHTS.values(), ids=PROMPTED_THOUGHTS
)
def test_a_thought_is_prompted_as_far_as_the_conversation_prompts_it(template, messages, expected):
    assert told(template, messages, empty_thoughts="prompted") == expected


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("<think:os>", "</think:os>"),
        ("<|START_THINKING|>", "<|END_THINKING|>"),
        ("<begin_of_thought>", "<end_of_thought>"),
        ("[THINK]", "[/THINK]"),
        ("<os:reasoning>", "</os:reasoning>"),
    ],
)
def test_a_thought_is_known_whatever_else_its_tags_name(opening, closing):
    put_in = chat("{{ '<|start|>assistant\n' + '" + opening + closing + "' + m.content }}<|end|>")
    assert told(put_in, [HI, YES], empty_thoughts="prompted") == [
        USERS,
        HEADER,
        ("n", opening + closing),
        ("g", "yes<|end|>"),
    ]


def test_what_only_ends_a_thought_opens_none():
    ending = chat(
        "{{ '<|start|>assistant\n' }}" + "{{ '</think:os>' + m.content }}<|end|>",
        prompt=PROMPT.replace("assistant\n", "assistant\n</think:os>"),
    )
    assert told(ending, [HI, YES]) == [
        USERS,
        ("p", "<|start|>assistant\n</think:os>"),
        ("g", "yes<|end|>"),
    ]


ALWAYS = chat(
    "{{ '<|start|>assistant\n' }}{{ '<say>' + m.content }}<|end|>",
    prompt="{{ '<|start|>assistant\n' }}{% if not deep %}{{ '<think></think>' }}{% endif %}",
)


def test_what_every_text_ends_in_is_the_prompt_also_where_it_opens_a_thought_that_no_turn_has():
    assert told(ALWAYS, [HI, YES]) == [
        USERS,
        HEADER,
        ("g", "<say>yes<|end|>"),
        (".", "<|start|>assistant\n<think></think>"),
    ]


FLAGGED = "{{ '<think>\n' if deep else '<quick>' }}"
BY_FLAG = chat(
    "{{ '<|start|>assistant\n' }}" + FLAGGED + "{{ m.content }}<|end|>",
    prompt="{% if add_generation_prompt %}{{ '<|start|>assistant\n' }}" + FLAGGED + "{% endif %}",
)


def test_what_a_flag_has_both_the_prompt_and_the_turn_print_is_prompted_under_it():
    prefilled = [USERS, HEADER, ("f", "<think>\n"), ("g", "yes<|end|>")]
    assert told(BY_FLAG, [HI, YES], deep=True) == prefilled


def test_what_a_flag_has_the_prompt_alone_print_is_generated_by_the_turn_that_prints_it_anyway():
    thoughtful = chat(
        "{{ '<|start|>assistant\n' }}" + THOUGHT + "{{ m.content }}<|end|>",
        prompt="{% if add_generation_prompt %}{{ '<|start|>assistant\n' }}"
        "{{ '<think>\n' if deep }}{% endif %}",
    )
    generated = [USERS, HEADER, ("g", "<think>\nhm\n</think>\nyes<|end|>")]
    assert told(thoughtful, [HI, REASONED], deep=True) == generated


# After a result the turn goes on with a line break instead of a header.
GOING_ON = (
    "{% set was = namespace(role='') %}{% for m in messages %}{% if m.role == 'assistant' %}"
    "{{ '\n' if was.role == 'tool' else '<|bot|>' }}{% if thinking %}{{ '<think>' }}{% endif %}"
    "{{ '</think>' + m.content }}{% for c in m.tool_calls %}<call>{% endfor %}<|end|>"
    "{% else %}{{ '<|user|>' + m.content }}{% endif %}{% set was.role = m.role %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '\n' if was.role == 'tool' else '<|bot|>' }}"
    "{{ '<think>' if thinking else '</think>' }}{% endif %}"
)


@pytest.mark.parametrize(
    ("thinking", "prompted", "closed"), [(True, "<think>", "</think>"), (False, "</think>", "")]
)
def test_flags_decide_what_is_prompted_after_a_result_and_in_a_first_turn_too(
    thinking, prompted, closed
):
    called = {**CALL, "content": "wait"}
    assert told(GOING_ON, [called, RESULT, YES], thinking=thinking) == [
        ("p", "<|bot|>"),
        ("f", prompted),
        ("g", f"{closed}wait<call><|end|>"),
        (".", "<|user|>one"),
        ("p", "\n"),
        ("f", prompted),
        ("g", f"{closed}yes<|end|>"),
    ]


SET_FROM_A_FLAG = (
    "{% set on = thinking | default(true) %}"
    + chat("{{ '<|start|>assistant\n<think></think>' + m.content + '<|end|>' }}")
).replace("assistant\n' }}", "assistant\n' }}{{ '<think>' if on else '<think></think>' }}")


def test_a_flag_is_also_what_is_set_from_one():
    assert told(SET_FROM_A_FLAG, [HI, YES], thinking=False, empty_thoughts="prompted") == [
        USERS,
        HEADER,
        ("n", "<think></think>"),
        ("g", "yes<|end|>"),
    ]


# What is said has the prompt close the thought that it opens.
BY_WORD = (
    "{% set ns = namespace(deep=true) %}{% for m in messages %}"
    "{% if 'quick' in m.content %}{% set ns.deep = false %}{% endif %}"
    "{% if m.role == 'assistant' %}{{ '<|start|>assistant\n<think>' }}{{ m.reasoning or '' }}"
    "{{ '</think>' + m.content + '<|end|>' }}"
    "{% else %}{{ '<|start|>' + m.role + '\n' + m.content + '<|end|>\n' }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|start|>assistant\n<think>' }}"
    "{{ '' if ns.deep else '</think>' }}{% endif %}"
)
QUICK = {"role": "user", "content": "quick"}


def test_a_thought_that_the_prompt_closes_in_another_conversation_is_generated():
    assert told(BY_WORD, [HI, YES]) == [
        USERS,
        HEADER,
        ("f", "<think>"),
        ("g", "</think>yes<|end|>"),
    ]


def test_a_thought_that_the_prompt_closes_in_this_conversation_is_prefilled():
    assert told(BY_WORD, [QUICK, YES])[1:] == [
        HEADER,
        ("f", "<think></think>"),
        ("g", "yes<|end|>"),
    ]
    # Who prompts with a whole thought has not asked for the one that is thought.
    assert told(BY_WORD, [QUICK, REASONED])[1:] == [
        HEADER,
        ("?", "<think>"),
        ("g", "hm</think>yes<|end|>"),
    ]


def test_an_empty_thought_that_a_flag_alone_has_the_prompt_print_may_be_either():
    by_flag = BY_WORD.replace("if ns.deep", "if deep | default(true)")
    default = [("f", "<think>"), ("g", "</think>yes<|end|>")]
    assert told(by_flag, [QUICK, YES])[2:] == default
    either = [("f", "<think>"), ("?", "</think>"), ("g", "yes<|end|>")]
    assert told(by_flag, [QUICK, YES], deep=False)[2:] == either
    thoughtful = [("f", "<think>"), ("g", "hm</think>yes<|end|>")]
    assert told(by_flag, [QUICK, REASONED], deep=False)[2:] == thoughtful
