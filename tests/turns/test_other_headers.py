"""Headers that are spelled otherwise than the generation prompt spells them."""

import pytest

from tests.turns.told import CALL, HI, YES, chat, told

PROMPT = "{% if add_generation_prompt %}<A>{% endif %}"
USERS = "{{ '<U>' + m.content }}"


def test_what_opens_a_call_where_no_header_is_printed_is_the_models():
    turn = "{% if loop.previtem.role == 'user' %}<A>{% endif %}<call>{{ m.content }}</s>"
    template = chat(turn, USERS, PROMPT)
    assert told(template, [HI, YES, YES])[-1] == ("g", "<call>yes</s><call>yes</s>")


def test_what_a_turn_goes_on_with_after_a_result_is_the_models_whatever_its_arms_are():
    arms = "{% if loop.previtem.role == 'tool' %}<answer>{% else %}<A>{% endif %}"
    template = chat(arms + "{{ m.content + '</s>' }}", USERS, PROMPT)
    result = {"role": "tool", "content": "one"}
    assert told(template, [HI, YES, result, YES])[-1] == ("g", "<answer>yes</s>")


def test_more_in_a_header_of_one_letter_is_of_the_header_to_its_close():
    long = "{% if m.content | length > 3 %} long{% endif %}"
    template = chat("{{ '<A' }}" + long + "{{ '>' }}{{ m.content + '</s>' }}", USERS, PROMPT)
    assert told(template, [HI, YES])[1:] == [("p", "<A>"), ("g", "yes</s>")]
    assert told(template, [HI, {**YES, "content": "indeed"}])[1:] == [
        ("p", "<A long>"),
        ("g", "indeed</s>"),
    ]


def test_what_stands_in_another_arm_than_the_header_is_a_header_too():
    arms = "{% if loop.first %}<greeting>{% elif m.again %}<more>{% else %}<A>{% endif %}"
    template = chat(arms + "{{ m.content + '</s>' }}", USERS, PROMPT)
    assert told(template, [YES])[0] == ("p", "<greeting>")
    assert told(template, [HI, {**YES, "again": True}])[1:] == [("p", "<more>"), ("g", "yes</s>")]


def test_an_arm_that_prints_what_is_said_holds_no_header():
    arms = "{% if m.tool_plan %}<plan>{{ m.tool_plan }}{% else %}<A>{% endif %}"
    template = chat(arms + "{{ m.content + '</s>' }}", USERS, PROMPT)
    planned = {**YES, "tool_plan": "look"}
    assert told(template, [HI, planned])[-1] == ("g", "<plan>lookyes</s>")


def test_an_empty_thought_of_any_name_that_some_prompt_prefills_is_prefilled():
    thought = "{% if m.thinking %}<t>{{ m.thinking }}</t>{% else %}<t></t>{% endif %}"
    flagged = "{% if not deep | default(true) %}<t></t>{% endif %}"
    prompt = "{% if add_generation_prompt %}<A>" + flagged + "{% endif %}"
    template = chat("<A>" + thought + "{{ m.content + '</s>' }}", USERS, prompt)
    parts = told(template, [HI, YES], empty_thoughts="prompted")
    assert parts[1:] == [("p", "<A>"), ("n", "<t></t>"), ("g", "yes</s>")]
    assert told(template, [HI, {**YES, "thinking": "so"}])[-1] == ("g", "<t>so</t>yes</s>")


def test_two_tokens_that_no_prompt_prefills_are_the_models():
    template = chat("<A><t></t>{{ m.content + '</s>' }}", USERS, PROMPT)
    assert told(template, [HI, YES])[1:] == [("p", "<A>"), ("g", "<t></t>yes</s>")]


def test_the_time_is_nobodys_and_its_frame_may_be_outside():
    clock = "{{ '[' ~ strftime_now('%Y') ~ '] ' }}"
    template = chat("<A>" + clock + "{{ m.content + '</s>' }}", USERS, PROMPT)
    assert told(template, [HI, YES])[1:] == [
        ("p", "<A>"),
        ("?", "["),
        ("e", "2026"),
        ("?", "] "),
        ("g", "yes</s>"),
    ]


LONG = {**YES, "content": "yes and more"}
IS_LONG = "m.content | length > 5"


