"""What is made for the constants that templates hold, and for the keys that they read."""

import pytest

from rewriter.conversations.boundaries import at_numbers, at_texts, texts_of, working
from rewriter.conversations.constants import Constants, constants_of
from rewriter.conversations.fixed import made_for_masks
from rewriter.conversations.profile import Profile
from rewriter.conversations.read_keys import UNHEARD_OF, keys_of, setting_keys, variables_read
from rewriter.conversations.second_versions import (
    THROUGH_A_YEAR,
    at_another_time,
    with_other_tokens,
)
from rewriter.tracing.clock import LATER


def test_a_template_without_constants_has_none_made_for_it():
    assert constants_of("{{ messages[0].content }}{{ messages[1:] }} 50 '####'") == Constants()
    assert constants_of("{% if %}") == Constants()
    assert list(at_numbers(())) == list(at_texts(())) == []


def test_every_number_is_found_wherever_it_stands_but_those_that_all_conversations_are_about():
    source = "{{ messages[-50:] }}{% if a | length > 7 %}{{ b[:900] | truncate(30) }}{% endif %}"
    assert constants_of(source + "{{ loop.index0 == 1 and 0 }}{{ true }}").numbers == (
        7,
        30,
        50,
        900,
    )


@pytest.mark.parametrize(
    "source",
    [
        "{{ '@@' in m.content }}",
        "{{ m.content.split('@@')[0] }}",
        "{{ m.content | replace('@@', '') }}",
        "{{ m.content.strip('@@') }}",
        "{{ m.content == '@@' }}",
        "{{ m.content in ['@@', 'b'] }}",
        "{% set mark = '@@' %}{{ m.content.startswith(mark) }}",
        "{{ before(m.content, '@@') }}",
    ],
)
def test_every_text_that_is_looked_for_is_found(source):
    assert "@@" in constants_of(source).texts


@pytest.mark.parametrize(
    "source", ["{{ '@@' + m.content }}", "{{ m.get('@@') }}", "{{ strftime_now('@@') }}"]
)
def test_what_is_printed_or_names_a_key_is_none_that_is_looked_for(source):
    assert constants_of(source).texts == ()


@pytest.mark.parametrize("number", [9, 40])
def test_on_both_sides_of_a_number_there_are_so_many_of_everything(number):
    made = list(at_numbers([number]))
    sizes = {number - 1, number, number + 1}
    assert sizes <= {len(each.messages) for each in made}
    assert sizes <= {len(each.tools or ()) for each in made}
    messages = [message for each in made for message in each.messages]
    assert sizes <= {len(message.get("tool_calls", ())) for message in messages}
    contents = [message["content"] for message in messages]
    assert sizes <= {len(content) for content in contents if isinstance(content, list)}
    texts = [content for content in contents if isinstance(content, str)]
    assert sizes <= {len(text) for text in texts}
    assert sizes <= {len(text.split()) for text in texts}
    assert sizes <= {len(text.splitlines()) for text in texts}
    assert sizes <= {len(message["role"]) for message in messages}


@pytest.mark.parametrize("size", range(1, 12))
@pytest.mark.parametrize("ends_after", [2, 4])
def test_so_many_messages_that_work_are_so_many(size, ends_after):
    assert len(working(size, ends_after)) == size


def test_a_number_of_characters_beyond_all_reason_is_said_in_no_words():
    assert [len(text) for text in texts_of(19_000)] == [19_000]
    assert list(texts_of(0)) == []


def test_a_text_stands_at_each_end_between_alone_and_several_times_whoever_speaks():
    made = [message for each in at_texts(["@@"]) for message in each.messages]
    for role in ("system", "user", "assistant", "tool"):
        said = {m["content"] for m in made if m["role"] == role and isinstance(m["content"], str)}
        assert {"@@a", "a@@", "a@@b@@c@@d@@e", "@@", "@@@@"} <= said
    assert {m.get("reasoning_content") for m in made} >= {
        "@@a",
        "a@@",
        "a@@b@@c@@d@@e",
        "@@",
        "@@@@",
    }


