"""What is prompted and what is generated, in small templates of each family's manner."""

from itertools import groupby
from typing import Any

import pytest

from rewriter.tracing.render import TracedTemplate
from rewriter.turns.labels import Labels
from rewriter.turns.turns import Turns

HI = {"role": "user", "content": "hi"}
YES = {"role": "assistant", "content": "yes"}
CALL = {"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": {"a": 1}}}]}
RESULT = {"role": "tool", "content": "one"}

CHATML = (
    "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>' + '\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
BUILT_UP = (
    "{% for m in messages %}{% set content = '<|head|>' + m.role + '<|/head|>\n\n'"
    " + m.content | trim + '<|eot|>' %}{% if loop.first %}{% set content = bos_token + content %}"
    "{% endif %}{{ content }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|head|>assistant<|/head|>\n\n' }}{% endif %}"
)
ALIASED = (
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'assistant' %}{% set role = 'model' %}"
    "{% else %}{% set role = m.role %}{% endif %}{{ '<start>' + role + '\n' + m.content | trim }}"
    "<end>\n{% endfor %}{% if add_generation_prompt %}<start>model\n{% endif %}"
)
OUTPUTS_WITHIN = (
    "{% set ns = namespace(tool=false) %}{% for m in messages %}"
    "{% if m.role == 'user' %}<User>{{ m.content }}"
    "{% elif m.role == 'tool' %}{% set ns.tool = true %}<outputs>{{ m.content }}"
    "{% elif m.tool_calls %}<Assistant>{% for c in m.tool_calls %}<call>{{ c.function.name }}"
    "{{ c.function.arguments | tojson }}</call>{% endfor %}<eos>"
    "{% elif ns.tool %}{% set ns.tool = false %}</outputs>{{ m.content }}<eos>"
    "{% else %}<Assistant>{{ m.content }}<eos>{% endif %}{% endfor %}"
    "{% if ns.tool %}</outputs>{% endif %}"
    "{% if add_generation_prompt and not ns.tool %}<Assistant>{% endif %}"
)
PROMPT_IN_LOOP = (
    "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>\n"
    "{% if loop.last and add_generation_prompt %}<|assistant|>{% endif %}{% endfor %}"
)
PREFILLED = (
    "{% for m in messages %}<|{{ m.role }}|>\n{% if m.role == 'assistant' %}<think>\n"
    "{{ m.reasoning_content }}\n</think>\n{% endif %}{{ m.content }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% if enable_thinking is defined and not "
    "enable_thinking %}<think>\n\n</think>\n{% else %}<think>\n{% endif %}{% endif %}"
)
EMPTY_THOUGHT_PREFILLED = (
    "{% for m in messages %}<|{{ m.role }}|>\n{% if m.role == 'assistant' %}<think>\n"
    "{{ m.reasoning_content }}\n</think>\n{% endif %}{{ m.content }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n<think>\n\n</think>\n{% endif %}"
)
PREFILL_NOT_SHOWN = (
    "{% for m in messages %}<|{{ m.role }}|>\n{{ m.content }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n<think>\n{% endif %}"
)
END_AFTER_LOOP = (
    "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% else %}{{ eos_token }}{% endif %}"
)
TWO_HEADERS = (
    "{% for m in messages %}{% if m.role == 'assistant' %}"
    "{% if m.thinking %}<|start|>assistant<|think|>{{ m.thinking }}<|end|>{% endif %}"
    "<|start|>assistant<|say|>{{ m.content }}<|end|>"
    "{% else %}<|start|>{{ m.role }}<|say|>{{ m.content }}<|end|>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|start|>assistant{% endif %}"
)
CAPTURED = (
    "{% macro said(m) %}{{ m.content }}<|end|>{% endmacro %}{% for m in messages %}"
    "{% set turn %}<|{{ m.role }}|>{{ said(m) }}{% endset %}{{ turn }}\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
TWICE = "{% for m in messages %}{{ m.role }};{% endfor %}\n" + CHATML
SLICED = (
    "{% set system = messages[0].content %}{% for m in messages[1:] %}<|{{ m.role }}|>"
    "{% if loop.first %}{{ system }}/{% endif %}{{ m.content }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
CALLS_ON_LINES = (
    "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}\n{% for c in m.tool_calls %}"
    "<call>{{ c.function.name }}</call>\n{% endfor %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
CALLS_ON_LINES_AND_AN_END = CALLS_ON_LINES.replace("{% endfor %}{% endfor %}", (
    "{% endfor %}<|end|>\n{% endfor %}"
))  # fmt: skip
BLOCKS_WITH_ENDS = (
    "{% for m in messages %}<|{{ m.role }}|>{% if m.content is string %}{{ m.content + '</s> ' }}"
    "{% else %}{% for b in m.content %}{{ b.text + '</s> ' }}{% endfor %}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
LINE_AFTER_THE_PROMPT = (
    "{% for m in messages %}{{ m.role | upper }}: {{ m.content }}|{% endfor %}"
    "{% if add_generation_prompt %}ASSISTANT: \n\n{% endif %}"
)
LAST_APART = (
    "{% if tools is none %}No tools.{% endif %}{% for m in messages[:-1] %}<|{{ m.role }}|>"
    "{{ m.content }}<|end|>{% endfor %}{% set last = messages[-1] %}{% if add_generation_prompt %}"
    "<|{{ last.role }}|>{{ last.content }}<|assistant|>"
    "{% else %}<|{{ last.role }}|>{{ last.content }}<|end|>\n{% endif %}"
)
FIRST_APART = (
    "{% if messages[0].role == 'assistant' %}Said: {{ messages[0].content }}|{% endif %}"
    "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
FIRST_AS_THE_USERS = (
    "{% if messages %}<|user|>{{ messages[0].content }}<|end|>{% endif %}"
    "{% for m in messages[1:] %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
ONE_LINE_BREAK_FOR_ALL = (
    "{% set nl = '\n' %}{% for m in messages %}<|{{ m.role }}|>{% for c in m.tool_calls %}"
    "<call>{{ c.function.name }}</call>{{ nl }}{% endfor %}{{ m.content + '<|end|>' + nl }}"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
CALLS_END_OTHERWISE = ONE_LINE_BREAK_FOR_ALL.replace(
    "'<|end|>' + nl", "('<|call|>' if m.tool_calls else '<|end|>') + nl"
)
TWO_CALLS = {"role": "assistant", "content": "yes", "tool_calls": CALL["tool_calls"] * 2}
TWO_BLOCKS = {"role": "assistant", "content": [{"type": "text", "text": "yes"}] * 2}

# The parts in order: . outside, p prompted, f prefilled, g generated, t trailing.
CASES: dict[str, tuple[str, list[dict[str, Any]], list[tuple[str, str]]]] = {
    "no assistant": (CHATML, [HI], [(".", "<|im_start|>user\nhi<|im_end|>\n")]),
    "ChatML": (
        CHATML,
        [HI, YES, HI],
        [
            (".", "<|im_start|>user\nhi<|im_end|>\n"),
            ("p", "<|im_start|>assistant\n"),
            ("g", "yes<|im_end|>"),
            ("t", "\n"),
            (".", "<|im_start|>user\nhi<|im_end|>\n"),
        ],
    ),
    "ChatML, consecutive": (
        CHATML,
        [YES, YES],
        [
            ("p", "<|im_start|>assistant\n"),
            ("g", "yes<|im_end|>"),
            ("t", "\n"),
            ("p", "<|im_start|>assistant\n"),
            ("g", "yes<|im_end|>"),
            ("t", "\n"),
        ],
    ),
    "ChatML, an empty answer": (
        CHATML,
        [HI, {**YES, "content": ""}],
        [
            (".", "<|im_start|>user\nhi<|im_end|>\n"),
            ("p", "<|im_start|>assistant\n"),
            ("g", "<|im_end|>"),
            ("t", "\n"),
        ],
    ),
    "ChatML, an answer that looks like a turn": (
        CHATML,
        [{**YES, "content": "<|im_end|>\n<|im_start|>assistant\nyes\n"}],
        [
            ("p", "<|im_start|>assistant\n"),
            ("g", "<|im_end|>\n<|im_start|>assistant\nyes\n<|im_end|>"),
            ("t", "\n"),
        ],
    ),
    "built up in a variable": (
        BUILT_UP,
        [HI, YES],
        [
            (".", "<s><|head|>user<|/head|>\n\nhi<|eot|>"),
            ("p", "<|head|>assistant<|/head|>\n\n"),
            ("g", "yes<|eot|>"),
        ],
    ),
    "another name for the role": (
        ALIASED,
        [HI, YES],
        [
            (".", "<s><start>user\nhi<end>\n"),
            ("p", "<start>model\n"),
            ("g", "yes<end>"),
            ("t", "\n"),
        ],
    ),
    "tool outputs within the turn": (
        OUTPUTS_WITHIN,
        [HI, CALL, RESULT, YES],
        [
            (".", "<User>hi"),
            ("p", "<Assistant>"),
            ("g", '<call>f{"a": 1}</call><eos>'),
            (".", "<outputs>one"),
            ("p", "</outputs>"),
            ("g", "yes<eos>"),
        ],
    ),
    "the prompt printed in the loop": (
        PROMPT_IN_LOOP,
        [HI, YES],
        [(".", "<|user|>hi<|end|>\n"), ("p", "<|assistant|>"), ("g", "yes<|end|>"), ("t", "\n")],
    ),
    "a prefill": (
        PREFILLED,
        [HI, {**YES, "reasoning_content": "hm"}],
        [
            (".", "<|user|>\nhi<|end|>\n"),
            ("p", "<|assistant|>\n"),
            ("f", "<think>\n"),
            ("g", "hm\n</think>\nyes<|end|>"),
            ("t", "\n"),
        ],
    ),
    "a prefill of an empty thought, shown as far as the turn has it too": (
        EMPTY_THOUGHT_PREFILLED,
        [HI, {**YES, "reasoning_content": "hm"}],
        [
            (".", "<|user|>\nhi<|end|>\n"),
            ("p", "<|assistant|>\n"),
            ("?", "<think>\n"),
            ("g", "hm\n</think>\nyes<|end|>"),
            ("t", "\n"),
        ],
    ),
    "a prefill that the turn does not show": (
        PREFILL_NOT_SHOWN,
        [HI, YES],
        [
            (".", "<|user|>\nhi<|end|>\n"),
            ("p", "<|assistant|>\n"),
            ("g", "yes<|end|>"),
            ("t", "\n"),
        ],
    ),
    "an end after the loop": (
        END_AFTER_LOOP,
        [HI, YES],
        [
            (".", "<|user|>hi<|end|>\n"),
            ("p", "<|assistant|>"),
            ("g", "yes<|end|>"),
            ("t", "\n</s>"),
        ],
    ),
    "an end after the loop that is the user's": (
        END_AFTER_LOOP,
        [YES, HI],
        [
            ("p", "<|assistant|>"),
            ("g", "yes<|end|>"),
            ("t", "\n"),
            (".", "<|user|>hi<|end|>\n</s>"),
        ],
    ),
    "calls that white space separates, after the last too": (
        CALLS_ON_LINES,
        [HI, TWO_CALLS],
        [
            (".", "<|user|>hi\n"),
            ("p", "<|assistant|>"),
            ("g", "yes\n<call>f</call>\n<call>f</call>"),
            ("?", "\n"),
        ],
    ),
    "calls that white space separates, and the turn's end": (
        CALLS_ON_LINES_AND_AN_END,
        [HI, TWO_CALLS],
        [
            (".", "<|user|>hi\n<|end|>\n"),
            ("p", "<|assistant|>"),
            ("g", "yes\n<call>f</call>\n<call>f</call>\n<|end|>"),
            ("t", "\n"),
        ],
    ),
    "white space from one variable that separates, after an end that no plain answer has": (
        CALLS_END_OTHERWISE,
        [HI, TWO_CALLS],
        [
            (".", "<|user|>hi<|end|>\n"),
            ("p", "<|assistant|>"),
            ("g", "<call>f</call>\n<call>f</call>\nyes<|call|>"),
            ("t", "\n"),
        ],
    ),
    "white space from one variable that separates, and comes after the turn's end": (
        ONE_LINE_BREAK_FOR_ALL,
        [HI, TWO_CALLS],
        [
            (".", "<|user|>hi<|end|>\n"),
            ("p", "<|assistant|>"),
            ("g", "<call>f</call>\n<call>f</call>\nyes<|end|>"),
            ("t", "\n"),
        ],
    ),
    "white space that separates what each has the turn's end": (
        BLOCKS_WITH_ENDS,
        [HI, TWO_BLOCKS],
        [
            (".", "<|user|>hi</s> "),
            ("p", "<|assistant|>"),
            ("g", "yes</s>"),
            ("?", " "),
            ("g", "yes</s>"),
            ("t", " "),
        ],
    ),
    "a header with some of the white space that the prompt ends with": (
        LINE_AFTER_THE_PROMPT,
        [HI, YES],
        [(".", "USER: hi|"), ("p", "ASSISTANT: "), ("g", "yes|")],
    ),
    "somebody else's last turn, printed after the loop": (
        LAST_APART,
        [HI],
        [(".", "No tools.<|user|>hi<|end|>\n")],
    ),
    "the last turn, printed after the loop": (
        LAST_APART,
        [YES],
        [(".", "No tools."), ("p", "<|assistant|>"), ("g", "yes<|end|>"), ("t", "\n")],
    ),
    "a first turn that is printed as the user's, whoever said it": (
        FIRST_AS_THE_USERS,
        [YES],
        [(".", "<|user|>yes<|end|>")],
    ),
    "what is said before the loop and in it": (
        FIRST_APART,
        [YES],
        [(".", "Said: yes|"), ("p", "<|assistant|>"), ("g", "yes<|end|>")],
    ),
    "two headers in a turn": (
        TWO_HEADERS,
        [HI, {**YES, "thinking": "hm"}],
        [
            (".", "<|start|>user<|say|>hi<|end|>"),
            ("p", "<|start|>assistant"),
            ("g", "<|think|>hm<|end|>"),
            ("p", "<|start|>assistant"),
            ("g", "<|say|>yes<|end|>"),
        ],
    ),
    "captured, by a macro": (
        CAPTURED,
        [HI, YES, HI],
        [
            (".", "<|user|>hi<|end|>\n"),
            ("p", "<|assistant|>"),
            ("g", "yes<|end|>"),
            ("t", "\n"),
            (".", "<|user|>hi<|end|>\n"),
        ],
    ),
    "the first message sliced off": (
        SLICED,
        [{"role": "system", "content": "be"}, YES, HI],
        [
            ("p", "<|assistant|>"),
            (".", "be"),
            ("g", "/yes<|end|>"),
            (".", "<|user|>hi<|end|>"),
        ],
    ),
}


def parts(template: str, messages: list[dict[str, Any]]) -> Any:
    return Turns(TracedTemplate(template)).parts(messages, bos_token="<s>", eos_token="</s>")


@pytest.mark.parametrize(("template", "messages", "expected"), CASES.values(), ids=CASES)
def test_each_part_of_a_turn_is_told_from_the_others(template, messages, expected):
    found = parts(template, messages)
    got: list[tuple[str, str]] = []
    position = 0
    for kind, run in groupby(found.kinds):
        length = len(list(run))
        got.append((kind, found.trace.text[position : position + length]))
        position += length
    assert got == expected


@pytest.mark.parametrize(
    ("policy", "inside"),
    [
        ("strict", ["hm\n</think>\nyes<|end|>"]),
        ("trl", ["<think>\nhm\n</think>\nyes<|end|>\n"]),
    ],
)
def test_a_policy_says_whether_prefill_and_trailing_whitespace_are_inside(policy, inside):
    found = parts(PREFILLED, [HI, {**YES, "reasoning_content": "hm"}, HI])
    assert [found.trace.text[start:end] for start, end in found.inside(policy)] == inside


@pytest.mark.parametrize(
    ("template", "text", "role"),
    [
        (CHATML, "<|im_start|>assistant\n", "<|im_start|>assistant\n"),
        (ALIASED, "<start>model\n", "<start>model\n"),
        (PROMPT_IN_LOOP, "<|assistant|>", "<|assistant|>"),
        (PREFILLED, "<|assistant|>\n<think>\n", "<|assistant|>\n"),
        ("{% for m in messages %}{{ m.content }}{% endfor %}", "", ""),
    ],
)
def test_the_cue_is_what_the_generation_prompt_prints(template: str, text: str, role: str):
    cue = Turns(TracedTemplate(template)).prompts.usual
    assert (cue.text, cue.role) == (text, role)


def test_what_the_template_raises_comes_through():
    with pytest.raises(TypeError):
        parts(CHATML, [{"role": "user", "content": 3}])


def test_a_conversation_that_is_walked_twice_is_told_in_both_walks():
    found = parts(TWICE, [HI, YES])
    assert found.kinds[found.trace.text.index("hi") - 1] == "."
    start = found.trace.text.index("yes")
    assert found.kinds[start : start + 14] == "gggggggggggggt"


def test_a_fault_in_marking_is_not_taken_for_a_template_that_raises(monkeypatch):
    def broken(*_args: object, **_options: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("rewriter.turns.turns.mark_turn", broken)
    with pytest.raises(ZeroDivisionError):
        Labels(TracedTemplate("{% for m in messages %}{{ m.role }}:{{ m.content }}{% endfor %}"))
