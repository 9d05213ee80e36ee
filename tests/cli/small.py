"""A small template, its training variant, and one that has the header in the mask."""

from tests.verification.chatml import edited

HEADER = "{{ '<|' + m.role + '|>\\n' }}"
ORIGINAL = (
    "{% for m in messages %}\n" + HEADER + "{{ m.content + '<|end|>' }}{% endfor %}\n"
    "{% if add_generation_prompt %}\n{{ '<|assistant|>\\n' }}{% endif %}"
)
OPEN = "{% if m.role == 'assistant' %}{% generation %}"
BODY = "{{ m.content + '<|end|>' }}"
CLOSE = "{% endgeneration %}{% else %}" + BODY + "{% endif %}"
VARIANT = edited(ORIGINAL, (BODY, OPEN + BODY + CLOSE))
WRONG = edited(ORIGINAL, (HEADER + BODY, OPEN + HEADER + BODY + CLOSE.replace(BODY, HEADER + BODY)))
