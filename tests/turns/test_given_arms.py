"""The template's own text around what is given to the assistant, within its turn."""

from typing import Any

import pytest

from tests.turns.told import HEADER, HI, USERS, YES, chat, told

BLOCKS = chat(
    "{{ '<|start|>assistant\n' }}{% for b in m.content %}"
    "{% if b.type == 'text' %}{{ b.text }}"
    "{% elif b.type == 'answer' %}{{ '(' }}{{ b.text }}{{ '|' }}{{ b.output }}{{ ')' }}"
    "{% elif b.type == 'results' %}{{ '[' }}"
    "{% for each in b.outputs %}{{ each.output }}{% if not loop.last %}{{ ', ' }}{% endif %}"
    "{% endfor %}{{ ']' }}{% endif %}{% endfor %}<|end|>"
)
SAID = {"type": "text", "text": "yes"}


def turn(*blocks):
    return {"role": "assistant", "content": [*blocks]}


def test_text_in_an_arm_that_prints_what_the_model_says_as_well_is_the_models():
    noted = {"type": "answer", "text": "so", "output": "rain"}
    assert told(BLOCKS, [HI, turn(noted)]) == [
        USERS,
        HEADER,
        ("g", "(so|"),
        ("e", "rain"),
        ("g", ")<|end|>"),
    ]


def test_text_in_an_arm_that_prints_nothing_but_what_is_given_is_given_too():
    results = {"type": "results", "outputs": [{"output": "rain"}, {"output": "sun"}]}
    assert told(BLOCKS, [HI, turn(SAID, results, SAID)]) == [
        USERS,
        HEADER,
        ("g", "yes"),
        ("e", "[rain, sun]"),
        ("g", "yes<|end|>"),
    ]


def test_it_is_given_where_nothing_of_it_is_printed_too():
    results = {"type": "results", "outputs": []}
    assert told(BLOCKS, [HI, turn(SAID, results)]) == [
        USERS,
        HEADER,
        ("g", "yes"),
        ("e", "[]"),
        ("g", "<|end|>"),
    ]


# The results are told by the key that they stand under, and by nothing that is read of each.
WITHIN = chat(
    "{{ '<|start|>assistant\n' }}{% for each in m.tool_responses or [] %}"
    "{{ '(' ~ (each.name | default('unknown')) ~ ')' }}{% endfor %}{{ m.content }}<|end|>"
)


def test_what_is_printed_of_an_item_that_is_given_is_given_whatever_keys_it_has():
    for results, printed in (([{"name": "look"}], "(look)"), ([{}], "(unknown)")):
        given = {"role": "assistant", "content": "yes", "tool_responses": results}
        assert told(WITHIN, [HI, given]) == [USERS, HEADER, ("e", printed), ("g", "yes<|end|>")]


def test_a_name_that_is_also_given_something_else_tells_nothing():
    source = WITHIN.replace(
        "{{ m.content }}", "{% for each in [m] %}{{ each.content }}{% endfor %}"
    )
    said = {"role": "assistant", "content": "yes"}
    assert told(source, [HI, said]) == [USERS, HEADER, ("g", "yes<|end|>")]


NUMBERED = (
    "{% for d in documents or [] %}{{ ' [' ~ loop.index ~ ']' }}{% else %} (none){% endfor %}"
)
MONTHS = "{{ ['Jan', 'Feb'][strftime_now('%m') | int % 2] }}"
FILES = ({"title": "one", "text": "x"}, {"title": "two", "text": "y"})


def printed_after_yes(said: str, **given: Any) -> list[tuple[str, str]]:
    prompt = "{% if add_generation_prompt %}<A>{% endif %}"
    template = chat("<A>{{ m.content }}" + said + "</s>", "<U>{{ m.content }}", prompt)
    return told(template, [HI, YES], **given)[2:]


def test_text_that_what_is_said_decides_on_too_is_the_models():
    said = "{% if documents and m.content %}(so){% endif %}"
    assert ("g", "yes(so)</s>") in printed_after_yes(said, documents=FILES)


def test_text_that_a_flag_decides_on_is_the_models():
    assert ("g", "yes(so)</s>") in printed_after_yes("{% if deep %}(so){% endif %}", deep=True)


def test_text_that_the_number_of_documents_decides_on_is_nobodys():
    printed = printed_after_yes(NUMBERED, documents=FILES)
    assert printed[-2:] == [("e", " [1] [2]"), ("g", "</s>")]
    assert printed_after_yes(NUMBERED)[-2:] == [("e", " (none)"), ("g", "</s>")]


def test_a_text_that_the_clock_chooses_is_nobodys():
    assert printed_after_yes(MONTHS)[-2][0] == "e"


def test_what_a_loop_over_documents_prints_of_the_message_is_the_models():
    said = "{% for d in documents or [] %}{{ m.content }};{% endfor %}"
    assert printed_after_yes(said, documents=FILES)[-1] == ("g", "yesyes;yes;</s>")


RESULTS = (
    "<A>{% for b in m.content %}{% if b.type == 'text' %}{{ b.text }}"
    "{% elif b.type == 'tool_result' %}{% if b.is_error %}Error: {% endif %}{{ b.content }}"
    "{% if not loop.last %};{% endif %}{% endif %}{% endfor %}</s>"
)


