"""Small training variants with right masks, and the pieces to put faults into them."""

HEADER = "{{- '<|turn|>' + m.role + '\n' }}"
OTHERS = (
    "{%- else %}{{- '<|turn|>' + m.role + '\n' + (m.content or '') + '<|over|>\n' }}{%- endif %}"
)
PROMPT = "{%- if add_generation_prompt %}{{- '<|turn|>assistant\n' }}{%- endif %}"
CONTENT = """
{%- if m.content is string %}{{- m.content }}{%- else %}
{%- for b in m.content or [] %}{{- b.text if b.text is defined else '' }}{%- endfor %}
{%- endif %}"""
CALLS = """
{%- for c in m.tool_calls or [] %}{%- set f = c.function or c %}
{{- '<call>' + f.name + ' ' }}
{{- f.arguments if f.arguments is string else f.arguments | tojson }}{{- '</call>' }}
{%- endfor %}"""
THOUGHT = """
{%- if m.reasoning_content %}{{- '<think>' + m.reasoning_content + '</think>' }}{%- endif %}"""
TURN = (
    HEADER
    + "{% generation %}"
    + THOUGHT
    + CONTENT
    + CALLS
    + "{{- '<|over|>' }}{% endgeneration %}{{- '\n' }}"
)
SAID = "{%- if m.content %}{% generation %}{{- m.content }}{% endgeneration %}{%- endif %}"

# What ends calls is printed before the first result.
LATE = (
    "{%- for m in messages %}{%- if m.role == 'assistant' %}{{- '<|turn|>assistant\n' }}"
    "{% generation %}{{- m.content }}" + CALLS + "{%- if not m.tool_calls %}{{- '<|over|>' }}"
    "{%- endif %}{% endgeneration %}{%- elif m.role == 'tool' %}"
    "{%- if loop.previtem.role == 'assistant' %}{% generation %}{{- '<|end_of_calls|>' }}"
    "{% endgeneration %}{%- endif %}{{- '<|result|>' + m.content + '<|over|>' }}"
    "{%- else %}{{- '<|turn|>' + m.role + '\n' + m.content + '<|over|>' }}{%- endif %}"
    "{%- endfor %}{%- if add_generation_prompt %}{{- '<|turn|>assistant\n' }}{%- endif %}"
)

# A turn prints the first result of its calls, and ends after it unless an answer follows.
RESULTS_WITHIN = (
    "{%- for m in messages %}{%- if m.role == 'assistant' %}"
    "{%- if not loop.previtem or loop.previtem.role != 'tool' %}{{- '<|turn|>assistant\n' }}"
    "{%- endif %}{% generation %}{{- m.content or '' }}" + CALLS + "{%- if m.tool_calls %}"
    "{{- '<|wait|>' }}{%- else %}{{- '<|over|>' }}{%- endif %}{% endgeneration %}"
    "{%- if m.tool_calls and loop.nextitem and loop.nextitem.role == 'tool' %}"
    "{{- '[' + loop.nextitem.content + ']' }}"
    "{%- if messages[loop.index + 1] and messages[loop.index + 1].role == 'user' %}"
    "{% generation %}{{- '<|over|>' }}{% endgeneration %}{%- endif %}{%- endif %}"
    "{%- elif m.role != 'tool' %}{{- '<|turn|>' + m.role + '\n' + m.content + '<|over|>' }}"
    "{%- endif %}{%- endfor %}{%- if add_generation_prompt and messages[-1].role != 'tool' %}"
    "{{- '<|turn|>assistant\n' }}{%- endif %}"
)

# What every role's turn adds to a long text, and prints instead of none.
LONG = "m.content is string and m.content | length > 900"
REMARK = "{%- if " + LONG + " %}{{- ' (end)' }}{%- endif %}"
INSTEAD = "{%- if not m.content and not m.tool_calls %}{{- '(empty)' }}{%- endif %}"


def template(turn: str = TURN, *, others: str = OTHERS, prompt: str = PROMPT) -> str:
    """A variant whose assistant's turns are ``turn``."""
    return (
        "{%- for m in messages %}{%- if m.role == 'assistant' %}"
        + turn
        + others
        + "{%- endfor %}"
        + prompt
    )


