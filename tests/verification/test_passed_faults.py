"""Faults in a right variant that only a conversation made for them shows.

Each is of a kind that verification once let pass: a count, a length, a mark, a key, a token or a
date that is written out.
"""

import pytest

from rewriter.verification.check import verify_alone
from tests.verification.faulty import broken, found, marked

# Two small templates, each with its right variant: what is wrapped stands between « and ».
FENCED = r"""{{- bos_token }}
{%- if tools %}
    {{- '<|system|>' }}
    {%- for tool in tools %}
        {{- tool | tojson ~ '\n' }}
    {%- endfor %}
{%- endif %}
{%- for message in messages %}
    {%- if message.role == 'assistant' %}
        {{- '<|assistant|>' }}
        {%- if message.reasoning_content %}
            {%- set thought = message.reasoning_content %}
            «{{- '<think>' ~ thought ~ '</think>' }}»
        {%- endif %}
        «{%- if message.content is string %}
            {%- set said = message.content %}
            {{- said }}
        {%- else %}
            {%- for block in message.content or [] %}
                {{- block.text }}
            {%- endfor %}
        {%- endif %}
        {%- for call in message.tool_calls or [] %}
            {{- '<call>' ~ call.function.name }}
            {%- set given = call.function.arguments | tojson %}
            {{- given ~ '</call>' }}
        {%- endfor %}
        {{- eos_token }}»
    {%- elif message.role == 'tool' %}
        {{- '<|tool|>' ~ message.content ~ '\n' }}
    {%- else %}
        {{- '<|' ~ message.role ~ '|>' }}
        {%- if message.content is string %}
            {%- set asked = message.content %}
            {{- asked }}
        {%- else %}
            {%- for block in message.content or [] %}
                {{- block.text }}
            {%- endfor %}
        {%- endif %}
        {{- '\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|assistant|>' }}
{%- endif %}
"""
DATED = r"""{{- '[DAY] ' ~ strftime_now('%d %B %Y') ~ '\n' }}
{%- set rest = messages %}
{%- for message in rest %}
    {%- if message['role'] == 'user' %}
        {{- '[ASK] ' + message['content'] + ' ' }}
    {%- elif message['role'] == 'assistant' %}
        {{- '[SAY] ' }}«
        {%- set said = message['content'] %}
        {{- said + eos_token }}»
    {%- else %}
        {{- '[' + message['role'] + '] ' + message['content'] + ' ' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '[SAY] ' }}
{%- endif %}
"""
SHOWN = r"""{%- for document in documents or [] %}
    {{- document.title ~ ': ' ~ document.text ~ '\n' }}
{%- endfor %}
{%- macro said(content) %}
    {%- if content is string %}
        {{- content }}
    {%- else %}
        {%- for block in content or [] %}
            {%- if block.type == 'image' %}
                {{- '<image>' }}
            {%- elif block.type == 'text' %}
                {{- block.text }}
            {%- endif %}
        {%- endfor %}
    {%- endif %}
{%- endmacro %}
{%- for message in messages %}
    {{- '<|' ~ message.role ~ '|>' }}
    {%- if message.role == 'assistant' %}
        «{{- said(message.content) ~ '<|end|>' }}»
    {%- else %}
        {{- said(message.content) ~ '<|end|>' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|assistant|>' }}
{%- endif %}
"""
UNSAID = r"""{%- for message in messages %}
    {%- if message.role == 'assistant' and message.content is none %}
        {{- '<|assistant|>' }}«
        {%- for call in message.tool_calls %}
            {{- '<call>' + call.function.name + call.function.arguments + '</call>' }}
        {%- endfor %}
        {{- '<|end|>' }}»
    {%- elif message.role == 'assistant' %}
        {{- '<|assistant|>' }}«{{- message.content + '<|end|>' }}»
    {%- else %}
        {{- '<|' + message.role + '|>' + message.content + '<|end|>' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|assistant|>' }}
{%- endif %}
"""
SAID = "{{- said }}"
ASKED = "{{- asked }}"
THOUGHT = "{{- '<think>' ~ thought ~ '</think>' }}"
WORDS = "message.content is string %}\n            {%- set asked = message.content %}"
LIMITED_THOUGHT = "{{- '<think>' ~ thought[:900] }}»{{- thought[900:] }}«{{- '</think>' }}"
FENCED_FAULTS = {
    "messages, from the end": ("in messages %}", "in messages[-50:] %}"),
    "messages, from the front": ("in messages %}", "in messages[:40] %}"),
    "tools": ("in tools %}", "in tools[:5] %}"),
    "calls": ("in message.tool_calls or [] %}", "in (message.tool_calls or [])[:4] %}"),
    "content": (SAID, "{{- said[:2000] }}"),
    "content that is shortened": (SAID, "{{- said | truncate(3000, true) }}"),
    "what is asked": (ASKED, "{{- asked[:2000] }}"),
    "arguments": ("{{- given ~", "{{- given[:300] ~"),
    **{
        f"{number} messages": (
            "{{- eos_token }}",
            "{%- if messages | length != " + str(number) + " %}{{- eos_token }}{%- endif %}",
        )
        for number in (9, 11, 13, 17)
    },
    "words": (SAID, "{%- if said | wordcount < 400 %}{{- said }}{%- endif %}"),
    "lines": (SAID, "{%- if said.split('\\n') | length < 10 %}{{- said }}{%- endif %}"),
    "lines that are asked": (
        ASKED,
        "{%- if asked.splitlines() | length < 10 %}{{- asked }}{%- endif %}",
    ),
    "indentation": (SAID, "{{- said.replace('\\n    ', '\\n  ') }}"),
    "tabs": (SAID, "{{- said.expandtabs(4) }}"),
    "a mark": (SAID, "{{- said.split('####')[0] }}"),
    "a mark that is a word": (SAID, "{{- said.split('Observation')[0] }}"),
    "a mark in what is asked": (ASKED, "{{- asked.replace('####', '') }}"),
    "a mark in a thought": ("'<think>' ~ thought", "'<think>' ~ thought.split('So,')[-1]"),
    "a mark that has a name": (
        SAID,
        "{%- set mark = '@@' %}{{- said.split(mark)[0] }}",
    ),
    **{
        f"a call among {number} messages": (
            "{%- for call in message.tool_calls or [] %}",
            "{%- for call in message.tool_calls or [] if messages | length != "
            + str(number)
            + " %}",
        )
        for number in (9, 12)
    },
    "a result among thirteen messages": (
        "message.content ~ '\\n' }}",
        "(message.content if messages | length != 13 else '') ~ '\\n' }}",
    ),
    "what is said beside five calls": (
        SAID,
        "{{- said if message.tool_calls | length != 5 else '' }}",
    ),
    "arguments, by number": (
        "call.function.arguments | tojson",
        (
            "dict((call.function.arguments.items() | list)[:6]) | tojson"
            " if call.function.arguments is mapping else call.function.arguments | tojson"
        ),
    ),
    "the properties of a tool": (
        "{{- tool | tojson",
        (
            "{%- set most = (tool.function.parameters.properties | list)[:20] %}"
            "{{- tool | tojson if most == tool.function.parameters.properties | list else ''"
        ),
    ),
    **{
        f"no prompt after {where}": (
            "{%- if add_generation_prompt %}",
            "{%- if add_generation_prompt and not " + where + " %}",
        )
        for where in (
            "messages | map(attribute='role') | join == 'system'",
            "messages | map(attribute='role') | join == 'systemassistant'",
            "(messages | map(attribute='role') | join).endswith('tooltooltool')",
            "(messages | map(attribute='role') | join).endswith('useruseruser')",
        )
    },
    "white space at the edges of what is long": (
        ASKED,
        "{{- asked if asked | length < 5000 else asked | trim }}",
    ),
    "line breaks in what is long": (
        ASKED,
        "{{- asked if asked | length < 5000 else asked.splitlines() | join('\\n') }}",
    ),
    "tabs in what comes late": (
        ASKED,
        "{{- asked if loop.index < 40 else asked.replace('\\t', ' ') }}",
    ),
    "what stands at an edge": (SAID, "{{- said.strip('*') }}"),
    "capitals": (SAID, "{{- said | capitalize if said == said | upper else said }}"),
    "a name that is printed": (
        "{{- '<|' ~ message.role ~ '|>' }}",
        "{{- '<|' ~ message.role ~ '|>' ~ message.get('name', '') }}",
    ),
    "a name in the header": (
        "{{- '<|assistant|>' }}\n        {%- if",
        "{{- '<|assistant|>' ~ message.get('name', '') }}\n        {%- if",
    ),
    "a key of a call": (
        "{{- '<call>' ~",
        "{{- '<call>' ~ call.get('index', '') ~",
    ),
    "every key": (
        SAID,
        "{%- for key in message if key.startswith('un') %}{{- key }}{%- endfor %}{{- said }}",
    ),
    "a variable": ("{{- eos_token }}", "{{- eos_token ~ (closing or '') }}"),
    "the letters of a role": ("'<|' ~ message.role ~", "'<|' ~ message.role[:9] ~"),
    "a token that is written out": ("{{- eos_token }}", "{{- '</s>' }}"),
    "another that is": ("{{- bos_token }}", "{{- '<s>' }}"),
    "a thought in the mask": (THOUGHT, LIMITED_THOUGHT),
}
BLOCKS = "in message.content or [] %}"
DATED_FAULTS = {
    "a date that is written out": ("strftime_now('%d %B %Y')", "'02 January 2026'"),
    "a year that is": ("'%d %B %Y'", "'%d %B 2026'"),
    "a day without its zero": ("'%d %B %Y'", "'%-d %B %Y'"),
    "messages": ("set rest = messages %}", "set rest = messages[-60:] %}"),
    "content": ("{{- said +", "{{- said[:4096] +"),
    "the number of words in the mask": (
        "{{- said + eos_token }}",
        "{{- said[:700] }}»{{- said[700:] }}«{{- eos_token }}",
    ),
    "a mark in the mask": (
        "{{- said + eos_token }}",
        "{{- said.split('#*')[0] }}»{{- said[said.split('#*')[0] | length:] }}«{{- eos_token }}",
    ),
    "a token that is written out": ("eos_token }}»", "'</s>' }}»"),
}


