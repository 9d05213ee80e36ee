"""Turns that a template prints for whoever is neither a user nor a system."""

import rewriter
from tests.rendering import rendered

TALK = r"""{%- for m in messages %}
    {%- if m.role == 'user' %}
        {{- 'User: ' + m.content + '<|end|>' }}
    {%- elif m.role == 'system' %}
        {{- m.content + '<|end|>' }}
    {%- else %}
        {{- 'Assistant: ' + m.content + '<|end|>' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- 'Assistant: ' }}
{%- endif %}
"""


def test_only_those_of_the_assistant_are_trained():
    variant = rewriter.rewrite(TALK, limits=None).template
    chat = [{"role": role, "content": "so"} for role in ("guest", "user", "assistant", "tool")]
    assert rendered(variant, chat).marked == (
        "Assistant: so<|end|>User: so<|end|>Assistant: ⟦so<|end|>⟧Assistant: so<|end|>"
    )
