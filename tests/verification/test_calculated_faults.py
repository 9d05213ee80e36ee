"""Faults behind numbers and texts that are calculated, or that two conditions lead to."""

import pytest

from tests.verification.faulty import broken, found

TALK = r"""{%- if documents %}
    {%- for document in documents %}
        {{- '<doc>' ~ document.text ~ '</doc>' }}
    {%- endfor %}
{%- endif %}
{%- for tool in tools or [] %}
    {{- tool | tojson ~ '\n' }}
{%- endfor %}
{%- for message in messages %}
    {%- if message.role == 'assistant' %}
        {{- '<|assistant|>' }}
        «{{- message.content or '' }}
        {%- for call in message.tool_calls or [] %}
            {%- set given = call.function.arguments %}
            {{- '<call>' ~ call.function.name ~ given | tojson ~ '</call>' }}
        {%- endfor %}
        {{- '<|end|>' }}»
    {%- else %}
        {{- '<|' ~ message.role ~ '|>' ~ message.content }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|assistant|>' }}
{%- endif %}
"""
SAID = "message.content or ''"
DOCUMENT = "document.text"
GIVEN = "{%- set given = call.function.arguments %}"
TOOL = "tool | tojson"


def said(changed, where="true"):
    """The text changed where it is a text and a condition holds."""
    return f"{changed} if message.content is string and {where} else message.content or ''"


def without(arguments, where="true"):
    """The arguments without those that are named."""
    kept = f"{{%- set given = dict(given.items() | rejectattr({arguments})) %}}"
    return f"{GIVEN}{{%- if given is mapping and {where} %}}{kept}{{%- endif %}}"


FAULTS = {
    "quotes around a text of more characters than a product": (
        SAID,
        said("message.content.strip('\"')", "message.content | length > 40 * 40"),
    ),
    "lines beyond a product": (SAID, said("message.content.split('\\n')[:15 * 15] | join('\\n')")),
    "paragraphs": (SAID, said("message.content.split('\\n\\n', 60)[:60] | join('\\n\\n')")),
    "so much white space": (SAID, said("message.content.replace(' ' * 20, ' ')")),
    "old texts cut": (SAID, said("message.content[:60 * 2]", "loop.revindex >= 3 * 5")),
    "a mark that is said often": (
        SAID,
        said("message.content.replace('@@', '', 2)", "message.content.count('@@') > 2"),
    ),
    "what ends a text that begins with a brace": (
        SAID,
        said("message.content | trim", "message.content.startswith('{')"),
    ),
    "signs beyond the first plane": (
        SAID,
        said("message.content | reject('gt', '\\uffff') | join"),
    ),
    "arguments of 0": (GIVEN, without("1, 'sameas', 0")),
    "arguments of -1": (GIVEN, without("1, 'eq', -1")),
    "one argument among more than three": (
        GIVEN,
        without("0, 'eq', 'query'", "given | length > 3"),
    ),
    "what nothing is required of": (TOOL, "tool | tojson | replace('\"required\": [], ', '')"),
    "documents that have another key": (DOCUMENT, "(document.text or document.content)"),
}
OPENED = {
    "a user's numbered list": (
        "user",
        "message.content[:1].isdigit() and '\\n' in message.content",
    ),
    "a user's thanks": ("user", "message.content[:1].isupper() and message.content[-1:] == '!'"),
    "a long result": ("tool", "message.content[:1] == '{' and message.content | length > 700"),
    "users where there are five": (
        "user",
        "messages | selectattr('role', 'eq', 'user') | list | length == 5 and tools",
    ),
}
TURN = "{{- '<|' ~ message.role ~ '|>' ~ message.content }}"


def test_the_right_variant_holds():
    assert broken(TALK, TALK) is None


@pytest.mark.parametrize(("old", "new"), FAULTS.values(), ids=FAULTS)
def test_a_text_that_is_changed_is_found(old, new):
    assert found(TALK, old, new)


@pytest.mark.parametrize(("role", "condition"), OPENED.values(), ids=OPENED)
def test_another_s_turn_that_is_trained_is_found(role, condition):
    is_text = "message.content is string"
    opened = f"message.role == '{role}' and {is_text} and {condition}"
    marked = f"{{%- if {opened} %}}«{TURN}»{{%- else %}}{TURN}{{%- endif %}}"
    assert found(TALK, TURN, marked)