def test_a_text_is_said_beside_a_call_to_which_no_result_has_come():
    open_calls = [
        each.messages[-1] for each in at_texts(["@@"]) if "tool_calls" in each.messages[-1]
    ]
    assert {"@@a", "a@@", "a@@b@@c@@d@@e", "@@", "@@@@"} <= {call["content"] for call in open_calls}


def test_keys_are_found_however_they_are_read():
    source = (
        "{% set ns = namespace(at=0) %}{{ ns.at }}{{ m.one }}{{ m['two'] }}{{ m.get('three') }}"
        "{{ 'four' in m }}{{ m | selectattr('five') }}{{ m | map(attribute='six') }}"
        "{{ m.role ~ m.content }}{{ loop.index ~ m.keys() ~ tool.properties }}"
    )
    assert set(keys_of(source)) == {"one", "two", "three", "four", "five", "six"}
    assert keys_of("{% if %}") == ()


def test_variables_are_those_that_not_every_render_has():
    assert variables_read("{{ messages ~ tools ~ eos_token ~ mood }}") == ("mood",)
    assert variables_read("{% if %}") == ()


def test_a_key_is_set_on_everybody_s_message_on_each_alone_and_with_values_of_each_kind():
    made = list(setting_keys("{{ m.note }}"))
    found = [[m["role"] for m in each.messages if "note" in m] for each in made]
    assert ["user", "user"] in found
    assert any({"system", "user", "assistant", "tool"} == set(roles) for roles in found)
    values = [m["note"] for each in made for m in each.messages if "note" in m]
    assert {type(value) for value in values} == {str, list, dict, bool}
    assert any(UNHEARD_OF in m for each in made for m in each.messages if m["role"] == "assistant")


def test_a_key_is_set_beside_calls_whose_arguments_are_an_object_and_text():
    messages = [message for each in setting_keys("{{ m.note }}") for message in each.messages]
    calls = [each["tool_calls"] for each in messages if {"note", "tool_calls"} <= each.keys()]
    assert {type(call["function"]["arguments"]) for row in calls for call in row} == {dict, str}


def test_nobody_but_the_assistant_is_given_a_thought():
    made = [m for each in setting_keys("{{ m.reasoning_content }}") for m in each.messages]
    assert {m["role"] for m in made if "reasoning_content" in m} == {"assistant"}


def test_only_where_the_time_is_asked_for_there_is_another_time():
    assert list(at_another_time("{{ messages }}")) == []
    made = at_another_time("{{ strftime_now('%Y') }}")
    assert {each.now for each in made} == {LATER, *THROUGH_A_YEAR}


def test_only_the_tokens_that_are_read_are_others():
    assert list(with_other_tokens(Profile())) == []
    made = with_other_tokens(Profile(constants={"eos_token": "</s>"}))
    assert {tuple(each.flags) for each in made} == {("eos_token",)}


def test_masks_are_looked_at_beyond_numbers_and_at_texts_that_only_the_variant_holds():
    both, variant = "{{ a[:900] }}{{ '@@' in a }}", "{{ a[:5] }}{{ '##' in a }}"
    assert list(made_for_masks(Profile(), "{{ a[:5] }}", "{{ a[:5] }}")) == []
    made = list(made_for_masks(Profile(), both + variant, both))
    said = {m["content"] for each in made for m in each.messages if isinstance(m["content"], str)}
    assert {6, 901} <= {len(text) for text in said}
    assert "a##" in said
    assert "a@@" not in said


def test_a_name_that_a_template_sets_from_a_message_is_no_variable():
    sets = "{% for m in messages %}{% if m.x %}{% set reasoning = m.reasoning %}{% endif %}"
    asks = "{% if reasoning is defined %}{{ reasoning }}{% endif %}{% endfor %}"
    assert variables_read(sets + asks) == ()
    assert variables_read(asks.removesuffix("{% endfor %}")) == ("reasoning",)
    effort = (sets + asks).replace("set reasoning", "set effort")
    assert variables_read(effort.replace("{% if reasoning", "{% if effort")) == (
        "effort",
        "reasoning",
    )
