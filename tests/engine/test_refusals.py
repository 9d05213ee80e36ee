"""What cannot be rewritten soundly is refused, with the place and what to do about it."""

import pytest
from rendering import rendered

import rewriter

LOOP = "{% for m in messages %}"
PROMPT = "{% if add_generation_prompt %}<|assistant|>{% endif %}"
WRAP = ("wrap-assistant-output",)
SPLIT = ("split-role-header", "wrap-assistant-output")

REFUSED = {
    "header and body in one output": (
        WRAP,
        LOOP + "\n{{ '<|' + m.role + '|>' + m.content + '<|end|>' }}{% endfor %}" + PROMPT,
        (2, 5),
        "prompted",
    ),
    "a statement of all roles": (
        WRAP,
        LOOP + "\n<|{{ m.role }}|>{{ m.content }}{% endfor %}" + PROMPT,
        (2, None),
        "other roles",
    ),
    "a macro that prints header and body": (
        SPLIT,
        "{% macro turn(m) %}{{ bos_token }}<|{{ m.role }}|>{{ m.content }}<|end|>{% endmacro %}\n"
        + LOOP
        + "{{ turn(m) }}{% endfor %}"
        + PROMPT,
        (2, None),
        "",
    ),
    "a tool's result within the assistant's turn": (
        SPLIT,
        LOOP
        + "{% if m.role == 'assistant' %}<|assistant|>{% if loop.previtem.role == 'tool' %}"
        + "\n{{ '<r>' + loop.previtem.content + '</r>' }}{% endif %}{{ m.content + '<|end|>' }}"
        + "{% elif m.role != 'tool' %}<|user|>{{ m.content }}{% endif %}{% endfor %}"
        + PROMPT,
        (2, None),
        "prints text of others",
    ),
    "a recursive loop": (
        SPLIT,
        "{% for m in messages recursive %}\n<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}"
        + PROMPT,
        (2, 20),
        "a recursive loop",
    ),
    "no loop over the messages": (
        WRAP,
        "<|user|>{{ messages[0].content }}" + PROMPT,
        (None, None),
        "nothing that the assistant generates was found",
    ),
    "no generation prompt, and a thought that every turn opens": (
        WRAP,
        LOOP
        + "{% if m.role == 'user' %}[INST]{{ m.content }}[/INST]"
        + "{% else %}<think>{{ m.content }}</s>{% endif %}{% endfor %}",
        (None, None),
        "add_generation_prompt",
    ),
    "a whole conversation, put together and then printed": (
        SPLIT,
        "{% set ns = namespace(all='') %}"
        + LOOP
        + "{% set ns.all = ns.all + '<|' + m.role + '|>' + m.content %}{% endfor %}"
        + "\n{{ ns.all }}"
        + PROMPT,
        (2, 4),
        "the turns of all roles at once",
    ),
    "nothing renders": (
        WRAP,
        "{{ raise_exception('no') }}" + PROMPT,
        (None, None),
        "none of the probe conversations",
    ),
}


