"""What may follow a turn that is to be kept: neither instructions nor more of the assistant's."""

from __future__ import annotations

import pytest
from rendering import rendered

import rewriter

THOUGHT = "<think>{{ m.reasoning_content }}</think>"
CUE = "{% if add_generation_prompt %}<|assistant|>{% endif %}"
ASKED = {"role": "user", "content": "Well?"}
ANSWERED = {"role": "assistant", "content": "So.", "reasoning_content": "Hm."}
TOLD = {"role": "system", "content": "Be brief."}


def gathering(role: str, *, after: str = "") -> str:
    """A template that gathers what a role says before its turns, and leaves out old thoughts."""
    return (
        "{% set ns = namespace(told='') %}{% for m in messages %}"
        "{% if m.role == '" + role + "' %}{% set ns.told = ns.told + m.content %}{% endif %}"
        "{% endfor %}{{ ns.told }}"
        "{% for m in messages %}{% if m.role == 'assistant' %}<|assistant|>"
        "{% if m.reasoning_content and loop.last %}" + THOUGHT + "{% endif %}{{ m.content }}"
        + after
        + "<|end|>{% elif m.role != 'system' %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endif %}"
        "{% endfor %}" + CUE
    )  # fmt: skip


def kept(source: str, *goals: str) -> rewriter.Rewrite:
    goals = goals or ("prefix-preserving",)
    return rewriter.rewrite(source, goals=goals, examples=60, limits=None)


@pytest.mark.parametrize("role", ["user", "tool"])
def test_what_others_say_before_the_turns_is_a_change_as_ever(role: str):
    with pytest.raises(rewriter.Refused):
        kept(gathering(role))


def test_a_turn_that_changes_after_them_is_refused_as_ever():
    # The number of all messages has no answer of its time that would be kept.
    with pytest.raises(rewriter.Refused):
        kept(gathering("system", after="{{ messages | length }}"))


def test_later_instructions_are_gathered_as_before_and_the_turns_are_kept():
    found = kept(gathering("system"), "assistant-mask", "prefix-preserving")
    assert rendered(found.template, [TOLD, ASKED, ANSWERED, TOLD, ASKED]).marked == (
        "Be brief.Be brief.<|user|>Well?<|end|>"
        "<|assistant|>⟦<think>Hm.</think>So.<|end|>⟧<|user|>Well?<|end|>"
    )


def test_they_may_be_the_only_thing_that_follows():
    found = kept(gathering("system"))
    first, then = (rendered(found.template, [ASKED, ANSWERED, *more]).text for more in ([], [TOLD]))
    assert then == TOLD["content"] + first


REPLACED = (
    "{% if messages | selectattr('role', 'equalto', 'system') | list | length == 0 %}Be kind."
    "{% endif %}"
) + gathering("nobody")
MERGED = (
    "{% set ns = namespace(all=[], said='') %}{% for m in messages %}"
    "{% if m.role == 'assistant' and loop.nextitem is defined and loop.nextitem.role == m.role %}"
    "{% set ns.said = ns.said + m.content + '/' %}{% else %}"
    "{% set ns.all = ns.all + [{'role': m.role, 'content': ns.said + m.content}] %}"
    "{% set ns.said = '' %}{% endif %}{% endfor %}"
    "{% for m in ns.all %}<|{{ m.role }}|>{% if m.role == 'assistant' and loop.last %} {% endif %}"
    "{{ m.content }}<|end|>"
    "{% endfor %}" + CUE
)


def test_a_default_that_a_later_instruction_replaces_keeps_no_turn_from_being_kept():
    found = kept(REPLACED)
    first = rendered(found.template, [ASKED, ANSWERED]).text
    assert first.startswith("Be kind.")
    assert rendered(found.template, [ASKED, ANSWERED, ASKED]).text.startswith(first)


def test_messages_of_the_assistants_in_a_row_may_be_merged():
    found = kept(MERGED)
    again = {"role": "assistant", "content": "Yes."}
    first = rendered(found.template, [ASKED, ANSWERED, again]).text
    assert first == "<|user|>Well?<|end|><|assistant|> So./Yes.<|end|>"
    assert rendered(found.template, [ASKED, ANSWERED, again, ASKED]).text.startswith(first)
