"""The assistant's turn in an `else` branch, which any role that is not asked for takes too."""

from tests.verification.faulty import broken

TALK = r"""{%- for message in messages %}
    {%- if message.role == 'user' %}
        {{- 'User: ' + message.content + '<|end|>' }}
    {%- elif message.role == 'system' %}
        {{- message.content + '<|end|>' }}
    {%- else %}
        {{- 'Assistant: ' }}
        «{{- message.content + '<|end|>' }}»
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- 'Assistant: ' }}
{%- endif %}
"""
SYSTEM = "message.role == 'system'"


def test_a_block_may_stand_in_the_else_branch():
    assert broken(TALK, TALK) is None


def test_a_block_may_hold_only_the_turns_whose_role_is_the_assistant_s():
    asked = TALK.replace("«", "{%- if message.role == 'assistant' %}«")
    either = asked.replace("»", "»{%- else %}{{- message.content + '<|end|>' }}{%- endif %}")
    assert broken(TALK, either) is None


def test_a_result_of_a_tool_is_not_trained_where_the_template_knows_tools():
    called = TALK.replace("<|end|>' }}»", "<|end|>' }}{{- message.tool_calls or '' }}»")
    assert "tool" in broken(called, called)


def test_a_system_message_that_takes_the_else_branch_is_not_trained():
    bare = TALK.replace(SYSTEM, f"{SYSTEM} and loop.first")
    assert "system" in broken(bare, bare)
