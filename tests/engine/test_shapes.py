"""The shapes that templates have, each before and after, byte for byte, and proven.

A pair in ``tests/shapes`` is one shape: ``NAME.before.jinja`` is what a model might ship, and
``NAME.after.jinja`` what is made of it when no more than the goal is named.
"""

from pathlib import Path

import pytest
from releases import SEES_FIRST_BLOCK
from rendering import rendered

import rewriter

FOLDER = Path(__file__).parent.parent / "shapes"
SHAPES = sorted(file.name.removesuffix(".before.jinja") for file in FOLDER.glob("*.before.jinja"))
ASKED = {"role": "user", "content": "really"}
YES = {"role": "assistant", "content": "yes"}
GIVEN = {"eos_token": "</s>", "bos_token": "<s>", "documents": [], "today": "Monday"}


def read(name: str) -> str:
    return (FOLDER / name).read_bytes().decode()


def test_there_are_shapes_and_each_has_both_sides():
    assert len(SHAPES) > 25
    assert len(list(FOLDER.iterdir())) == 2 * len(SHAPES)


# Shapes whose text the comparison of trees does not reach, so that conversations must do.
SAMPLED = {
    "a-message-given-to-the-macro-of-a-call-block",
    "a-beginning-of-all-after-a-header",
    "a-macro-that-calls-itself",
    "a-turn-end-at-the-start-of-the-next-by-its-index",
    "a-turn-joined-from-a-list",
    "a-turn-made-by-a-format",
    "calls-and-results-in-blocks-made-into-messages",
    "whole-turns-from-a-call-block",
    "whole-turns-from-a-macro-that-another-calls",
}
# Shapes in which an answer may stand before all text.
WITHOUT_A_HEADER = {
    "a-loop-in-each-arm",
    "a-separator-token-after-what-is-last",
    "blocks-that-close-what-a-tool-gave",
    "no-generation-prompt-no-header",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_variant_is_the_one_that_was_reviewed_and_is_proven(shape: str):
    if shape in WITHOUT_A_HEADER and not SEES_FIRST_BLOCK:
        with pytest.raises(rewriter.Refused, match="stands before all text"):
            rewriter.rewrite(read(f"{shape}.before.jinja"), examples=30, limits=None)
        return
    found = rewriter.rewrite(read(f"{shape}.before.jinja"), examples=30, limits=None)
    assert found.template == read(f"{shape}.after.jinja")
    assert found.proof == ("verified" if shape in SAMPLED else "structure")


@pytest.mark.parametrize("shape", SHAPES)
def test_the_answer_is_in_the_mask_and_the_question_and_the_header_are_not(shape: str):
    variant = read(f"{shape}.after.jinja")
    shown = rendered(variant, [ASKED, YES, ASKED], **GIVEN)
    inside = "".join(shown.text[start:end] for start, end in shown.spans)
    assert "yes" in inside
    assert "really" not in inside
    for header in ("assistant", "model", "bot", "response"):
        assert header not in inside.lower()


def test_an_empty_thought_is_outside_whether_or_not_the_prompt_of_its_conversation_closes_it():
    """What a user says closes the thought for all prompts after it, and for none before."""
    variant = read("a-prompt-that-what-is-said-decides-on.after.jinja")
    quick = {"role": "user", "content": "(quick)"}
    shown = rendered(variant, [ASKED, YES, quick, YES, {**YES, "reasoning_content": "hm"}])
    assert shown.marked == (
        "<|user|>really<|end|><|assistant|><think></think>⟦yes<|end|>⟧"
        "<|user|>(quick)<|end|><|assistant|><think></think>⟦yes<|end|>⟧"
        "<|assistant|><think>⟦hm</think>yes<|end|>⟧"
    )


def test_what_closes_a_result_of_a_tool_is_outside_in_blocks_too():
    variant = read("blocks-that-close-what-a-tool-gave.after.jinja")
    call = {"role": "assistant", "tool_calls": [{"function": {"name": "look"}}]}
    says, asks = (
        {"type": "response", "text": "so"},
        {"type": "tool_calls", "calls": [{"name": "look"}]},
    )
    result = {"role": "tool", "content": "found"}
    turns = [{"role": "assistant", "content": {"parts": parts}} for parts in ([asks], [says])]
    shown = rendered(variant, [ASKED, call, result, turns[0], result, turns[1]])
    assert shown.marked == (
        "<|user|>really<|end|><|assistant|>⟦<call>look</call>⟧(found)⟦<call>look</call>⟧(found)"
        "⟦so<|end|>⟧"
    )


def test_calls_in_blocks_are_in_the_mask_and_what_tools_gave_is_not():
    variant = read("calls-and-results-in-blocks-made-into-messages.after.jinja")
    text = {"type": "text", "text": "looking"}
    call = {"type": "tool_use", "id": "1", "name": "look", "input": {"at": "home"}}
    found = {"type": "tool_result", "tool_use_id": "1", "name": "look", "content": "found"}
    calls, results = ({"content": [text, call]}, {"content": [found]})
    turns = [{"role": "assistant", **calls}, {"role": "user", **results}, YES]
    assert rendered(variant, [ASKED, *turns]).marked == (
        "<|user|>really<|end|><|assistant|>⟦looking<call>look<at>home</call><|end|>⟧"
        "<|tool|>look: found<|end|><|assistant|>⟦yes<|end|>⟧"
    )


def test_a_line_break_before_calls_may_be_in_the_mask_where_it_ends_a_header_elsewhere():
    """After words it is the model's; after none the same text ends the header."""
    name = "an-empty-thought-put-in-at-two-places-and-a-line-break-before-calls"
    variant = read(f"{name}.after.jinja")
    called = {"role": "assistant", "tool_calls": [{"function": {"name": "look"}}]}
    thought = {**YES, "content": "<think>hm</think>yes"}
    turns = [ASKED, thought, {**called, "content": "</think>looking"}, called]
    assert rendered(variant, turns, hides_thoughts=True).marked == (
        "<|user|>\nreally<|end|>\n<|assistant|>\n<think> </think>⟦yes<|end|>⟧\n"
        "<|assistant|>\n<think> </think>⟦looking\n<call>look</call><|end|>⟧\n"
        "<|assistant|>⟦\n<call>look</call><|end|>⟧\n"
    )


def test_what_an_image_holds_is_outside_of_the_words_around_it():
    variant = read("a-macro-that-is-given-a-message-or-its-text.after.jinja")
    image = {"type": "image", "pixels": "(pixels)"}
    said = {"role": "assistant", "content": [image, {"type": "text", "text": "so"}]}
    assert rendered(variant, [ASKED, said]).marked == (
        "<|user|><text>really</text><|end|><|assistant|>(pixels)⟦<text>so</text><|end|>⟧"
    )


NEEDS_TOOLS = (
    "{% for tool in tools %}<|tool|>{{ tool.name }}"
    "{% for name, about in tool.parameter_definitions.items() %} {{ name + ': ' + about.type }}"
    "{% endfor %}<|end|>{% endfor %}"
    "{% for m in messages %}{{ '<|' + m.role + '|>' + m.content + '<|end|>' }}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def test_a_template_that_renders_nothing_without_tools_is_given_some():
    variant = rewriter.rewrite(NEEDS_TOOLS, limits=None).template
    tool = {"name": "look", "parameter_definitions": {"at": {"type": "str"}}}
    assert rendered(variant, [ASKED, YES], tools=[tool]).marked == (
        "<|tool|>look at: str<|end|><|user|>really<|end|><|assistant|>⟦yes<|end|>⟧"
    )


LOOP = "{% for m in messages %}"
LATE_END = (
    "{% set ns = namespace(all=messages) %}{% for i in range(ns.all | length) %}"
    "{% set m = ns.all[i] %}{% if i %}<|end|>{% endif %}"
    "<|{{ m.role }}|>{{ m.content }}{% endfor %}"
    "{% if add_generation_prompt %}<|end|><|assistant|>{% endif %}"
)
THOUGHT_OPENED = (
    LOOP + "{% if m.role == 'user' %}[INST]{{ m.content }}[/INST]"
    "{% else %}<think>{{ m.content }}</s>{% endif %}{% endfor %}"
)
TWO_HEADERS = (
    LOOP + "{% if m.role == 'assistant' %}{% if m.tool_calls %}Assistant calls "
    "{{ m.tool_calls[0].function.name }}{% else %}AI: {{ m.content }}{% endif %}</s>"
    "{% else %}User: {{ m.content }}{% endif %}{% endfor %}"
)
# The prompt ends with what separates calls, so the first is prompted and the others are not. What
# is set between the content and the calls is read after the turn, so no block may hold both.
PROMPTED_SEPARATOR = (
    LOOP + "{% if m.role == 'assistant' %}<|assistant|>{% if m.content %}>>>all {{ m.content }}"
    "{% endif %}{% set called = m.tool_calls %}\n"
    "{%- for call in called %}>>>{{ call.function.name }}{% endfor %}<|end|>"
    "{% else %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endif %}"
    "{% if called %}<|called|>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>>>>{% endif %}"
)


def test_what_prints_what_no_mask_can_hold_is_refused_where_it_stands():
    with pytest.raises(rewriter.Refused, match="the same text prints both") as raised:
        rewriter.rewrite(PROMPTED_SEPARATOR, limits=None)
    assert raised.value.reason is rewriter.Reason.MIXED
    column = len("{%- for call in called %}") + 1
    assert (raised.value.line, raised.value.column) == (2, column)
    assert raised.value.hint


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (LATE_END, "the end of a turn is printed at the beginning of the next one"),
        (THOUGHT_OPENED, "the turns do not show where the assistant's begins"),
        (TWO_HEADERS, "the turns do not show where the assistant's begins"),
    ],
)
def test_what_cannot_be_told_is_refused(source: str, reason: str):
    with pytest.raises(rewriter.Refused, match=reason) as raised:
        rewriter.rewrite(source, limits=None)
    assert raised.value.tried
    assert raised.value.hint
