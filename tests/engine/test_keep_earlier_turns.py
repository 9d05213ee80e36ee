"""Earlier turns kept as they were printed, whatever a template asks to find out what follows."""

import pytest
from rendering import rendered

import rewriter
from rewriter.engine.plan import Subject
from rewriter.engine.transforms import transform_named
from rewriter.errors import Refused

KEEP = transform_named("keep-earlier-turns")
TO_MASK = ("keep-earlier-turns", "split-role-header", "wrap-behind-prefill")
THOUGHT = "<think>{{ m.reasoning_content }}</think>"
CUE = "{% if add_generation_prompt %}<|assistant|>{% endif %}"
ASKED = {"role": "user", "content": "Well?"}
ANSWERED = {"role": "assistant", "content": "So.", "reasoning_content": "Hm."}


def template(assistant: str, *, before: str = "", walked: str = "messages") -> str:
    """A template of the family that all shapes here are of, with this in the assistant's turn."""
    return (
        f"{before}{{% for m in {walked} %}}<|{{{{ m.role }}}}|>"
        f"{{% if m.role == 'assistant' %}}{assistant}{{% else %}}{{{{ m.content }}}}{{% endif %}}"
        f"<|end|>{{% endfor %}}{CUE}"
    )


def kept(source: str) -> str:
    return Subject(source, "strict").plan([KEEP]).template


ALONE = {
    "the role of the message itself": "{% if m.reasoning_content %}" + THOUGHT + "{% endif %}",
    "the message before": (
        "{% if loop.previtem and loop.previtem.role == 'user' %}!{% endif %}{{ m.content }}"
    ),
    "the number of the turn": "{% if loop.index0 > 1 %}!{% endif %}{{ m.content }}",
    "a flag": "{% if show_thinking %}" + THOUGHT + "{% endif %}{{ m.content }}",
}


@pytest.mark.parametrize("question", ALONE.values(), ids=ALONE)
def test_what_is_answered_the_same_whatever_follows_is_left_alone(question: str):
    assert kept(template(question)) == template(question)


def test_the_end_of_a_walk_over_anything_else_is_left_alone():
    source = template(
        "{% for call in m.tool_calls %}{{ call.function.name }}"
        "{% if not loop.last %}, {% endif %}{% endfor %}{{ m.content }}"
    )
    assert kept(source) == source


LAST_QUERY = (
    "{% set ns = namespace(found=false, last_query=messages|length - 1) %}"
    "{% for m in messages[::-1] %}{% if not ns.found and m.role == 'user' %}"
    "{% set ns.found = true %}{% set ns.last_query = messages|length - 1 - loop.index0 %}"
    "{% endif %}{% endfor %}"
)
PLAIN = THOUGHT + "{{ m.content }}"
# In the assistant's turn: what asks what follows, and what is left of it.
SHAPES = {
    "the position": ("{% if loop.last %}" + THOUGHT + "{% endif %}{{ m.content }}", PLAIN),
    "the position, in an elif": (
        "{% if m.tool_calls %}calls{% elif loop.last %}"
        + PLAIN
        + "{% else %}{{ m.content }}{% endif %}",
        "{% if m.tool_calls %}calls{% else %}" + PLAIN + "{% endif %}",
    ),
    "the position, before another test": (
        "{% if not loop.last %}{{ m.content }}{% elif m.reasoning_content %}"
        + PLAIN
        + "{% else %}{{ m.content }}{% endif %}",
        "{% if m.reasoning_content %}" + PLAIN + "{% else %}{{ m.content }}{% endif %}",
    ),
    "the next message": (
        "{% if not (loop.nextitem and loop.nextitem.role == 'user') %}"
        + THOUGHT
        + "{% endif %}{{ m.content }}",
        PLAIN,
    ),
    "the next message by its index": (
        "{% if loop.last or messages[loop.index0 + 1].role != 'user' %}"
        + THOUGHT
        + "{% endif %}{{ m.content }}",
        PLAIN,
    ),
    "whether an answer is still to come": (
        "{% set later = namespace(answer=false) %}{% for other in messages[loop.index:] %}"
        "{% if other.role == 'assistant' or other.role == 'user' %}{% set later.answer = true %}"
        "{% endif %}{% endfor %}{% if m.reasoning_content and not later.answer %}"
        + THOUGHT
        + "{% endif %}{{ m.content }}",
        "{% set later = namespace(answer=false) %}{% for other in messages[loop.index:] %}"
        "{% if other.role == 'assistant' or other.role == 'user' %}{% set later.answer = true %}"
        "{% endif %}{% endfor %}{% if m.reasoning_content %}" + THOUGHT + "{% endif %}"
        "{{ m.content }}",
    ),
    "a conditional expression": (
        "{{ '<think>' ~ m.reasoning_content ~ '</think>' if loop.last else '' }}{{ m.content }}",
        "{{ '<think>' ~ m.reasoning_content ~ '</think>' }}{{ m.content }}",
    ),
    "a truth that is assigned": (
        "{% set shown = keep_all or loop.last %}{% if shown %}"
        + THOUGHT
        + "{% endif %}{{ m.content }}",
        "{% set shown = true %}{% if shown %}" + THOUGHT + "{% endif %}{{ m.content }}",
    ),
    "a flag and the position": (
        "{% if not (clear_thinking and not loop.last) %}" + THOUGHT + "{% endif %}{{ m.content }}",
        PLAIN,
    ),
    "a flag that keeps, or the position": (
        "{% if (preserve_thinking is defined and preserve_thinking) or loop.last %}"
        + THOUGHT
        + "{% endif %}{{ m.content }}",
        PLAIN,
    ),
    "one operand of several": (
        "{% if m.reasoning_content and (keep_all or loop.last) %}"
        + THOUGHT
        + "{% endif %}{{ m.content }}",
        "{% if m.reasoning_content %}" + THOUGHT + "{% endif %}{{ m.content }}",
    ),
}