SHOWN_FAULTS = {
    "images": ("block.type == 'image'", "block.type == 'image' and loop.index0 < 3"),
    "blocks of a type that nobody knows": ("block.type == 'text'", "block.text"),
    "a document's text": ("document.text ~", "document.text[:1000] ~"),
    "a document's title": ("document.title ~", "document.title[:200] ~"),
}


# Blocks of the answer, each by its type, and what describes a tool.
BLOCKED = r"""{%- for tool in tools or [] %}
    {{- '<|tool|>' ~ tool.function.name ~ ': ' ~ tool.function.description ~ '\n' }}
{%- endfor %}
{%- for message in messages %}
    {%- if message.role == 'assistant' %}
        {{- '<|assistant|>' }}
        «{%- if message.content is string %}
            {%- set thought = message.reasoning_content %}
            {%- if thought is string %}
                {{- '<think>' ~ thought ~ '</think>' }}
            {%- endif %}
            {{- message.content }}
        {%- else %}
            {%- for block in message.content or [] %}
                {%- if block.type == 'thinking' %}
                    {{- '<think>' ~ block.thinking ~ '</think>' }}
                {%- elif block.type == 'tool_use' %}
                    {{- '<call>' ~ block.name ~ '#' ~ block.id ~ '</call>' }}
                {%- else %}
                    {{- block.text }}
                {%- endif %}
            {%- endfor %}
        {%- endif %}
        {{- '<|end|>' }}»
    {%- else %}
        {{- '<|' ~ message.role ~ '|>' ~ message.content ~ '<|end|>' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|assistant|>' }}
{%- endif %}
"""
FIRST_LINE = "~ block.thinking.split('\\n')[0]"
BLOCKED_FAULTS = {
    "the first line of a thought in a block": ("~ block.thinking", FIRST_LINE),
    "the first characters of a thought in a block": ("~ block.thinking", "~ block.thinking[:40]"),
    "the name in a block in lower case": ("~ block.name", "~ block.name | lower"),
    "the id in a block with other marks": ("~ block.id", "~ block.id | replace('_', '-')"),
    "what describes a tool without white space": (".description", ".description | trim"),
    "a thought that is there and empty": ("thought is string", "thought is string and thought"),
}
UNSAID_FAULTS = {
    "calls": ("in message.tool_calls %}", "in message.tool_calls[:4] %}"),
    "an end among nine messages": (
        "{{- '<|end|>' }}",
        "{%- if messages | length != 9 %}{{- '<|end|>' }}{%- endif %}",
    ),
}