RIGHT = {
    "an end of calls that the first result prints": LATE,
    "content, thoughts and calls": template(),
    "no header": (
        "{{- bos_token }}{%- for m in messages %}{%- if m.role == 'assistant' %}"
        "{% generation %}{{- m.content + eos_token }}{% endgeneration %}"
        "{%- else %}{{- '[INST] ' + m.content + ' [/INST]' }}{%- endif %}{%- endfor %}"
    ),
    "no turn end": template(
        HEADER + SAID,
        others="{%- else %}{{- '<|turn|>' + m.role + '\n' + m.content }}{%- endif %}",
    ),
    "an end that the last turn has not": template(
        HEADER + SAID + "{%- if not loop.last %}"
        "{% generation %}{{- '<|over|>' }}{% endgeneration %}{{- '\n' }}{%- endif %}"
    ),
    "an end that the last turn has not, after a thought": template(
        HEADER + "{%- if m.content or m.reasoning_content %}{% generation %}" + THOUGHT +
        "{{- m.content or '' }}{% endgeneration %}{%- endif %}"
        "{%- if not loop.last %}{% generation %}{{- '<|over|>' }}{% endgeneration %}{%- endif %}",
        others="{%- else %}{{- '<|turn|>' + m.role + '\n' + (m.content or '') }}{%- endif %}",
    ),
    "a token that is given after the end of all roles": template(
        HEADER + "{% generation %}{{- m.content or '' }}"
        "{{- '<|over|>\n' + eos_token }}{% endgeneration %}"
    ),
    "a header that is always printed at the end": template(prompt="{{- '<|turn|>assistant\n' }}"),
    "a header that every text ends in, after turns without an end": template(
        HEADER + SAID,
        others="{%- else %}{{- '<|turn|>' + m.role + '\n' + m.content }}{%- endif %}",
        prompt="{{- '<|turn|>assistant\n' }}",
    ),
    "words for roles": (
        "{%- for m in messages %}{%- if m.role == 'assistant' %}{{- 'Assistant:' }}"
        "{% generation %}{{- ' ' + m.content + '</s>' }}{% endgeneration %}"
        "{%- else %}{{- m.role.capitalize() + ': ' + m.content + '\n' }}{%- endif %}"
        "{%- endfor %}{%- if add_generation_prompt %}{{- 'Assistant:' }}{%- endif %}"
    ),
    "a remark of every role after long texts": template(
        HEADER + "{%- if " + LONG + " %}{% generation %}" + THOUGHT + CONTENT +
        "{% endgeneration %}{{- ' (end)' }}{% generation %}{{- '<|over|>' }}{% endgeneration %}"
        + "{{- '\n' }}{%- else %}"
        + TURN[len(HEADER) :] + "{%- endif %}",
        others=OTHERS.replace(" + '<|over|>", " }}" + REMARK + "{{- '<|over|>"),
    ),
    "results within the turn that calls, which ends after them": RESULTS_WITHIN,
    "a system prompt of its own": "{{- '<|turn|>system\nBe kind.<|over|>\n' }}" + template(),
    "a second channel": template(
        "{%- if m.reasoning_content %}{{- '<|turn|>assistant\n' }}{% generation %}"
        "{{- '<|aside|>' + m.reasoning_content + '<|over|>' }}{% endgeneration %}{%- endif %}"
        "{{- '<|turn|>assistant\n' }}{% generation %}{{- '<|say|>' }}"
        + CONTENT
        + CALLS
        + "{{- '<|over|>' }}{% endgeneration %}{{- '\n' }}"
    ),
    "the tool's name in its result": template(
        others="{%- elif m.role == 'tool' %}{{- '<|turn|>tool ' + m.name + '\n' + m.content"
        " + '<|over|>\n' }}" + OTHERS
    ),
    "a call written as data": template(
        HEADER + "{% generation %}" + CONTENT + "{%- for c in m.tool_calls or [] %}"
        "{{- c | tojson }}{%- endfor %}{{- '<|over|>' }}{% endgeneration %}{{- '\n' }}"
    ),
    "a thought that is prompted": template(
        HEADER + "{%- if m.reasoning_content %}{{- '<think>\n' }}{% generation %}"
        "{{- m.reasoning_content + '\n</think>\n' }}{% endgeneration %}{%- endif %}{% generation %}"
        + CONTENT
        + CALLS
        + "{{- '<|over|>' }}{% endgeneration %}{{- '\n' }}",
        prompt="{%- if add_generation_prompt %}{{- '<|turn|>assistant\n<think>\n' }}{%- endif %}",
    ),
    "thoughts of the past left out": template(
        TURN.replace("m.reasoning_content %}", "m.reasoning_content and loop.last %}")
    ),
    "a name in the header": template(
        TURN.replace("m.role + '\n'", "m.role + (' ' + m.name if m.name else '') + '\n'")
    ),
}  # fmt: skip
