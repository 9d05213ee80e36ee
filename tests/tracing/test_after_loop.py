"""Whose turn is what a template prints after the loop over the messages."""

from __future__ import annotations

from typing import Any

import pytest

from rewriter.tracing.render import TracedTemplate

EACH = "{{ '<' + m.role + '>' + m.content + '</s>' }}"
BUT_LAST = "{% for m in messages[:-1] %}" + EACH + "{% endfor %}"
PROMPT = "{% if add_generation_prompt %}<assistant>{% endif %}"
ANSWERED = "{% if last.role == 'assistant' %}<assistant>{{ last.content }}</s>{% endif %}"
LAST = {
    "under a name": "{% set m = messages[-1] %}" + EACH,
    "by a filter": "{% set last = messages | last %}" + ANSWERED,
    "without a name": ANSWERED.replace("last.", "messages[-1]."),
}


def chat(answer: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": "hi"}, {"role": "assistant", "content": answer}]


def turns(source: str, messages: list[dict[str, Any]], **options: Any) -> list[tuple[int, str]]:
    """The turn and the text of each run; -1 stands for none."""
    trace = TracedTemplate(source).render(messages, **options)
    return [(-1 if r.turn is None else r.turn, trace.text[r.start : r.end]) for r in trace.runs]


def in_turn(found: list[tuple[int, str]], turn: int) -> str:
    return "".join(text for of, text in found if of == turn)


def test_what_follows_the_turns_without_a_message_is_nobodys():
    source = "{% for m in messages %}" + EACH + "{% endfor %}The end."
    assert in_turn(turns(source, chat("yes")), -1) == "The end."


def test_the_prompt_is_nobodys():
    source = BUT_LAST + LAST["under a name"] + PROMPT
    found = turns(source, chat("yes"), add_generation_prompt=True)
    assert in_turn(found, -1) == "<assistant>"


@pytest.mark.parametrize("last", LAST.values(), ids=LAST)
@pytest.mark.parametrize("answer", ["yes", ""], ids=["with words", "without words"])
def test_the_last_message_has_its_turn_after_the_loop(last: str, answer: str):
    found = turns(BUT_LAST + last + PROMPT, chat(answer))
    assert in_turn(found, 1) == f"<assistant>{answer}</s>"
    assert in_turn(found, 0) == "<user>hi</s>"


def test_the_last_message_may_be_anybodys():
    found = turns(BUT_LAST + LAST["under a name"] + PROMPT, chat("yes")[:1])
    assert in_turn(found, 0) == "<user>hi</s>"
