"""What templates print in rare cases: seen where a flag or a rare message shows it, or refused."""

import pytest
from releases import sees_first_block
from rendering import rendered

import rewriter
from rewriter.errors import Refused

RECIPE = ("split-role-header", "wrap-assistant-output")
HI = {"role": "user", "content": "Hi"}
HELLO = {"role": "assistant", "content": "Hello."}
CUE = "{% if add_generation_prompt %}<|assistant|>{% endif %}"


def template(assistant: str, cue: str = CUE) -> str:
    return (
        "{% for m in messages %}{% if m.role == 'assistant' %}"
        + assistant
        + "{% else %}<|user|>{{ m.content }}<|end|>{% endif %}{% endfor %}"
        + cue
    )


def variant(source: str) -> str:
    return rewriter.rewrite(source, transforms=RECIPE, examples=30, limits=None).template


def test_a_field_that_nobody_knows_is_left_out():
    source = template("<|assistant|>{% if m.verdict %}{{ m.verdict }}{% endif %}<|end|>")
    shown = rendered(variant(source), [HI, {**HELLO, "verdict": "good"}]).marked
    assert shown.endswith("<|assistant|>good⟦<|end|>⟧")


def test_a_header_that_a_rare_row_begins_with_is_cut_off_it():
    head = "{% set head = '<|' + m.role + '|>' %}"
    rare = "{% if messages | length > 90 %}{{ head + m.content + '<|end|>' }}{% else %}"
    plain = "{{ head }}{{ m.content }}{{ '<|end|>' }}{% endif %}"
    cue = "{% if add_generation_prompt %}<|assistant|>{% endif %}"
    source = "{% for m in messages %}" + head + rare + plain + "{% endfor %}" + cue
    found = rendered(variant(source), [HI, HELLO] * 50)
    assert found.text == rendered(source, [HI, HELLO] * 50).text
    assert found.marked == "<|user|>Hi<|end|><|assistant|>⟦Hello.<|end|>⟧" * 50


def test_what_only_a_field_that_nobody_knows_has_printed_is_seen_by_force():
    rare = "{% if m.verdict %}{{ '<|assistant|><|halt|>' }}{% else %}"
    source = template(rare + "{{ '<|assistant|>' + m.content + '<|end|>' }}{% endif %}")
    shown = rendered(variant(source), [HI, {**HELLO, "verdict": "good"}]).marked
    assert shown.endswith("<|assistant|>⟦<|halt|>⟧")


def test_an_answer_with_a_header_of_several_kinds_but_no_generation_prompt_is_refused():
    header = "{{ '<|assistant|>' if m.content == 'an answer' else 'the model: ' }}"
    with pytest.raises(Refused, match="prints nothing for add_generation_prompt"):
        variant(template(header + "{{ m.content }}<|end|>", cue=""))


@pytest.mark.parametrize("flag", ["with_mark", "marked_tools"])
def test_what_a_flag_makes_a_template_print_is_seen(flag: str):
    test = {"with_mark": "with_mark", "marked_tools": "marked_tools and 'look' in marked_tools"}
    source = template(
        "<|assistant|>{% if " + test[flag] + " %}{{ '<|mark|>' }}{% endif %}{{ m.content }}<|end|>"
    )
    on = {"with_mark": {"with_mark": True}, "marked_tools": {"marked_tools": ["look"]}}
    found = rendered(variant(source), [HI, HELLO], **on[flag])
    assert found.marked == "<|user|>Hi<|end|><|assistant|>⟦<|mark|>Hello.<|end|>⟧"


def test_content_in_blocks_beside_a_call_is_seen():
    source = template(
        "<|assistant|>{% if m.tool_calls and m.content is not string %}{{ '<|blocks|>' }}"
        "{% else %}{{ m.content }}{% endif %}<|end|>"
    )
    calls = [{"type": "function", "function": {"name": "look", "arguments": {}}}]
    message = {"role": "assistant", "content": [{"type": "text", "text": "x"}], "tool_calls": calls}
    found = rendered(variant(source), [HI, message])
    assert found.marked == "<|user|>Hi<|end|><|assistant|>⟦<|blocks|><|end|>⟧"


def test_a_generation_prompt_need_not_be_seen_in_all_its_forms():
    cue = (
        "{% if add_generation_prompt %}<|assistant|>"
        "{% if mood == 'grim' %}{{ '<think>' }}{% endif %}{% endif %}"
    )
    found = rendered(variant(template("<|assistant|>{{ m.content }}<|end|>", cue)), [HI, HELLO])
    assert found.marked == "<|user|>Hi<|end|><|assistant|>⟦Hello.<|end|>⟧"


def test_a_header_and_a_turn_s_end_are_known_where_nobody_saw_them():
    source = template(
        "{% if m.verdict %}{{ '<|assistant|><|end|>' }}"
        "{% else %}{{ '<|assistant|>' + m.content + '<|end|>' }}{% endif %}"
    )
    found = rendered(variant(source), [HI, {**HELLO, "verdict": "bad"}])
    assert found.marked == "<|user|>Hi<|end|><|assistant|>⟦<|end|>⟧"


@sees_first_block
def test_answers_that_begin_with_the_assistant_s_words_need_no_generation_prompt():
    source = (
        "{% for m in messages %}{% if m.role == 'assistant' %}{{ ' ' + m.content + '</s> ' }}"
        "{% else %}{{ '[INST] ' + m.content + ' [/INST]' }}{% endif %}{% endfor %}"
    )
    found = rendered(variant(source), [HI, HELLO, HI])
    assert found.marked == "[INST] Hi [/INST]⟦ Hello.</s>⟧ [INST] Hi [/INST]"
