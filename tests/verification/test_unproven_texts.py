"""Faults in what a variant prints that only a value, an order or a length that is rare shows.

No structure proves the text of these variants, so conversations have to show it.
"""

import pytest

from tests.verification.faulty import broken, found

TALK = r"""{{- bos_token }}
{%- macro shown(content) %}
    {%- if content is string %}{{- content }}{%- else %}
        {%- for block in content or [] %}
            {%- if block.type == 'image' %}{{- '<image>' }}
            {%- elif block.type == 'text' %}{{- block.text }}{%- endif %}
        {%- endfor %}
    {%- endif %}
{%- endmacro %}
{%- for document in documents or [] %}
    {{- '[' ~ document.title ~ '] ' ~ document.text ~ '\n' }}
{%- endfor %}
{%- for message in messages %}
    {%- set said = shown(message.content) %}
    {%- if message.role == 'assistant' %}
        {%- set thought = '' %}
        {%- if '</think>' in said %}
            {%- set thought = said.split('</think>')[0].split('<think>')[-1].strip('\n') %}
            {%- set said = said.split('</think>')[-1].lstrip('\n') %}
        {%- endif %}
        {{- '<|assistant|>' }}
        «{%- if thought and loop.last %}
            {{- '<think>' ~ thought ~ '</think>' }}
        {%- endif %}
        {{- said ~ eos_token }}»
        {{- '\n' }}
    {%- else %}
        {{- '<|' ~ message.role | capitalize ~ '|>' ~ said | trim ~ '\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {%- if not quick %}
        {{- '(at length)\n' }}
    {%- endif %}
    {{- '<|assistant|>' }}
{%- endif %}
"""
STRICT = r"""{{- bos_token }}
{%- for message in messages %}
    {%- if (message.role == 'user') != (loop.index0 % 2 == 0) %}
        {{- raise_exception('one after the other') }}
    {%- endif %}
    {%- if message.role == 'user' %}
        {{- '[ASK] ' ~ message.content ~ ' [/ASK]' }}
    {%- elif message.role == 'assistant' %}
        «{{- ' ' ~ message.content ~ eos_token }}»
    {%- else %}
        {{- raise_exception('nobody else') }}
    {%- endif %}
{%- endfor %}
"""

SAID = "{{- said ~ eos_token }}"
TALK_FAULTS = {
    "digits": (SAID, "{{- (said | int if said.isdigit() else said) ~ eos_token }}"),
    "a number with a sign": (
        SAID,
        "{{- (said | int if said | int | string == said.lstrip('+') else said) ~ eos_token }}",
    ),
    "a word for nothing": (SAID, "{{- ('' if said == 'None' else said) ~ eos_token }}"),
    "a letter three times": (
        SAID,
        "{{- said ~ ('.' if said.count('x') == 3 else '') ~ eos_token }}",
    ),
    "what counts as false": ("{%- if not quick %}", "{%- if quick != true %}"),
    "nothing as a flag": ("{%- if not quick %}", "{%- if not (quick is none or quick) %}"),
    "a type of block": ("== 'text'", "in ['text', 'output_text']"),
    "a type of block that neither names": ("== 'text'", "in ['text'] or 'file' in block"),
    "a role of two words": ("| capitalize", "| title"),
    "a role of capitals": ("| capitalize", "[0] | upper ~ message.role[1:]"),
    "a part of a role": ("message.role == 'assistant'", "message.role in 'assistant'"),
    "what a role begins with": (
        "message.role == 'assistant'",
        "message.role.startswith('assistant')",
    ),
    "no calls": (
        SAID,
        "{{- said ~ ('' if message.tool_calls is not string else '.') ~ eos_token }}",
    ),
    "a call's identifier": (
        SAID,
        (
            "{{- said ~ ('.' if message.tool_calls and message.tool_calls[0].id == '' else '')"
            " ~ eos_token }}"
        ),
    ),
    "a thought beside documents": (
        "{%- if thought and loop.last %}",
        "{%- if thought and loop.last and not (documents and tools) %}",
    ),
    "a blank after a thought": (".strip('\\n')", ".strip()"),
    "a tab before an answer": (".lstrip('\\n')", ".lstrip('\\n\\t')"),
    "what is trimmed": ("said | trim", "said.strip(' \\n')"),
    "no-break spaces": (
        "said | trim",
        "said.strip(' \\n\\r\\t\\x0b\\x0c\\x1c\\x1d\\x1e\\x1f\\x85')",
    ),
    "two words in two messages": (
        SAID,
        (
            "{{- said ~ ('.' if 'foo' in said and loop.index0 and 'bar' in"
            " messages[loop.index0 - 1].content else '') ~ eos_token }}"
        ),
    ),
    "no token": (SAID, "{{- said ~ (eos_token or '<|end|>') }}"),
}
STRICT_FAULTS = {
    "an order that breaks late": (
        "(loop.index0 % 2 == 0) %}",
        "(loop.index0 % 2 == 0) and loop.index0 < 10 %}",
    ),
    "a token that is written out late": (
        "~ eos_token",
        "~ (eos_token if loop.index0 < 30 else '</s>')",
    ),
    "another role late": (
        "{%- else %}\n        {{- raise",
        "{%- elif loop.index0 < 9 or message.role != 'system' %}\n        {{- raise",
    ),
}


@pytest.mark.parametrize("template", [TALK, STRICT], ids=["talk", "strict"])
def test_the_right_variants_hold_though_nothing_proves_them(template):
    # a test that no text changes, and no structure knows for one
    odd = template.replace("{{- bos_token }}", "{{- bos_token | replace('<s>', '<s>') }}")
    assert broken(template, odd) is None


@pytest.mark.parametrize(("old", "new"), TALK_FAULTS.values(), ids=TALK_FAULTS)
def test_a_fault_in_the_one_is_found(old, new):
    assert found(TALK, old, new)


@pytest.mark.parametrize(("old", "new"), STRICT_FAULTS.values(), ids=STRICT_FAULTS)
def test_a_fault_in_the_other_is_found(old, new):
    assert found(STRICT, old, new)