@pytest.mark.parametrize(("asks", "left"), SHAPES.values(), ids=SHAPES)
def test_a_question_about_what_follows_is_answered_as_when_the_turn_was_last(asks: str, left: str):
    assert kept(template(asks)) == template(left)


@pytest.mark.parametrize(("asks", "left"), SHAPES.values(), ids=SHAPES)
def test_what_was_printed_is_printed_again_once_messages_follow(asks: str, left: str):
    history = [ASKED, ANSWERED, ASKED, ANSWERED, ASKED]
    original, variant = template(asks), kept(template(asks))
    for flags in ({}, {"clear_thinking": True}):
        before = rendered(variant, history[:2], **flags).text
        assert before == rendered(original, history[:2], **flags).text
        assert "<think>Hm.</think>" in before
        assert rendered(variant, history, **flags).text.startswith(before)


def test_where_the_last_query_stands_is_looked_for_in_vain():
    asks = "{% if loop.index0 > ns.last_query %}" + THOUGHT + "{% endif %}{{ m.content }}"
    assert kept(template(asks, before=LAST_QUERY)) == template(PLAIN, before=LAST_QUERY)


def test_a_user_s_turn_is_kept_as_well():
    source = (
        "{% set asked = messages | selectattr('role', 'equalto', 'user') | list %}"
        "{% for m in messages %}<|{{ m.role }}|>"
        "{% if m.role == 'user' and m == asked[-1] %}(think){% endif %}"
        "{{ m.content }}<|end|>{% endfor %}" + CUE
    )
    assert kept(source) == source.replace(" and m == asked[-1]", "")


def test_a_history_is_not_cut_short():
    source = template(PLAIN, walked="messages[-4:]")
    assert kept(source) == template(PLAIN)


def test_a_history_is_not_cut_short_where_a_test_says_so():
    cut = "{% if messages|length > 4 %}{% set messages = messages[-4:] %}{% endif %}"
    assert kept(template(PLAIN, before=cut)) == template(PLAIN)


def test_reasoning_within_the_content_is_not_cut_off():
    asks = (
        "{% set text = m.content %}{% if not loop.last and '</think>' in text %}"
        "{% set text = text.split('</think>')[-1] %}{% endif %}{{ text }}"
    )
    assert kept(template(asks)) == template("{% set text = m.content %}{{ text }}")


@pytest.mark.parametrize(("asks", "left"), SHAPES.values(), ids=SHAPES)
def test_what_another_transform_has_answered_is_not_answered_again(asks: str, left: str):
    listed = transform_named("drop-loop-last-conditionals")
    for recipe in ([KEEP, listed], [listed, KEEP]):
        assert Subject(template(asks), "strict").plan(recipe).template == template(left)


def test_lines_that_go_leave_no_gap():
    source = template("\n    {%- if loop.last %}\n    {{- m.reasoning_content }}\n    {%- endif %}")
    assert kept(source) == template("\n    {{- m.reasoning_content }}")
    gone = template(
        "\n    {%- if not loop.last %}\n    {{- '...' }}\n    {%- endif %}\n    {{- 1 }}"
    )
    assert kept(gone) == template("\n    {{- 1 }}")


def test_what_would_raise_for_an_earlier_message_is_refused():
    asks = "{{ '<think>' + m.reasoning_content if loop.last else '' }}{{ m.content }}"
    with pytest.raises(Refused, match="whatever the template's tests are answered"):
        kept(template(asks))


def test_what_no_test_decides_is_refused_at_its_place():
    source = template("{{ m.content }}") + "{% if not add_generation_prompt %}</s>{% endif %}"
    with pytest.raises(Refused, match="once messages follow, '/s>' becomes") as raised:
        kept(source)
    assert raised.value.place.column == source.index("</s>") + 1


@pytest.mark.parametrize("name", ["the position", "the next message", "a flag and the position"])
def test_a_variant_with_earlier_turns_kept_is_proven(name: str):
    asks, left = SHAPES[name]
    found = rewriter.rewrite(template(asks), transforms=TO_MASK, examples=40, limits=None)
    masked = rewriter.rewrite(template(left), transforms=TO_MASK, verify=False, limits=None)
    assert found.template == masked.template
    assert found.proof == "verified"


# Where what tools answer is printed in the turn that called them.