@pytest.mark.parametrize(
    "chosen",
    [
        "{% if LONG %}<AL>{% endif %}{% if not (LONG) %}<A>{% endif %}",
        "{{ '<A>' if not (LONG) else '' }}{{ '<AL>' if LONG else '' }}",
        "{% for one in [1] if LONG %}<AL>{% else %}<A>{% endfor %}",
        "{% if LONG %}{{ long }}{% else %}{{ short }}{% endif %}",
        "{% if LONG %}{{ header('L') }}{% else %}{{ header('') }}{% endif %}",
    ],
)
def test_a_header_is_known_by_what_chooses_it_whatever_its_form_is(chosen: str):
    set_ = "{% set long = '<AL>' %}{% set short = '<A>' %}"
    macro = "{% macro header(kind) %}{{ '<A' ~ kind ~ '>' }}{% endmacro %}"
    turn = chosen.replace("LONG", IS_LONG) + "{{ m.content + '</s>' }}"
    template = set_ + macro + chat(turn, USERS, PROMPT)
    assert told(template, [HI, YES])[1:] == [("p", "<A>"), ("g", "yes</s>")]
    assert told(template, [HI, LONG])[1:] == [("p", "<AL>"), ("g", "yes and more</s>")]


def test_a_token_that_a_condition_after_the_header_prints_is_the_models():
    turn = "<A>{% if " + IS_LONG + " %}<long>{% endif %}{{ m.content + '</s>' }}"
    template = chat(turn, USERS, PROMPT)
    assert told(template, [HI, LONG])[1:] == [("p", "<A>"), ("g", "<long>yes and more</s>")]


def test_after_an_answer_that_is_ended_a_turn_does_not_go_on():
    arms = "{% if loop.previtem.role == 'assistant' %}<more>{% else %}<A>{% endif %}"
    template = chat(arms + "{{ m.content + '</s>' }}", USERS, PROMPT)
    assert told(template, [HI, YES, YES])[2:] == [
        ("g", "yes</s>"),
        ("p", "<more>"),
        ("g", "yes</s>"),
    ]
    unended = chat(arms + "{{ m.content }}", USERS, PROMPT)
    assert told(unended, [HI, YES, YES])[2:] == [("g", "yes<more>yes")]


@pytest.mark.parametrize("empty", ["<nothing/>", "<none>", "Thought: none\n"])
def test_what_a_flag_has_the_prompt_print_where_no_thought_is_is_an_empty_thought(empty: str):
    thought = "{% if m.thinking %}<t>{{ m.thinking }}</t>{% else %}EMPTY{% endif %}"
    flagged = "{% if not deep | default(true) %}EMPTY{% endif %}"
    prompt = "{% if add_generation_prompt %}<A>" + flagged + "{% endif %}"
    source = chat("<A>" + thought + "{{ m.content + '</s>' }}", USERS, prompt)
    template = source.replace("EMPTY", "{{ EMPTY }}").replace("EMPTY", repr(empty))
    parts = told(template, [HI, YES], empty_thoughts="prompted")
    assert parts[1:] == [("p", "<A>"), ("n", empty), ("g", "yes</s>")]
    assert told(template, [HI, {**YES, "thinking": "so"}])[-1] == ("g", "<t>so</t>yes</s>")


def test_what_a_flag_prefills_and_every_turn_begins_with_is_the_models():
    flagged = "{% if deep %}<answer>{% endif %}"
    prompt = "{% if add_generation_prompt %}<A>" + flagged + "{% endif %}"
    template = chat("<A><answer>{{ m.content + '</s>' }}", USERS, prompt)
    assert told(template, [HI, YES])[1:] == [("p", "<A>"), ("g", "<answer>yes</s>")]


@pytest.mark.parametrize("others", ["<think>", "<think>\n"])
def test_what_the_headers_arm_prints_after_it_is_the_models_in_the_other_arm_too(others: str):
    arms = "{% if loop.previtem.role == 'assistant' %}O{% else %}{{ '<A>' ~ 'O' }}{% endif %}"
    arms = arms.replace("'<A>' ~ 'O'", "'<A>O'").replace("O", others)
    template = chat(arms + "{{ m.content + '</s>' }}", USERS, PROMPT)
    assert told(template, [HI, YES, YES])[2:] == [("g", f"{others}yes</s>{others}yes</s>")]


def test_what_a_turn_closes_it_opens_itself():
    arms = "{% if loop.previtem.role == 'assistant' %}<more>{% else %}<A>{% endif %}"
    close = "{% if loop.previtem.role == 'assistant' %}</more>{% endif %}"
    template = chat(arms + "{{ m.content }}" + close + "</s>", USERS, PROMPT)
    assert told(template, [HI, YES, YES])[2:] == [("g", "yes</s><more>yes</more></s>")]


