"""White space that closes the header in one shape of turn, and separates texts in another.

One literal prints both, so the turn is captured behind the header, and cut.
"""

import pytest

import rewriter
from tests.rendering import rendered

CALL = {"type": "function", "function": {"name": "look", "arguments": {}}}
THOUGHT = {"role": "assistant", "reasoning_content": "Hm.", "content": "Yes."}
CALLING = {"role": "assistant", "content": "", "tool_calls": [CALL]}
SAYING_AND_CALLING = {**CALLING, "content": "Yes."}
QUESTION = {"role": "user", "content": "Is it?"}
OTHERS = "{{- '<|' + m.role + '|>\\n' + m.content + '<|end|>\\n' }}"


def variant(parts: str, prompt: str, policy: str) -> str:
    source = (
        "{%- for m in messages %}{%- if m.role == 'assistant' %}{{- '<|assistant|>' }}"
        + parts
        + "{{- '<|end|>\\n' }}{%- else %}"
        + OTHERS
        + "{%- endif %}{%- endfor %}{%- if add_generation_prompt %}{{- '"
        + prompt
        + "' }}{%- endif %}"
    )
    return rewriter.rewrite(source, policy=policy, examples=40, limits=None).template


CONTENT = "{%- if m.content %}{{- '\\n' + m.content }}{%- endif %}"
CALLS = (
    "{%- for call in m.tool_calls or [] %}"
    "{{- '\\n<call>' + call.function.name + '</call>' }}{%- endfor %}"
)
THINKING = (
    "{%- if m.reasoning_content %}"
    "{{- '\\n<think>\\n' + m.reasoning_content + '\\n</think>' }}{%- endif %}"
)


def trained(template: str, message: dict) -> str:
    """What the last turn prints after the assistant's token, with what is trained in brackets."""
    return rendered(template, [QUESTION, message]).marked.partition("<|assistant|>")[2]


def test_a_line_break_that_only_closes_headers_takes_no_capture():
    template = variant("{{- '\\n' + m.content }}", "<|assistant|>\\n", "strict")
    assert "set" not in template
    assert trained(template, THOUGHT) == "\n⟦Yes.<|end|>⟧\n"


@pytest.mark.parametrize(("policy", "end"), [("strict", "<|end|>⟧\n"), ("trl", "<|end|>\n⟧")])
def test_it_is_outside_before_a_first_call_and_inside_after_what_is_said(policy, end):
    template = variant(CONTENT + CALLS, "<|assistant|>\\n", policy)
    assert trained(template, CALLING) == "\n⟦<call>look</call>" + end
    assert trained(template, SAYING_AND_CALLING) == "\n⟦Yes.\n<call>look</call>" + end


def test_it_is_outside_before_a_first_call_if_literals_have_it_as_it_is():
    written = [part.replace("\\n", "\n") for part in (CONTENT + CALLS, "<|assistant|>\\n")]
    template = variant(*written, "strict")
    assert trained(template, CALLING) == "\n⟦<call>look</call><|end|>⟧\n"
    assert trained(template, SAYING_AND_CALLING) == "\n⟦Yes.\n<call>look</call><|end|>⟧\n"


def test_it_is_outside_before_content_and_inside_after_a_thought():
    template = variant(THINKING + CONTENT, "<|assistant|>\\n", "strict")
    assert trained(template, {**THOUGHT, "reasoning_content": ""}) == "\n⟦Yes.<|end|>⟧\n"
    assert trained(template, THOUGHT) == "\n⟦<think>\nHm.\n</think>\nYes.<|end|>⟧\n"


def test_it_is_outside_with_and_without_the_prefill_that_the_prompt_prints_after_it():
    template = variant(THINKING + CONTENT, "<|assistant|>\\n<think>\\n", "strict")
    assert trained(template, {**THOUGHT, "reasoning_content": ""}) == "\n⟦Yes.<|end|>⟧\n"
    assert trained(template, THOUGHT) == "\n<think>\n⟦Hm.\n</think>\nYes.<|end|>⟧\n"


def test_it_is_outside_where_an_output_of_its_own_prints_it_before_some_turns_alone():
    own = "{%- if m.content or m.reasoning_content %}{{- '\\n' }}{%- endif %}"
    said = "{%- if m.reasoning_content %}{{- '<think>' + m.reasoning_content + '</think>' }}"
    template = variant(
        own + said + "{%- endif %}{{- m.content or '' }}" + CALLS, "<|assistant|>\\n", "strict"
    )
    assert trained(template, CALLING) == "\n⟦<call>look</call><|end|>⟧\n"
    assert trained(template, SAYING_AND_CALLING) == "\n⟦Yes.\n<call>look</call><|end|>⟧\n"
    assert trained(template, THOUGHT) == "\n⟦<think>Hm.</think>Yes.<|end|>⟧\n"


def test_it_is_outside_with_an_empty_thought_in_an_arm_of_its_own():
    arms = (
        "{%- if m.reasoning_content is defined %}{%- if m.reasoning_content %}"
        "{{- '\\n<think>' + m.reasoning_content + '</think>' }}{%- else %}"
        "{{- '\\n<think></think>' }}{%- endif %}{%- endif %}"
    )
    template = variant(arms + CONTENT + CALLS, "<|assistant|>\\n", "strict")
    empty = {**THOUGHT, "reasoning_content": ""}
    assert trained(template, CALLING) == "\n⟦<call>look</call><|end|>⟧\n"
    assert trained(template, empty) == "\n<think></think>⟦\nYes.<|end|>⟧\n"
    assert trained(template, THOUGHT) == "\n⟦<think>Hm.</think>\nYes.<|end|>⟧\n"


def test_it_is_outside_where_all_roles_share_what_prints_it_behind_a_field():
    source = (
        "{% for m in messages %}<|{{ m.role }}|>{{ m.metadata }}\n{{ m.content }}<|end|>"
        "{% endfor %}"
        "{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
    )
    template = rewriter.rewrite(source, examples=40, limits=None).template
    assert trained(template, {"role": "assistant", "content": "Yes."}) == "\n⟦Yes.<|end|>⟧"
    calling = {"role": "assistant", "metadata": "look", "content": "{}"}
    assert trained(template, calling).endswith("look\n{}<|end|>⟧")