SCAN = (
    "{% set scan = namespace(stopped=false) %}{% for k in range(loop.index, messages | length) %}"
    "{% if scan.stopped %}{% elif messages[k].role != 'tool' %}{% set scan.stopped = true %}"
    "{% else %}({{ messages[k].content }}){% endif %}{% endfor %}"
)
GIVEN = "{% if m.given %}({{ m.given }})"
CALLS = "{% for c in m.tool_calls or [] %}[{{ c.function.name }}]{% endfor %}"
CALLED = {
    "role": "assistant",
    "content": "I look.",
    "tool_calls": [{"function": {"name": "look", "arguments": {}}}],
}
FOUND = {"role": "tool", "content": "found"}


def answering(between: str, said: str = "{{ m.content }}", after: str = "") -> str:
    """A template that prints nothing for a tool's message, and this in the assistant's."""
    return (
        "{% for m in messages %}{% if m.role != 'tool' %}<|{{ m.role }}|>"
        + CALLS + between + said + after
        + "<|end|>{% endif %}{% endfor %}" + CUE
    )  # fmt: skip


def text(source: str, *messages: dict) -> str:
    return rendered(source, list(messages)).text


def test_what_a_tool_answers_is_moved_after_what_the_turn_says():
    variant = kept(answering(SCAN))
    assert text(variant, ASKED, CALLED) == text(answering(SCAN), ASKED, CALLED)
    assert text(variant, ASKED, CALLED, FOUND) == text(variant, ASKED, CALLED) + "(found)"
    assert text(answering(SCAN), ASKED, CALLED, FOUND).endswith("[look](found)I look.<|end|>")


def test_of_several_branches_the_one_that_prints_the_answer_is_moved():
    source = answering(GIVEN + "{% elif m.tool_calls %}" + SCAN + "{% endif %}")
    assert kept(source) == (
        answering(GIVEN + "{% endif %}").removesuffix("{% endif %}{% endfor %}" + CUE)
        + "{% if not m.given and m.tool_calls %}" + SCAN + "{% endif %}"
        + "{% endif %}{% endfor %}" + CUE
    )  # fmt: skip
    given = {**CALLED, "given": "here"}
    assert text(kept(source), ASKED, given) == text(source, ASKED, given)


def test_with_the_mask_the_answer_is_outside_and_the_variant_proven():
    goals = ("assistant-mask", "prefix-preserving")
    found = rewriter.rewrite(answering(SCAN), goals=goals, examples=40, limits=None)
    shown = rendered(found.template, [ASKED, CALLED, FOUND]).marked
    assert shown.endswith("⟦[look]I look.<|end|>⟧(found)")


def test_what_reads_what_is_printed_before_it_is_not_moved_before_that():
    counted = SCAN.replace("({{ messages", "{% set scan.stopped = false %}({{ messages")
    said = "{{ m.content ~ ('' if scan.stopped else ' ') }}"
    with pytest.raises(Refused, match="whatever the template's tests are answered"):
        kept(answering(counted, said))


def test_a_branch_after_which_there_is_another_is_not_moved():
    source = answering("{% if m.tool_calls %}" + SCAN + "{% else %}{% endif %}")
    with pytest.raises(Refused, match="whatever the template's tests are answered"):
        kept(source)


def test_no_answer_is_left_out_to_keep_what_comes_after_it():
    source = answering(
        "{% if loop.nextitem is defined and loop.nextitem.role == 'tool' %}"
        "({{ loop.nextitem.content }}){% endif %}"
    )
    assert text(kept(source), ASKED, CALLED, FOUND).endswith("[look]I look.<|end|>(found)")


NEXT = "{% if loop.nextitem is defined and "
RARE = {
    "what the next message says": (
        "{{ m.content }}" + NEXT + "'thanks' in loop.nextitem.content %}!{% endif %}",
        [ASKED, ANSWERED, {"role": "user", "content": "thanks"}],
    ),
    "a key of the next message": (
        "{{ m.content }}" + NEXT + "loop.nextitem.is_error %}!{% endif %}",
        [ASKED, ANSWERED, {**ASKED, "is_error": True}],
    ),
    "how much is said in how old a turn": (
        (
            "{% if loop.revindex > 4 and m.content | length > 40 %}{{ m.content[:40] }}"
            "{% else %}{{ m.content }}{% endif %}"
        ),
        [ASKED, {**ANSWERED, "content": "So. " * 20}, *[ASKED, ANSWERED] * 3],
    ),
}


@pytest.mark.parametrize(("assistant", "messages"), RARE.values(), ids=RARE)
def test_what_only_rare_messages_change_is_kept_in_what_is_proven(assistant: str, messages: list):
    source = template(assistant)
    assert text(source, *messages)[: len(text(source, *messages[:2]))] != text(
        source, *messages[:2]
    )
    goals = ("assistant-mask", "prefix-preserving")
    found = rewriter.rewrite(source, goals=goals, examples=40, limits=None).template
    assert text(found, *messages).startswith(text(found, *messages[:2]))
    assert text(found, *messages[:2]) == text(source, *messages[:2])
