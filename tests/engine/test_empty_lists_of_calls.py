"""Lists of calls that every message has, as in a data set with columns, though all are empty."""

import pytest

import rewriter
from tests.rendering import rendered
from tests.verification.faulty import broken

TALK = r"""{%- for m in messages %}
    {{- '<|' + m.role + '|>' }}
    {%- if 'tool_calls' in m %}
        «{{- '[' }}
        {%- for call in m.tool_calls %}
            {{- call.function.name }}
        {%- endfor %}
        {{- ']' }}»
    {%- endif %}
    {%- if m.role == 'assistant' %}
        «{{- m.content + '<|end|>' }}»
    {%- else %}
        {{- m.content + '<|end|>' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|assistant|>' }}
{%- endif %}
"""
PLAIN = TALK.replace("«", "").replace("»", "")
# Only messages without calls must alternate, so that no answer follows a user who calls.
ALTERNATING = (
    r"""{%- for m in messages | selectattr('tool_calls', 'undefined') %}
    {%- if (m.role == 'user') != (loop.index0 is even) %}
        {{- raise_exception('take turns') }}
    {%- endif %}
{%- endfor %}
"""
    + PLAIN
)


@pytest.mark.parametrize("source", [PLAIN, ALTERNATING])
def test_those_of_others_are_outside(source):
    variant = rewriter.rewrite(source, limits=None).template
    asked = {"role": "user", "content": "so?", "tool_calls": []}
    answer = {"role": "assistant", "content": "yes", "tool_calls": []}
    assert rendered(variant, [asked, answer]).marked == (
        "<|user|>[]so?<|end|><|assistant|>⟦[]yes<|end|>⟧"
    )


def test_a_block_that_the_list_of_another_opens_is_found():
    assert broken(TALK, TALK) == "the turn of a system is outside the mask"
