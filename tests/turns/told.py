"""Templates of a few turns, and what each character that they print is."""

from itertools import groupby
from typing import Any

from rewriter.tracing.render import TracedTemplate
from rewriter.turns.parts import EmptyThoughts
from rewriter.turns.turns import Turns

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


def told(
    template: str,
    messages: list[dict[str, Any]],
    *,
    empty_thoughts: EmptyThoughts | None = None,
    **flags: Any,
) -> list[tuple[str, str]]:
    """The parts in order: each with its kind.

    ``.`` outside, ``p`` prompted, ``f`` prefilled, ``g`` generated, ``t`` trailing, ``e`` nobody's,
    ``n`` an empty thought that was chosen to be outside, ``?`` may be in the mask or not.
    """
    parts = Turns(TracedTemplate(template), empty_thoughts=empty_thoughts).parts(
        messages, bos_token="<s>", eos_token="</s>", **flags
    )
    found: list[tuple[str, str]] = []
    position = 0
    for kind, run in groupby(parts.kinds):
        length = len(list(run))
        found.append((kind, parts.trace.text[position : position + length]))
        position += length
    return found


USERS = (".", "<|start|>user\nhi<|end|>\n")
HEADER = ("p", "<|start|>assistant\n")
