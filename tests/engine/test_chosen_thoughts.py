"""``empty_thoughts``: a variant for either choice, proven for just that choice."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from rendering import rendered

import rewriter
from rewriter.errors import BadInput

EMPTY = "<think>\n\n</think>\n\n"
# What is written around a thought, and holds none.
AROUND = "{{- '<think>\n' + (m.reasoning_content or '') + '\n</think>\n\n' }}"
# One text opens and closes it.
PUT_IN = (
    "{%- if m.reasoning_content %}{{- '<think>\n' + m.reasoning_content + '\n</think>\n\n' }}"
    "{%- else %}{{- '<think>\n\n</think>\n\n' }}{%- endif %}"
)
IN_HISTORY = (
    "{%- if m.reasoning_content %}{{- '<think>\n' + m.reasoning_content + '\n</think>\n\n' }}"
    "{%- elif not loop.last %}{{- '<think>\n\n</think>\n\n' }}{%- endif %}"
)
NOTHING = ""
OPENS = "{{- '<think>\n' }}"
CLOSES = "{{- '<think>\n\n</think>\n\n' }}"
BY_FLAG = "{%- if thinking is defined and thinking is false %}" + CLOSES + "{%- endif %}"
ASKED = {"role": "user", "content": "Q"}
ANSWER = {"role": "assistant", "content": "A"}
THOUGHTFUL = {**ANSWER, "reasoning_content": "T"}


def template(thought: str, prompt: str = NOTHING) -> str:
    return (
        "{%- for m in messages %}{{- '<|' + m.role + '|>' }}{%- if m.role == 'assistant' %}"
        + thought
        + "{%- endif %}{{- m.content }}{{- '<|end|>' }}{%- endfor %}"
        "{%- if add_generation_prompt %}{{- '<|assistant|>' }}" + prompt + "{%- endif %}"
    )


@cache
def patched(source: str, **settings: Any) -> rewriter.Rewrite:
    return rewriter.rewrite(source, limits=None, examples=30, **settings)


def marked(variant: str, *answers: dict[str, Any], **given: Any) -> str:
    """What a variant prints after the first question, with brackets around what is trained."""
    chat = [message for answer in answers for message in (ASKED, answer)]
    return rendered(variant, chat, **given).marked.removeprefix("<|user|>Q<|end|><|assistant|>")


@pytest.mark.parametrize("chosen", ["generated", "prompted"])
@pytest.mark.parametrize("policy", ["strict", "trl"])
def test_a_template_that_puts_no_thought_in_gets_the_variant_that_it_gets_unasked(policy, chosen):
    source = template("{%- if m.reasoning_content %}{{- m.reasoning_content }}{%- endif %}")
    usual = patched(source, policy=policy)
    assert patched(source, policy=policy, empty_thoughts=chosen).template == usual.template


@pytest.mark.parametrize("policy", ["strict", "trl"])
@pytest.mark.parametrize("prompt", [NOTHING, BY_FLAG, OPENS, CLOSES])
@pytest.mark.parametrize("thought", [AROUND, PUT_IN])
def test_prompted_leaves_it_out_and_keeps_a_thought(thought, prompt, policy):
    result = patched(template(thought, prompt), policy=policy, empty_thoughts="prompted")
    assert (result.empty_thoughts, result.proof) == ("prompted", "structure")
    assert marked(result.template, ANSWER) == f"{EMPTY}⟦A<|end|>⟧"
    thoughtful = "<think>\nT\n</think>\n\nA<|end|>"
    if prompt == OPENS and policy == "strict":
        assert marked(result.template, THOUGHTFUL) == f"<think>\n⟦{thoughtful[8:]}⟧"
    else:
        assert marked(result.template, THOUGHTFUL) == f"⟦{thoughtful}⟧"


@pytest.mark.parametrize("prompt", [NOTHING, BY_FLAG])
@pytest.mark.parametrize("thought", [AROUND, PUT_IN])
def test_generated_has_it_in_the_mask_under_strict_as_well(thought, prompt):
    result = patched(template(thought, prompt), empty_thoughts="generated")
    assert marked(result.template, ANSWER) == f"⟦{EMPTY}A<|end|>⟧"


@pytest.mark.parametrize("thought", [AROUND, PUT_IN])
def test_generated_or_not_what_the_prompt_prints_is_for_the_policy_to_say(thought):
    opened = template(thought, OPENS)
    strict, trl = (
        patched(opened, policy=policy, empty_thoughts="generated") for policy in ("strict", "trl")
    )
    assert marked(strict.template, ANSWER) == "<think>\n⟦\n</think>\n\nA<|end|>⟧"
    assert marked(trl.template, ANSWER) == f"⟦{EMPTY}A<|end|>⟧"
    closed = patched(template(thought, CLOSES), empty_thoughts="generated")
    assert marked(closed.template, ANSWER) == f"{EMPTY}⟦A<|end|>⟧"


@pytest.mark.parametrize("policy", ["strict", "trl"])
@pytest.mark.parametrize(
    ("chosen", "first"), [("prompted", f"{EMPTY}⟦A<|end|>⟧"), ("generated", f"⟦{EMPTY}A<|end|>⟧")]
)
def test_one_in_earlier_turns_alone_is_as_chosen_there(policy, chosen, first):
    result = patched(template(IN_HISTORY), policy=policy, empty_thoughts=chosen)
    later = "<|user|>Q<|end|><|assistant|>⟦A<|end|>⟧"
    assert marked(result.template, ANSWER, ANSWER) == first + later


def test_a_turn_is_masked_as_chosen_where_the_conversation_s_own_prompt_closes_the_thought():
    result = patched(template(AROUND, BY_FLAG), empty_thoughts="prompted")
    assert marked(result.template, ANSWER, thinking=False) == f"{EMPTY}⟦A<|end|>⟧"


@pytest.mark.parametrize("thought", [AROUND, PUT_IN])
def test_a_variant_is_verified_for_the_choice_that_it_was_made_for_and_no_other(thought):
    source = template(thought, BY_FLAG)
    for chosen, other in (("prompted", "generated"), ("generated", "prompted")):
        variant = patched(source, empty_thoughts=chosen).template
        settings: Any = {"limits": None, "examples": 30}
        own, wrong = (
            rewriter.verify(source, variant, empty_thoughts=each, **settings)
            for each in (chosen, other)
        )
        assert own.ok
        assert not wrong.ok
        alone = rewriter.verify_marked(variant, empty_thoughts=other, **settings)
        assert not alone.ok


@pytest.mark.parametrize("policy", ["strict", "trl"])
def test_transforms_of_one_s_own_are_proven_for_the_choice_too(policy):
    source = template(AROUND)
    named = ("split-role-header", "wrap-unless-empty")
    with pytest.raises(rewriter.Refused):
        patched(source, policy=policy, transforms=named, empty_thoughts="prompted")
    named = ("split-role-header", "wrap-behind-prefill")
    result = patched(source, policy=policy, transforms=named, empty_thoughts="prompted")
    assert marked(result.template, ANSWER) == f"{EMPTY}⟦A<|end|>⟧"


# What opens a thought is printed with the user's turn: no turn shows whether its thought is empty.
OPENED_BEFORE = (
    "{% for m in messages %}{% if m.role == 'assistant' %}"
    "{{ (m.reasoning_content or '') + '</think>' + m.content + '<|end|>' }}"
    "{% else %}{{ '<|user|>' + m.content + '<|assistant|><think>' }}{% endif %}{% endfor %}"
)


def test_one_that_no_plan_can_leave_out_is_trained_unasked_with_a_notice_and_refused_if_asked():
    found = patched(OPENED_BEFORE)
    shown = rendered(found.template, [ASKED, ANSWER]).marked
    assert shown == "<|user|>Q<|assistant|><think>⟦</think>A<|end|>⟧"
    assert "N012" in {notice.id for notice in found.notices}
    assert found.empty_thoughts == "generated"
    assert rewriter.verify(
        OPENED_BEFORE, found.template, empty_thoughts="generated", limits=None
    ).ok
    with pytest.raises(rewriter.Refused, match="together with what it generates"):
        patched(OPENED_BEFORE, empty_thoughts="prompted")


def test_a_choice_that_is_none_is_bad_input():
    with pytest.raises(BadInput, match="'mine'"):
        patched(template(PUT_IN), empty_thoughts="mine")
