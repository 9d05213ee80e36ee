"""A template in the manner of ChatML, its training variant, and ways to get the variant wrong."""

ORIGINAL = r"""{%- for message in messages %}
    {%- set said = message.content or '' %}
    {%- if message.role == 'assistant' %}
        {{- '<|im_start|>assistant\n' }}
        {%- if message.reasoning_content %}
            {{- '<think>\n' + message.reasoning_content + '\n</think>\n\n' }}
        {%- endif %}
        {{- said }}
        {%- for call in message.tool_calls or [] %}
            {{- '\n<tool_call>\n' + call.function.name + ' ' }}
            {{- call.function.arguments | tojson }}
            {{- '\n</tool_call>' }}
        {%- endfor %}
        {{- '<|im_end|>' }}
        {{- '\n' }}
    {%- elif message.role == 'tool' %}
        {{- '<|im_start|>user\n<tool_response>\n' }}
        {{- said }}
        {{- '\n</tool_response><|im_end|>\n' }}
    {%- elif message.role in ['system', 'user'] %}
        {{- '<|im_start|>' + message.role + '\n' }}
        {{- said }}
        {{- '<|im_end|>\n' }}
    {%- else %}
        {{- raise_exception('no such role: ' ~ message.role) }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\n' }}
{%- endif %}
"""

HEADER = "        {{- '<|im_start|>assistant\\n' }}\n"
END = "        {{- '<|im_end|>' }}\n"
NEWLINE = "        {{- '\\n' }}\n"
OPEN = "        {%- generation %}\n"
CLOSE = "        {%- endgeneration %}\n"


def edited(source: str, *edits: tuple[str, str]) -> str:
    """``source`` with each first text replaced by the second; each must be there, once."""
    for old, new in edits:
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    return source


VARIANT = edited(ORIGINAL, (HEADER, HEADER + OPEN), (END, END + CLOSE))
