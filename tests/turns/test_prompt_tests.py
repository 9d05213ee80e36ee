"""What the generation prompt asks to choose its text, as the template's source has it."""

import pytest

from rewriter.source.template import Template
from rewriter.turns.prompt_tests import prompt_texts


def choices(prompt: str, before: str = "") -> list[tuple[str, str]]:
    """Each text that a prompt may print, and the condition for it."""
    source = before + "{% if add_generation_prompt %}" + prompt + "{% endif %}"
    return [(each.text, each.condition) for each in prompt_texts(Template(source))]


@pytest.mark.parametrize(
    "prompt",
    [
        "<|bot|>{{ messages[0].role }}",
        "{% set deep = true %}<|bot|>{{ 'a' if deep else 'b' }}",
        "{% for each in tools %}<|bot|>{% endfor %}",
    ],
)
def test_a_prompt_that_prints_or_sets_anything_else_is_not_read(prompt: str):
    assert choices(prompt) == []


def test_a_prompt_in_two_places_is_not_read():
    assert choices("<|bot|>", before="{% if add_generation_prompt %}<think>{% endif %}") == []


def test_more_texts_than_a_prompt_has_are_not_read():
    assert choices("{{ 'a' if x else 'b' }}" * 7) == []
    assert len(choices("{{ 'a' if x else 'b' }}" * 6)) == 64


def test_a_prompt_that_asks_nothing_prints_its_text_always():
    assert choices("<|bot|>{{ '<think>' + '\n' }}") == [("<|bot|><think>\n", "true")]


def test_each_arm_has_the_tests_before_it_denied():
    prompt = "<|bot|>{% if a.b is none %}x{% elif c %}y{% else %}z{% endif %}"
    assert choices(prompt) == [
        ("<|bot|>x", "a.b is none"),
        ("<|bot|>y", "not (a.b is none) and c"),
        ("<|bot|>z", "not (a.b is none) and not c"),
    ]


def test_choices_that_follow_each_other_are_asked_together():
    assert choices("{{ 'x' if a or b }}{{ ('y' if c else 'z') }}") == [
        ("xy", "(a or b) and c"),
        ("xz", "(a or b) and not c"),
        ("y", "not (a or b) and c"),
        ("z", "not (a or b) and not c"),
    ]


@pytest.mark.parametrize("last", ["messages[-1]", "messages | last"])
def test_the_last_message_is_the_one_before_in_a_loop(last: str):
    assert choices("{{ 'x' if '(quick)' in (" + last + ").content else 'y' }}") == [
        ("x", "not loop.first and ('(quick)' in (loop.previtem).content)"),
        ("y", "not loop.first and not ('(quick)' in (loop.previtem).content)"),
    ]


def test_any_other_message_is_asked_for_as_it_is_written():
    assert choices("{{ 'x' if messages[0].deep }}")[0] == ("x", "messages[0].deep")
