"""Faults that show only by what comes first, next, or not yet.

Whether the system's message is counted, who speaks after an answer, and whether a call was
answered: a template may print the same turn otherwise for each.
"""

import pytest

from rewriter.verification.check import verify_alone
from tests.verification.faulty import broken, found, marked

# A system's message is taken out, and a turn ends by who speaks next.
OPENED = r"""{%- if messages[0].role == 'system' %}
    {{- '[RULE] ' }}
    {%- if messages[0].content is string %}
        {{- messages[0].content }}
    {%- else %}
        {%- for part in messages[0].content or [] %}
            {{- part.text }}
        {%- endfor %}
    {%- endif %}
    {{- '\n' }}
    {%- set messages = messages[1:] %}
{%- endif %}
{%- for message in messages %}
    {%- if message.role == 'assistant' %}
        {{- '[SAY] ' }}«
        {%- if message.content is string %}
            {{- message.content }}
        {%- else %}
            {%- for block in message.content or [] %}
                {{- block.text }}
            {%- endfor %}
        {%- endif %}
        {%- for call in message.tool_calls or [] %}
            {%- set given = call.function.arguments %}
            {%- set given = given if given is string else given | tojson %}
            {%- if message.content is none %}
                {{- '<call>' ~ call.function.name ~ given ~ '</call>' }}
            {%- else %}
                {{- '<also>' ~ call.function.name ~ given ~ '</also>' }}
            {%- endif %}
        {%- endfor %}
        {%- if message.tool_calls %}
            {#- called -#} {{- '<|end|>' }}
        {%- elif not loop.last and loop.nextitem.role == 'system' %}
            {#- ruled -#} {{- '<|end|>' }}
        {%- else %}
            {{- '<|end|>' }}
        {%- endif %}»
        {{- '\n' }}
    {%- else %}
        {{- '[' ~ message.role ~ '] ' ~ message.content ~ '\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '[SAY] ' }}
{%- endif %}
"""
# What is said beside a call is printed only where no answer has come of it.
PENDING = r"""{%- for tool in tools or [] %}
    {{- '[TOOL] ' ~ tool.function.name }}
    {%- for name, schema in tool.function.parameters.properties.items() %}
        {{- ' ' ~ name }}
        {%- for kind in schema.oneOf or [] %}
            {{- ' or ' ~ kind.type }}
        {%- endfor %}
    {%- endfor %}
    {{- '\n' }}
{%- endfor %}
{%- for message in messages %}
    {%- if message.role == 'assistant' and message.tool_calls %}
        {%- set rest = messages[loop.index:] | selectattr('role', 'eq', 'assistant') %}
        {%- set answers = rest | rejectattr('tool_calls') | list %}
        {{- '[SAY] ' }}«
        {%- if not answers %}
            {{- message.content or '' }}
        {%- endif %}
        {%- for call in message.tool_calls %}
            {{- '<call>' ~ call.function.name ~ call.function.arguments | tojson ~ '</call>' }}
        {%- endfor %}
        {{- '<|end|>' }}»
    {%- elif message.role == 'assistant' %}
        {{- '[SAY] ' }}«{{- message.content ~ '<|end|>' }}»
    {%- else %}
        {{- '[' ~ message.role ~ '] ' ~ message.content ~ '\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '[SAY] ' }}
{%- endif %}
"""
# The system's message is printed with the last question.
LAST = r"""{%- set ruled = messages[0].role == 'system' %}
{%- for message in messages %}
    {%- if message.role == 'user' %}
        {{- '[ASK] ' }}
        {%- if ruled and loop.last %}
            {{- messages[0].content }}
        {%- endif %}
        {{- message.content }}
    {%- elif message.role == 'assistant' %}
        {{- '[SAY] ' }}«{{- message.content ~ '<|end|>' }}»
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '[SAY] ' }}
{%- endif %}
"""
CALLED, RULED = "{#- called -#} {{- '<|end|>' }}", "{#- ruled -#} {{- '<|end|>' }}"
NAME, GIVEN = "call.function.name", "given"
NONE, SOME = "{{- '<call>' ~ ", "{{- '<also>' ~ "
NONE_OF, SOME_OF = f"{NONE}{NAME} ~ ", f"{SOME}{NAME} ~ "
CHANGES = {
    "characters": "[:2000]",
    "a mark": ".split('####')[0]",
    "indentation": ".replace('\\n    ', '\\n  ')",
    "tabs": ".expandtabs(4)",
}
OPENED_FAULTS = {
    **{
        f"an end after calls, among {number} messages after the system's": (
            CALLED,
            "{{- '<|end|>' if messages | length != " + str(number) + " else '' }}",
        )
        for number in (9, 11, 13, 17)
    },
    **{
        f"an end before the system speaks, among {number} messages": (
            RULED,
            "{{- '<|end|>' if messages | length != " + str(number) + " else '' }}",
        )
        for number in (12, 13)
    },
    "an end after many words, before the system speaks": (
        RULED,
        "{{- '<|end|>' if message.content | string | wordcount < 400 else '' }}",
    ),
    "an end after many lines, before the system speaks": (
        RULED,
        "{{- '<|end|>' if (message.content | string).split('\n') | length < 10 else '' }}",
    ),
    **{
        f"what is said in blocks, among {number} messages": (
            "{{- block.text }}",
            "{{- block.text if messages | length != " + str(number) + " else '' }}",
        )
        for number in (11, 12)
    },
    **{
        f"{what} in a function's name, {beside}": (f"{tag}{NAME}", f"{tag}{NAME}{change}")
        for what, change in CHANGES.items()
        for beside, tag in (("beside no content", NONE), ("beside some", SOME))
    },
    **{
        f"{what} in arguments that are written, {beside}": (tag + GIVEN, f"{tag}{GIVEN}{change}")
        for what, change in CHANGES.items()
        for beside, tag in (("beside no content", NONE_OF), ("beside some", SOME_OF))
    },
    "the blocks of the system's message": (
        "in messages[0].content or",
        "in (messages[0].content or [])[:4] or",
    ),
    "a key of a message that calls without a word": (
        SOME,
        f"{SOME}(message.get('note', '') if not message.content else '') ~ ",
    ),
    "a variable that is set elsewhere": (
        "{%- for message in messages %}",
        "{{- told or '' }}{%- for message in messages %}{%- set told = 'so' %}",
    ),
    "a key of a message that is said in blocks": (
        "{{- block.text }}",
        "{{- message.get('note', '') ~ block.text }}",
    ),
}