@pytest.mark.parametrize(
    "template",
    [FENCED, DATED, SHOWN, UNSAID, BLOCKED],
    ids=["fenced", "dated", "shown", "unsaid", "blocked"],
)
def test_the_right_variants_hold(template):
    assert broken(template, template) is None
    alone = verify_alone(marked(template), "strict", examples=20, empty_thoughts="generated")
    assert alone.ok


def test_limits_and_marks_that_both_templates_have_are_no_faults():
    limited = FENCED.replace(SAID, "{{- said[:2000].split('####')[0] }}")
    limited = limited.replace("in messages %}", "in messages[-50:] %}")
    assert broken(limited, limited) is None


@pytest.mark.parametrize(("old", "new"), FENCED_FAULTS.values(), ids=FENCED_FAULTS)
def test_a_fault_in_the_one_is_found(old, new):
    assert found(FENCED, old, new)


@pytest.mark.parametrize(("old", "new"), DATED_FAULTS.values(), ids=DATED_FAULTS)
def test_a_fault_in_the_other_is_found(old, new):
    assert found(DATED, old, new)


@pytest.mark.parametrize(("old", "new"), SHOWN_FAULTS.values(), ids=SHOWN_FAULTS)
def test_a_fault_in_what_is_shown_is_found(old, new):
    assert found(SHOWN, old, new)


@pytest.mark.parametrize(("old", "new"), UNSAID_FAULTS.values(), ids=UNSAID_FAULTS)
def test_a_fault_in_calls_without_a_word_is_found(old, new):
    assert found(UNSAID, old, new)


@pytest.mark.parametrize(("old", "new"), BLOCKED_FAULTS.values(), ids=BLOCKED_FAULTS)
def test_a_fault_in_what_a_filter_changes_is_found(old, new):
    assert found(BLOCKED, old, new)


def test_blocks_that_are_left_out_are_found():
    assert found(FENCED, BLOCKS, "in (message.content or [])[:4] %}", count=2)


def test_where_a_mask_ends_at_a_limit_that_the_original_has_too_it_is_found():
    limited = FENCED.replace(THOUGHT, LIMITED_THOUGHT)
    assert "reasoning" in broken(limited, limited)
    report = verify_alone(marked(limited), "strict", examples=20)
    assert any("reasoning" in failure.promise for failure in report.failures)