OTHER_KEYS = (
    "{% for m in messages %}{% if m['from'] == 'human' %}{{ '<|user|>' + m['value'] + '<|end|>' }}"
    "{% elif m['from'] == 'gpt' %}{{ '<|assistant|>' + m['value'] + '<|end|>' }}{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
FILTERED = (
    "{% macro said(content) %}{% if content is string %}{{ content }}{% else %}"
    "{% for part in content %}{% if part.type == 'audio' %}<|heard|><|user|>\n"
    "{% else %}{{ part.text }}{% endif %}{% endfor %}{% endif %}{% endmacro %}"
    "{% for m in messages %}{{ '<|' + m.role + '|>\n' }}{{ said(m.content) | trim }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% endif %}"
)


def test_a_template_that_reads_other_keys_than_role_and_content_is_refused_for_that():
    with pytest.raises(
        rewriter.Refused, match="a role and content; this asks for 'from'"
    ) as raised:
        rewriter.rewrite(OTHER_KEYS, limits=None)
    assert (raised.value.line, raised.value.column) == (1, OTHER_KEYS.index("m['from']") + 1)


def test_what_is_given_in_a_filtered_text_is_named_as_what_cannot_be_kept_out():
    with pytest.raises(rewriter.Refused, match="prints what the model does not write here"):
        rewriter.rewrite(FILTERED, limits=None)


@pytest.mark.parametrize(
    ("transforms", "source", "place", "message"), REFUSED.values(), ids=REFUSED
)
def test_it_is_refused_where_it_stands(transforms, source: str, place, message: str):
    with pytest.raises(rewriter.Refused) as raised:
        rewriter.rewrite(source, transforms=transforms, verify=False)
    error = raised.value
    assert message in error.message
    assert error.hint
    line, column = place
    assert error.line == line
    if column is not None:
        assert error.column == column
    if line is not None:
        assert error.excerpt == source.split("\n")[line - 1]


@pytest.mark.parametrize("source", ["", "hello", "{{ messages }}"])
def test_what_is_no_chat_template_is_refused_with_all_that_was_tried(source: str):
    with pytest.raises(rewriter.Refused, match="add_generation_prompt") as raised:
        rewriter.rewrite(source, verify=False)
    tried = raised.value.tried
    assert len(tried) > 1
    assert tried[0].startswith("wrap-assistant-output: ")
    said = f"tried: {len(tried)} plans; rewriter patch --explain lists them"
    assert str(raised.value).endswith(said)


@pytest.mark.parametrize(
    "source",
    [
        "{% generation %}{{ messages[0].content }}{% endgeneration %}",
        "{% for m in messages %}{%- generation -%}x{%- endgeneration -%}{% endfor %}",
    ],
)
def test_a_template_that_is_marked_already_comes_back_as_it_is(source: str):
    found = rewriter.rewrite(source, transforms=WRAP, verify=False)
    assert (found.template, found.edits, found.transforms) == (source, (), ())


def test_a_marker_in_a_comment_or_a_string_does_not_count():
    source = (
        "{# {% generation %} #}{% for m in messages %}<|{{ m.role }}|>"
        "{% if m.role == 'assistant' %}{{ m.content }}<|end|>{% else %}{{ m.content }}"
        "{{ '{% generation %}' }}{% endif %}{% endfor %}" + PROMPT
    )
    found = rewriter.rewrite(source, transforms=WRAP, verify=False)
    assert found.template == source.replace(
        "{{ m.content }}<|end|>", "{% generation %}{{ m.content }}<|end|>{% endgeneration %}"
    )


def test_a_jump_in_the_else_of_an_inner_loop_stays_out_of_the_block():
    """It leaves the loop over the messages, which no block may stand in the way of."""
    source = (
        LOOP
        + "{% if m.role == 'assistant' %}<|assistant|>{{ m.content }}<|said|>"
        + "{% for c in m.tool_calls or [] %}{{ c.function.name }}{% else %}<|end|>{% continue %}"
        + "{% endfor %}<|call|>{% else %}<|user|>{{ m.content }}{% endif %}{% endfor %}"
        + PROMPT
    )
    assert rewriter.rewrite(source, transforms=WRAP, examples=50).proof == "verified"


def test_what_is_counted_before_the_header_is_not_trained_on():
    source = (
        LOOP
        + "{{ 'round ' ~ loop.index ~ ': ' }}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}"
        + PROMPT
    )
    variant = rewriter.rewrite(source, transforms=SPLIT, examples=50).template
    messages = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "yes"}]
    shown = rendered(variant, messages)
    assert shown.text == "round 1: <|user|>hi<|end|>round 2: <|assistant|>yes<|end|>"
    assert shown.marked == shown.text.replace("yes<|end|>", "⟦yes<|end|>⟧")


def test_a_template_that_renders_nothing_is_refused_with_what_it_raises():
    turns = "{% for m in messages %}{{ tokens.begin + m.role + ': ' + m.content }}{% endfor %}"
    with pytest.raises(rewriter.Refused, match="'tokens' is undefined") as raised:
        rewriter.rewrite(turns + "{% if add_generation_prompt %}assistant{% endif %}")
    assert raised.value.reason is rewriter.Reason.UNRENDERED