BESIDE = "{{- message.content or '' }}"
RESULT = "message.content ~ '\\n' }}\n    {%- endif"
PENDING_FAULTS = {
    "characters": (BESIDE, "{{- (message.content or '')[:2000] }}"),
    "a mark": (BESIDE, "{{- (message.content or '').split('####')[0] }}"),
    "indentation": (BESIDE, "{{- (message.content or '').replace('\n    ', '\n  ') }}"),
    "a key": (BESIDE, "{{- (message.content or '') ~ message.get('note', '') }}"),
    **{
        f"{what} in a result, {where}": (
            RESULT,
            RESULT.replace(
                "message.content",
                f"({changed} if message.role == 'tool' and {next_} else message.content)",
            ),
        )
        for what, changed in {
            "characters": "(message.content | string)[:2000]",
            "dots": "(message.content | string).replace('...', '~')",
            "white space": "(message.content | string).rstrip()",
        }.items()
        for where, next_ in {
            "if nothing follows": "loop.last",
            "if another follows": "(loop.nextitem or {}).role == 'tool'",
        }.items()
    },
    "the kinds of a tool's property": ("in schema.oneOf or []", "in (schema.oneOf or [])[:4]"),
}
RULES = "{{- messages[0].content }}"
LAST_FAULTS = {
    "characters": (RULES, "{{- (messages[0].content | string)[:2000] }}"),
    "dots": (RULES, "{{- messages[0].content | replace('...', '~') }}"),
    "white space": (RULES, "{{- messages[0].content | trim }}"),
}


@pytest.mark.parametrize("template", [OPENED, PENDING, LAST], ids=["opened", "pending", "last"])
def test_the_right_variants_hold(template):
    assert broken(template, template) is None
    assert verify_alone(marked(template), "strict", examples=20).ok


@pytest.mark.parametrize(("old", "new"), OPENED_FAULTS.values(), ids=OPENED_FAULTS)
def test_a_fault_by_what_comes_first_or_next_is_found(old, new):
    assert found(OPENED, old, new)


@pytest.mark.parametrize(("old", "new"), PENDING_FAULTS.values(), ids=PENDING_FAULTS)
def test_a_fault_beside_a_call_that_is_not_answered_is_found(old, new):
    assert found(PENDING, old, new)


@pytest.mark.parametrize(("old", "new"), LAST_FAULTS.values(), ids=LAST_FAULTS)
def test_a_fault_in_the_systems_text_with_the_last_question_is_found(old, new):
    assert found(LAST, old, new)
