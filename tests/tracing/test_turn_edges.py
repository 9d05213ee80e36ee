"""Where turns begin and end that are printed otherwise than most."""

from itertools import groupby
from typing import Any

import pytest

from rewriter.tracing.render import TracedTemplate
from rewriter.tracing.turns import Turns

HI = {"role": "user", "content": "hi"}
YES = {"role": "assistant", "content": "yes"}
CALL = {"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": {"a": 1}}}]}
SAID_AND_CALLED = {**CALL, "content": "wait"}
RESULT = {"role": "tool", "content": "one"}

PROMPT = "{% if add_generation_prompt %}{{ '<|start|>assistant\n' }}{% endif %}"
OTHERS = "{{ '<|start|>' + m.role + '\n' + m.content + '<|end|>\n' }}"
CALLS = "{% for c in m.tool_calls %}<call>{{ c.function.name }}</call>{% endfor %}"


def chat(turn: str, others: str = OTHERS, prompt: str = PROMPT) -> str:
    """A template that prints the assistant's turn so."""
    return (
        "{% for m in messages %}{% if m.role == 'assistant' %}"
        + turn
        + "{% else %}"
        + others
        + "{% endif %}{% endfor %}"
    ) + prompt


def told(template: str, messages: list[dict[str, Any]]) -> list[tuple[str, str]]:
    parts = Turns(TracedTemplate(template)).parts(messages, bos_token="<s>", eos_token="</s>")
    found: list[tuple[str, str]] = []
    position = 0
    for kind, run in groupby(parts.kinds):
        length = len(list(run))
        found.append((kind, parts.trace.text[position : position + length]))
        position += length
    return found


USERS = (".", "<|start|>user\nhi<|end|>\n")
HEADER = ("p", "<|start|>assistant\n")

# The parts in order: . outside, p prompted, g generated, t trailing, ? may be in the mask or not.
BEHIND_THE_STOP = {
    "two tokens that stop": (
        chat("{{ '<|start|>assistant\n' + m.content + '<|end|>' + eos_token + '\n' }}"),
        [HI, YES],
        [USERS, HEADER, ("g", "yes<|end|></s>"), ("t", "\n")],
    ),
    "two tokens that stop, a line break between them, of which a user's turn has the first": (
        chat("{{ '<|start|>assistant\n' + m.content + '<|end|>\n' + eos_token }}"),
        [HI, YES],
        [USERS, HEADER, ("g", "yes<|end|>\n</s>")],
    ),
    "words between the tokens that each turn ends in": (
        chat(
            "{{ '<|start|>assistant\n' + m.content + '</said> done <|end|>\n' }}",
            "{{ '<|start|>user\n' + m.content + '</said> done <|end|>\n' }}",
        ),
        [HI, YES],
        [
            (".", "<|start|>user\nhi</said> done <|end|>\n"),
            HEADER,
            ("g", "yes</said> done <|end|>"),
            ("t", "\n"),
        ],
    ),
    "what looks like the stop token, said by the assistant": (
        chat("{{ '<|start|>assistant\n' + m.content + '<|end|>\n' }}"),
        [HI, {**YES, "content": "yes<|end|>\nno"}],
        [USERS, HEADER, ("g", "yes<|end|>\nno<|end|>"), ("t", "\n")],
    ),
    "a further channel under the assistant's own header": (
        chat(
            "{% if m.reasoning %}{{ '<|start|>assistant\nto self:' + m.reasoning + '<|end|>' }}"
            "{% endif %}{{ '<|start|>assistant\n' + m.content + '<|end|>\n' }}"
        ),
        [HI, {**YES, "reasoning": "hm"}],
        [USERS, HEADER, ("g", "to self:hm<|end|>"), HEADER, ("g", "yes<|end|>"), ("t", "\n")],
    ),
    "calls without a header of their own": (
        chat(
            "{{ '<|start|>assistant\n' + (m.content or '') + '<|end|>\n' }}"
            "{% if m.tool_calls %}" + CALLS + "{{ '<|end|>\n' }}{% endif %}"
        ),
        [HI, SAID_AND_CALLED],
        [
            USERS,
            HEADER,
            ("g", "wait<|end|>"),
            ("?", "\n"),
            ("g", "<call>f</call><|end|>"),
            ("t", "\n"),
        ],
    ),
    "another speaker's turn": (
        chat(
            "{{ '<|start|>assistant\n' + m.content + '<|end|>\n' }}"
            "{{ '<|start|>system\nGo on.<|end|>\n' }}"
        ),
        [HI, YES, HI],
        [
            USERS,
            HEADER,
            ("g", "yes<|end|>"),
            ("t", "\n"),
            (".", "<|start|>system\nGo on.<|end|>\n<|start|>user\nhi<|end|>\n"),
        ],
    ),
    "when it was said": (
        chat(
            "{{ '<|start|>assistant\n' + m.content + '<|end|>' }}"
            "{{ ' [' + m.timestamp + ']' if m.timestamp }}{{ '\n' }}"
        ),
        [HI, {**YES, "timestamp": "12:00"}],
        [USERS, HEADER, ("g", "yes<|end|>"), ("t", " "), (".", "[12:00]\n")],
    ),
    "a rule in tokens, behind an end that is the user's too": (
        chat("{{ '<|start|>assistant\n' + m.content + '<|end|><rule>over</rule>\n' }}"),
        [HI, YES],
        [USERS, HEADER, ("g", "yes<|end|>"), (".", "<rule>over</rule>\n")],
    ),
}


@pytest.mark.parametrize(
    ("template", "messages", "expected"), BEHIND_THE_STOP.values(), ids=BEHIND_THE_STOP
)
def test_nothing_is_generated_behind_the_stop_token_but_what_the_message_says(
    template, messages, expected
):
    assert told(template, messages) == expected
