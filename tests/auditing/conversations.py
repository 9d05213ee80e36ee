"""Conversations, and templates that print them, for the tests of audits."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.verification.chatml import ORIGINAL as CHATML

Message = dict[str, Any]

WORDS = ("the sky", "over", "Oslo", "is clear,", "so", "21 °C", "Ünïcode", "雨", "🌧!", "two\nlines")

# A header in brackets, an answer that ends in eos_token, and calls as JSON.
INSTRUCT = (
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'assistant' %}"
    "{% if m.tool_calls %}{{ '[CALLS] [' }}{% for c in m.tool_calls %}"
    '{{ \'{"name": "\' + c.function.name + \'", "arguments": \' }}'
    "{{ c.function.arguments | tojson }}"
    "{{ '}' }}{% if not loop.last %}{{ ', ' }}{% endif %}{% endfor %}{{ ']' }}"
    "{% else %}{{ ' ' + m.content }}{% endif %}{{ eos_token }}"
    "{% elif m.role == 'tool' %}{{ '[RESULTS] ' + m.content + '[/RESULTS]' }}"
    "{% else %}{{ '[INST] ' + m.content + '[/INST]' }}{% endif %}{% endfor %}"
)
# Channels: a thought has a message of its own, and only the last turn's is printed.
CHANNELS = (
    "{% for m in messages %}{% if m.role == 'assistant' %}"
    "{% if m.reasoning_content and loop.last %}"
    "{{ '<|start|>assistant<|channel|>thinks<|message|>' + m.reasoning_content + '<|end|>' }}"
    "{% endif %}{{ '<|start|>assistant<|channel|>says<|message|>' + (m.content or '') }}"
    "{% for c in m.tool_calls or [] %}"
    "{{ '<|call|>' + c.function.name + ' ' + (c.function.arguments | tojson) }}{% endfor %}"
    "{{ '<|end|>' }}{% else %}"
    "{{ '<|start|>' + m.role + '<|message|>' + m.content + '<|end|>' }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|start|>assistant' }}{% endif %}"
)
FAMILIES = {"chatml": CHATML, "instruct": INSTRUCT, "channels": CHANNELS}


def conversations(number: int, seed: int = 0) -> list[list[Message]]:
    """So many conversations: answers, thoughts, calls and their results."""
    random = Random(seed)
    return [_conversation(random) for _ in range(number)]


def _conversation(random: Random) -> list[Message]:
    messages: list[Message] = []
    for _ in range(random.randint(1, 3)):
        messages.append({"role": "user", "content": _words(random)})
        if random.random() < 0.3:
            call = {"name": "look", "arguments": {"at": _words(random), "days": 2}}
            answer = {"role": "assistant", "content": _words(random) * (random.random() < 0.5)}
            messages += [
                {**answer, "tool_calls": [{"type": "function", "function": call}]},
                {"role": "tool", "name": "look", "content": _words(random)},
            ]
        thought = {"reasoning_content": _words(random)} if random.random() < 0.4 else {}
        messages.append({"role": "assistant", "content": _words(random), **thought})
    return messages


def _words(random: Random) -> str:
    return " ".join(random.choice(WORDS) for _ in range(random.randint(1, 12))).strip()
