"""Earlier turns kept as when they were the last, and what ends them with them."""

from __future__ import annotations

import pytest
from rendering import rendered

import rewriter

THOUGHT = "<think>{{ m.reasoning_content }}</think>"
CUE = "{% if add_generation_prompt %}<|assistant|>{% endif %}"
ASKED = {"role": "user", "content": "Well?"}
ANSWERED = {"role": "assistant", "content": "So.", "reasoning_content": "Hm."}
ENDS_WHERE_FOLLOWED = (
    "{% for m in messages %}<|{{ m.role }}|>{% if m.role == 'assistant' %}@"
    "{% else %}{{ m.content }}<|end|>{% endif %}{% endfor %}" + CUE
)


def goals(*, masked: bool) -> tuple[str, ...]:
    return ("assistant-mask", "prefix-preserving") if masked else ("prefix-preserving",)


@pytest.mark.parametrize("masked", [True, False])
def test_an_end_that_is_printed_once_messages_follow_stays(masked: bool):
    source = ENDS_WHERE_FOLLOWED.replace(
        "@",
        "{% if m.reasoning_content and loop.last %}" + THOUGHT + "{% endif %}{{ m.content }}"
        "{% if not loop.last %}<|end|>{% endif %}",
    )
    found = rewriter.rewrite(source, goals=goals(masked=masked), examples=40, limits=None)
    chat = [ASKED, ANSWERED, ASKED]
    assert rendered(found.template, chat).text == (
        "<|user|>Well?<|end|><|assistant|><think>Hm.</think>So.<|end|><|user|>Well?<|end|>"
    )


@pytest.mark.parametrize("masked", [True, False])
def test_a_turn_is_not_kept_at_the_cost_of_its_end(masked: bool):
    source = ENDS_WHERE_FOLLOWED.replace(
        "@",
        "{% if loop.last %}" + THOUGHT + "{{ m.content }}"
        "{% else %}{{ m.content }}<|end|>{% endif %}",
    )
    with pytest.raises(rewriter.Refused, match="would end in nothing any more") as refused:
        rewriter.rewrite(source, goals=goals(masked=masked), examples=40, limits=None)
    assert refused.value.reason is rewriter.Reason.NO_STOP_TOKEN


def test_of_messages_in_a_row_that_are_one_turn_the_end_of_the_last_is_in_the_mask():
    source = (
        "{% for m in messages %}"
        "{% if not loop.previtem or loop.previtem.role != m.role %}<|{{ m.role }}|>{% endif %}"
        "{% if m.role == 'assistant' and m.reasoning_content and loop.last %}"
        + THOUGHT
        + "{% endif %}"
        "{{ m.content }}{% if loop.last or loop.nextitem.role != m.role %}<|end|>{% endif %}"
        "{% endfor %}" + CUE
    )
    found = rewriter.rewrite(source, goals=goals(masked=True), examples=40, limits=None)
    chat = [ASKED, ANSWERED, ANSWERED, ASKED]
    assert rendered(found.template, chat).marked == (
        "<|user|>Well?<|end|><|assistant|>⟦<think>Hm.</think>So.<think>Hm.</think>So.<|end|>⟧"
        "<|user|>Well?<|end|>"
    )