@pytest.mark.parametrize(
    "empty", ["{{ o ~ c }}", "{{ o }}{{ c }}", "{{ [o, c] | join('') }}", "{{ o + '' + c }}"]
)
def test_an_empty_thought_in_parts_is_one_in_an_arm_of_its_own(empty: str):
    thought = "{% if m.thinking %}<t>{{ m.thinking }}</t>{% else %}" + empty + "{% endif %}"
    flagged = "{% if not deep | default(true) %}<t></t>{% endif %}"
    prompt = "{% if add_generation_prompt %}<A>" + flagged + "{% endif %}"
    source = chat("<A>" + thought + "{{ m.content + '</s>' }}", USERS, prompt)
    template = "{% set o = '<t>' %}{% set c = '</t>' %}" + source
    parts = told(template, [HI, YES], empty_thoughts="prompted")
    assert parts[1:] == [("p", "<A>"), ("n", "<t></t>"), ("g", "yes</s>")]


def test_tags_around_a_thought_that_is_not_there_are_the_models():
    flagged = "{% if not deep | default(true) %}<t></t>{% endif %}"
    prompt = "{% if add_generation_prompt %}<A>" + flagged + "{% endif %}"
    around = "<A>{{ '<t>' }}{{ m.thinking }}{{ '</t>' }}{{ m.content + '</s>' }}"
    assert told(chat(around, USERS, prompt), [HI, YES])[-1] == ("g", "<t></t>yes</s>")


def test_a_remark_after_the_stop_is_nobodys_whatever_it_repeats():
    turn = "<A>{{ m.content + '</s>' }}{{ '[log: ' + m.content + ']' }}"
    template = chat(turn, "{{ '<U>' + m.content + '</s>' }}", PROMPT)
    assert told(template, [HI, YES])[1:] == [
        ("p", "<A>"),
        ("g", "yes</s>"),
        (".", "[log: yes]"),
    ]


def test_a_channel_after_the_stop_is_the_models():
    channels = "<A>{% if m.thinking %}<t>{{ m.thinking }}</s><A>{% endif %}<f>{{ m.content }}</s>"
    template = chat(channels, "{{ '<U>' + m.content + '</s>' }}", PROMPT)
    assert told(template, [HI, {**YES, "thinking": "so"}])[1:] == [
        ("p", "<A>"),
        ("g", "<t>so</s>"),
        ("p", "<A>"),
        ("g", "<f>yes</s>"),
    ]


OPENED = "{% if add_generation_prompt %}<start>assistant\n{% endif %}"
TURN = "{{ '<start>assistant\n' + m.content + '<end>' }}"


def headed(name: str, when: str, prompt: str = OPENED) -> str:
    other = "{{ '" + name + "' + m.content + '<end>' }}"
    return chat(f"{{% if {when} %}}{other}{{% else %}}{TURN}{{% endif %}}", USERS, prompt)


def test_any_name_after_the_token_that_opens_headers_is_a_headers_to_its_close():
    planner = headed("<start>planner two\n", "m.content.startswith('Plan')")
    assert told(planner, [HI, YES])[1:] == [("p", "<start>assistant\n"), ("g", "yes<end>")]
    plan = {**YES, "content": "Plan: go"}
    assert told(planner, [HI, plan])[1:] == [("p", "<start>planner two\n"), ("g", "Plan: go<end>")]


def test_what_only_a_first_turn_begins_with_opens_another_speakers():
    greeting = headed("[GREETING] ", "loop.first")
    assert told(greeting, [YES]) == [("p", "[GREETING] "), ("g", "yes<end>")]


def test_what_answers_begin_with_is_the_models_in_a_first_turn_too():
    turn = "{% if loop.previtem %}<A>{% endif %}<answer>{{ m.content + '</s>' }}"
    assert told(chat(turn, USERS, PROMPT), [YES]) == [("g", "<answer>yes</s>")]


def test_a_first_turn_that_says_nothing_only_ends():
    turn = "{% if m.content %} {{ m.content }}{% endif %}{{ '</s>' }}"
    template = (
        "{% for m in messages %}{% if m.role == 'user' %}{{ '[ASK]' + m.content + '[/ASK]' }}"
        "{% else %}" + turn + "{% endif %}{% endfor %}"
    )
    assert told(template, [{**YES, "content": ""}, HI, YES])[0] == ("g", "</s>")