def test_whatever_an_arm_for_results_prints_is_given():
    failed = {"type": "tool_result", "content": "rain", "is_error": True}
    prompt = "{% if add_generation_prompt %}<A>{% endif %}"
    template = chat(RESULTS, "<U>{{ m.content }}", prompt)
    assert told(template, [HI, turn(SAID, failed, SAID)])[2:] == [
        ("g", "yes"),
        ("e", "Error: rain;"),
        ("g", "yes</s>"),
    ]


OTHERWISE = (
    "<A>{% for b in m.content %}{% if b.type == 'text' %}{{ b.text }}"
    "{% elif b.type == 'tool_use' %}<call>{{ b.name }}</call>"
    "{% else %}<result>{{ b.content }}</result>{% endif %}{% endfor %}</s>"
)


def test_text_around_results_is_given_where_no_test_asks_for_them_by_name():
    prompt = "{% if add_generation_prompt %}<A>{% endif %}"
    template = chat(OTHERWISE, "<U>{{ m.content }}", prompt)
    call, result = {"type": "tool_use", "name": "look"}, {"type": "tool_result", "content": "rain"}
    assert told(template, [HI, turn(SAID, call, result, SAID)])[2:] == [
        ("g", "yes<call>look</call>"),
        ("e", "<result>rain</result>"),
        ("g", "yes</s>"),
    ]


@pytest.mark.parametrize(
    "noticed",
    [
        "{% if documents %}{% set ns.read = true %}{% endif %}",
        "{% for each in documents or [] %}{% set ns.read = true %}{% endfor %}",
    ],
)
@pytest.mark.parametrize("within", [False, True], ids=["before all turns", "in the turn itself"])
def test_text_that_a_name_decides_on_which_only_what_is_given_sets_is_given(noticed, within):
    first = "{% set ns = namespace(read=false) %}" + noticed
    turn = "{{ '<|start|>assistant\n' }}" + (first if within else "")
    turn += "{% if ns.read %}{{ 'By the documents: ' }}{% endif %}"
    template = first + chat(turn + "{{ m.content }}<|end|>")
    assert told(template, [HI, YES])[1:] == [HEADER, ("g", "yes<|end|>")]
    given = told(template, [HI, YES], documents=[{"title": "a", "text": "b"}])
    assert given[1:] == [HEADER, ("e", "By the documents: "), ("g", "yes<|end|>")]


def test_text_that_a_macro_decides_on_which_asks_for_what_is_given_alone_is_given():
    asks = "{% macro read() %}{% if documents %}yes{% endif %}{% endmacro %}"
    turn = "{{ '<|start|>assistant\n' }}{% if read() %}{{ 'By the documents: ' }}{% endif %}"
    template = asks + chat(turn + "{{ m.content }}<|end|>")
    assert told(template, [HI, YES])[1:] == [HEADER, ("g", "yes<|end|>")]
    given = told(template, [HI, YES], documents=[{"title": "a", "text": "b"}])
    assert given[1:] == [HEADER, ("e", "By the documents: "), ("g", "yes<|end|>")]


@pytest.mark.parametrize(
    "failed",
    [
        "loop.nextitem is defined and loop.nextitem.role == 'tool' and loop.nextitem.failed",
        "not loop.last and messages[loop.index].content == 'failed'",
        "not loop.last and 'failed' in messages[loop.index0 + 1].content",
        "loop.nextitem and not 'failed' not in loop.nextitem.content",
        "'failed' in messages[loop.index:] | map(attribute='content')",
        "messages[loop.index:] | selectattr('failed')",
    ],
)
def test_text_that_the_next_message_decides_on_by_what_it_says_is_nobodys(failed):
    turn = "{{ '<|start|>assistant\n' }}{{ m.content }}{% if @ %}(failed){% endif %}<|end|>"
    result = {"role": "tool", "content": "failed", "failed": True}
    parts = told(chat(turn.replace("@", failed)), [HI, YES, result])
    assert parts[:5] == [USERS, HEADER, ("g", "yes"), ("e", "(failed)"), ("g", "<|end|>")]


def test_the_next_message_decides_under_a_name_too():
    named = "{% set next = loop.nextitem %}{% set says = next.content if next else '' %}"
    turn = (
        "{{ '<|start|>assistant\n' }}{{ m.content }}@{% if says == 'failed' %}(failed){% endif %}"
    )
    result = {"role": "tool", "content": "failed"}
    parts = told(chat(turn.replace("@", named) + "<|end|>"), [HI, YES, result])
    assert parts[:5] == [USERS, HEADER, ("g", "yes"), ("e", "(failed)"), ("g", "<|end|>")]


def test_an_end_that_who_speaks_next_decides_on_is_the_models():
    turn = "{{ '<|start|>assistant\n' }}{{ m.content }}{% if @ %}<|call|>{% endif %}<|end|>"
    called = "loop.nextitem and loop.nextitem.role == 'tool'"
    parts = told(chat(turn.replace("@", called)), [HI, YES, {"role": "tool", "content": "so"}])
    assert parts[:3] == [USERS, HEADER, ("g", "yes<|call|><|end|>")]


def test_text_that_a_key_which_nobody_knows_looks_up_is_nobodys():
    names = "{% set tasks = {'draw': '(drawing) ', 'sing': '(singing) '} %}"
    turn = "{{ '<|start|>assistant\n' }}{{ tasks[m.task] }}{{ m.content }}<|end|>"
    parts = told(names + chat(turn), [HI, {**YES, "task": "draw"}])
    assert parts[1:] == [HEADER, ("e", "(drawing) "), ("g", "yes<|end|>")]
