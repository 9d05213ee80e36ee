"""Whose a thought is that the template puts in with nothing in it."""

from __future__ import annotations

import pytest
from told import HEADER, HI, PROMPT, USERS, YES, chat, told

from rewriter.turns.parts import empty_thoughts_under

# One text opens and closes it.
PUT_IN = (
    "{{ '<|start|>assistant\n' }}{% if m.reasoning %}{{ '<think>' + m.reasoning + '</think>' }}"
    "{% else %}{{ '<think></think>' }}{% endif %}{{ m.content + '<|end|>' }}"
)
# What is written around a thought holds none.
AROUND = (
    "{{ '<|start|>assistant\n' }}{{ '<think>' + (m.reasoning or '') + '</think>' }}"
    "{{ m.content + '<|end|>' }}"
)
PLAIN = "{{ '<|start|>assistant\n' + m.content + '<|end|>' }}"
THOUGHTFUL = {**YES, "reasoning": "hm"}
OPENS = PROMPT.replace("assistant\n", "assistant\n<think>")
CLOSES = PROMPT.replace("assistant\n", "assistant\n<think></think>")
SAID = ("g", "yes<|end|>")


@pytest.mark.parametrize("chosen", [None, "generated", "prompted"])
def test_a_turn_without_a_thought_is_the_same_whatever_is_chosen(chosen):
    assert told(chat(PLAIN), [HI, YES], empty_thoughts=chosen) == [USERS, HEADER, SAID]


@pytest.mark.parametrize("chosen", [None, "generated", "prompted"])
@pytest.mark.parametrize("turn", [PUT_IN, AROUND])
def test_a_thought_with_something_in_it_is_the_same_whatever_is_chosen(chosen, turn):
    parts = told(chat(turn), [HI, THOUGHTFUL], empty_thoughts=chosen)
    assert parts == [USERS, HEADER, ("g", "<think>hm</think>yes<|end|>")]


@pytest.mark.parametrize("chosen", [None, "generated", "prompted"])
def test_a_thought_that_the_message_says_itself_is_its_own_whatever_is_chosen(chosen):
    saying = {**YES, "content": "<think></think>yes"}
    parts = told(chat(PLAIN), [HI, saying], empty_thoughts=chosen)
    assert parts == [USERS, HEADER, ("g", "<think></think>yes<|end|>")]


@pytest.mark.parametrize(
    "empty", ["◁think▷◁/think▷", "[THOUGHT][/THOUGHT]", "(reasoning)(/reasoning)"]
)
def test_an_empty_thought_is_one_whatever_its_brackets_are(empty):
    turn = PUT_IN.replace("<think></think>", empty)
    parts = told(chat(turn), [HI, YES], empty_thoughts="prompted")
    assert parts == [USERS, HEADER, ("n", empty), SAID]


@pytest.mark.parametrize("chosen", [None, "generated", "prompted"])
def test_without_a_choice_they_are_prompted_under_strict_alone(chosen):
    assert empty_thoughts_under("strict", chosen) == (chosen or "prompted")
    assert empty_thoughts_under("trl", chosen) == chosen


@pytest.mark.parametrize("turn", [PUT_IN, AROUND])
def test_chosen_to_be_prompted_it_is_outside_however_it_is_written(turn):
    parts = told(chat(turn), [HI, YES], empty_thoughts="prompted")
    assert parts == [USERS, HEADER, ("n", "<think></think>"), SAID]


@pytest.mark.parametrize("turn", [PUT_IN, AROUND])
@pytest.mark.parametrize("prompt", [OPENS, CLOSES])
def test_chosen_to_be_prompted_so_is_what_the_prompt_prints_of_it(turn, prompt):
    parts = told(chat(turn, prompt=prompt), [HI, YES], empty_thoughts="prompted")
    assert parts == [USERS, HEADER, ("n", "<think></think>"), SAID]


@pytest.mark.parametrize("turn", [PUT_IN, AROUND])
def test_chosen_to_be_generated_it_is_like_what_is_said(turn):
    parts = told(chat(turn), [HI, YES], empty_thoughts="generated")
    assert parts == [USERS, HEADER, ("g", "<think></think>yes<|end|>")]


@pytest.mark.parametrize("turn", [PUT_IN, AROUND])
def test_chosen_to_be_generated_what_the_prompt_prints_of_it_is_still_prefilled(turn):
    parts = told(chat(turn, prompt=OPENS), [HI, YES], empty_thoughts="generated")
    assert parts == [USERS, HEADER, ("f", "<think>"), ("g", "</think>yes<|end|>")]


def test_white_space_of_another_output_is_not_of_the_thought():
    turn = PUT_IN.replace("'<think></think>'", "'\n<think>\n</think>\n\n'").replace(
        "{{ m.content", "{{ '\n- ' + m.content"
    )
    parts = told(chat(turn), [HI, YES], empty_thoughts="prompted")
    assert parts[2:] == [("n", "\n<think>\n</think>\n\n"), ("g", "\n- yes<|end|>")]


def test_after_something_that_is_said_nothing_is_prompted():
    turn = PUT_IN.replace("{{ m.content + ", "{{ m.content + '<think></think>' + ")
    parts = told(chat(turn), [HI, YES], empty_thoughts="prompted")
    assert parts[2:] == [("n", "<think></think>"), ("g", "yes<think></think><|end|>")]