def test_a_first_turn_that_is_closed_as_the_users_turn_is_holds_only_what_is_said():
    asked = "{{ '[ASK] ' + m.content + ' [/ASK]' }}"
    template = (
        "{% for m in messages %}{% if m.role == 'user' or loop.first %}" + asked + "{% else %}"
        "{{ m.content + '</s>' }}{% endif %}{% endfor %}"
    )
    assert told(template, [YES, HI, YES])[:2] == [("p", "[ASK] "), ("g", "yes")]


def test_a_header_that_a_flag_puts_more_into_before_its_close_is_prompted_to_its_close():
    more = "{% if controls %}{{ ' ' + controls | tojson }}{% endif %}"
    prompt = "{% if add_generation_prompt %}<A " + more + "|>{% endif %}"
    template = chat("<A |>{{ m.content + '</s>' }}", USERS, prompt)
    assert told(template, [HI, YES])[1:] == [("p", "<A |>"), ("g", "yes</s>")]


def test_the_line_break_that_closes_a_header_with_a_name_is_prompted_and_no_prefill():
    header = "{{ '<A>' + (' ' + persona if persona else '') + '\n' }}"
    prompt = "{% if add_generation_prompt %}" + header + "{% endif %}"
    template = chat(header + "{{ m.content + '</s>' }}", USERS, prompt)
    assert told(template, [HI, YES])[1:] == [("p", "<A>\n"), ("g", "yes</s>")]


RULED = (
    "{% for m in messages if m.role != 'system' %}{% set text = m.content %}"
    "{% if loop.first and messages[0].role == 'system' %}"
    "{% set text = '<rule>' + messages[0].content + '</rule>' + m.content %}{% endif %}"
    "{% if m.role == 'assistant' %}{{ text + '</s>' }}{% else %}{{ '<U>' + text }}{% endif %}"
    "{% endfor %}"
)
RULE = {"role": "system", "content": "be brief"}


def test_an_instruction_put_before_the_first_words_is_prompted_whoever_says_them():
    assert told(RULED, [RULE, YES]) == [("p", "<rule>be brief</rule>"), ("g", "yes</s>")]
    assert told(RULED, [RULE, HI, YES])[-1] == ("g", "yes</s>")


def test_the_end_of_a_first_turn_that_says_nothing_is_the_models():
    assert told(RULED, [{**YES, "content": ""}]) == [("g", "</s>")]


@pytest.mark.parametrize("header", ["<other>", "<peer {{ m.name }}>", "[{{ m.name }} says] "])
def test_a_whole_turn_for_another_name_begins_with_another_header(header: str):
    turn = "<A>{{ m.content + '</s>' }}{% elif m.role == 'assistant' %}" + header
    named = "{% if m.role == 'assistant' and m.name == agent %}"
    template = chat(turn + "{{ m.content + '</s>' }}", USERS, PROMPT)
    template = template.replace("{% if m.role == 'assistant' %}", named)
    bob = {**YES, "name": "bob"}
    assert told(template, [HI, bob, YES])[-3:] == [("g", "yes</s>"), ("p", "<A>"), ("g", "yes</s>")]


def test_a_whole_turn_for_a_call_begins_with_what_the_model_writes():
    turn = "<A>{{ m.content + '</s>' }}{% elif m.role == 'assistant' %}<call>"
    answers = "{% if m.role == 'assistant' and not m.tool_calls %}"
    template = chat(turn + "{{ m.tool_calls[0].function.name + '</s>' }}", USERS, PROMPT)
    template = template.replace("{% if m.role == 'assistant' %}", answers)
    assert told(template, [HI, CALL])[-1] == ("g", "<call>f</s>")


def test_a_model_that_is_named_in_a_header_does_not_end_it():
    turn = "{% if m.model %}<model={{ m.model }}>{% else %}<A>{% endif %}{{ m.content + '</s>' }}"
    template = chat(turn, USERS, PROMPT)
    assert told(template, [HI, {**YES, "model": "large"}])[-1] == ("g", "yes</s>")


def test_in_another_template_altogether_a_turn_keeps_its_own_beginning():
    answers = chat("<A>{{ m.content + '</s>' }}", USERS, PROMPT)
    plans = chat("<plan>{{ m.content + '</s>' }}", USERS + "{{ '<A>' }}", "")
    template = "{% if tools %}" + plans + "{% else %}" + answers + "{% endif %}"
    assert told(template, [HI, YES], tools=[{}])[-1] == ("g", "<plan>yes</s>")
