"""What a variable holds where a rare word, or a rare order of speakers, has it hold other text."""

import re

import pytest

import rewriter

PROMPT = "{%- if add_generation_prompt %}{{- '<|a|>' }}{%- endif %}"
# Every role's turn prints what the variable holds.
SHARED = (
    "{%- for m in messages %}{%- set t = m.content %}SET"
    "{{- '<|' + m.role[:1] + '|>' + t + '<|end|>' }}{%- endfor %}"
) + PROMPT
OWN = (
    "{%- for m in messages %}{%- if m.role == 'assistant' %}{{- '<|a|>' }}SAID{{- '<|end|>' }}"
    "{%- else %}{{- '<|' + m.role[:1] + '|>' + m.content + '<|end|>' }}{%- endif %}{%- endfor %}"
) + PROMPT
# A text whose second word is three times the number of its characters.
COUNTED = "{%- if m.content.split(' ')[1:2] == [(3 * m.content | length) | string] %}"


def variant(source: str) -> str:
    return rewriter.rewrite(source).template


@pytest.mark.parametrize(
    "setter",
    [
        "",
        "{%- if m.role == 'user' %}{%- set t = t | trim %}{%- endif %}",
        "{%- if m.content.isdigit() %}{%- set t = '' + t %}{%- endif %}",
        "{%- if loop.first and m.role == 'user' %}{%- set t = messages[0].content %}{%- endif %}",
    ],
)
def test_what_holds_the_same_words_is_the_models(setter: str):
    assert "{% generation %}" in variant(SHARED.replace("SET", setter))


@pytest.mark.parametrize(
    "test",
    [
        "m.content.isdigit()",
        "m.content | first == '{' and m.content | last == '}'",
        "m.content.startswith('A') and m.content.endswith('Z')",
        "m.content | wordcount > 5000",
        "loop.index > 200",
        "messages | length > 501",
    ],
)
@pytest.mark.parametrize("value", ["messages[0].content", "t + '<|end|><|u|>thanks'"])
def test_what_a_rare_word_or_a_long_chat_has_a_variable_hold_of_others_is_refused(
    test: str, value: str
):
    setter = "{%- if " + test + " %}{%- set t = " + value + " %}{%- endif %}"
    with pytest.raises(rewriter.Refused):
        variant(SHARED.replace("SET", setter))


ADDED = (
    "{%- set l = [m.content] %}{%- if m.content.isdigit() %}"
    "{%- set l = l + [messages[0].content] %}{%- endif %}{{- l | join('') }}"
)
NAMED = (
    "{%- set d = {'a': m.content, 'b': messages[0].content} %}"
    "{{- d['b' if m.content.isdigit() else 'a'] }}"
)
LISTED = "{{- [m.content, messages[0].content][1 if m.content.isdigit() else 0] }}"
CAPTURED = (
    "{%- set t %}{%- if m.content.isdigit() %}{{- messages[0].content }}{%- else %}"
    "{{- m.content }}{%- endif %}{%- endset %}{{- t }}"
)


@pytest.mark.parametrize("said", [ADDED, NAMED, LISTED, CAPTURED])
def test_whatever_holds_it_what_others_say_is_refused(said: str):
    with pytest.raises(rewriter.Refused):
        variant(OWN.replace("SAID", said))


def test_what_another_turn_has_a_namespace_hold_is_outside():
    carried = (
        "{%- if m.role == 'user' and m.content.isdigit() %}{%- set ns.t = m.content %}{%- endif %}"
    )
    source = OWN.replace("{%- for m in messages %}", "{%- for m in messages %}" + carried)
    said = source.replace("SAID", "{{- m.content }}{{- ns.t }}")
    template = variant("{%- set ns = namespace(t='') %}" + said)
    before = template.split("{{- ns.t }}")[0]
    assert len(re.findall(r"%-? generation", before)) == before.count("endgeneration") == 1


def test_a_branch_that_asks_who_spoke_before_is_labelled_for_every_speaker():
    test = "loop.index0 > 1 and messages[loop.index0 - 1].role == 'tool'"
    rare = test + " and messages[loop.index0 - 2].role == 'system'"
    turn = "{{- '<|' + m.role[:1] + '|>' + m.content HOW + '<|end|>' }}"
    both = f"{{%- if {rare} %}}{turn}{{%- else %}}{turn}{{%- endif %}}"
    source = "{%- for m in messages %}" + both.replace(" HOW", " | trim", 1).replace(" HOW", "")
    template = variant(source + "{%- endfor %}" + PROMPT)
    assert template.count("{% if m.role == 'assistant' %}") == 2


BLOCK = "{% generation %}{{- m.content + '<|end|>' }}{% endgeneration %}"
SPEAKS = "{{- '<|' + m.role[:1] + '|>' }}"


def marked(assistant: str, others: str) -> str:
    return (
        "{%- for m in messages %}{%- if m.role == 'assistant' %}{{- '<|a|>' }}"
        + assistant
        + "{%- else %}"
        + SPEAKS
        + others
        + "{%- endif %}{%- endfor %}"
        + PROMPT
    )


PLAIN = "{{- m.content + '<|end|>' }}"


def test_a_right_variant_is_proven():
    assert rewriter.verify(marked(PLAIN, PLAIN), marked(BLOCK, PLAIN)).ok


def test_a_block_in_others_turns_that_no_text_reaches_is_not_proven():
    rare = COUNTED + "THAT{%- else %}" + PLAIN + "{%- endif %}"
    report = rewriter.verify(
        marked(PLAIN, rare.replace("THAT", PLAIN)), marked(BLOCK, rare.replace("THAT", BLOCK))
    )
    assert not report.ok
    assert any("in a generation block" in str(each) for each in report.unproven)


@pytest.mark.parametrize("length", [1000, 31337])
def test_what_a_content_of_just_such_a_length_prints_is_judged(length: int):
    rare = "{%- if m.content | length == LENGTH %}{{- messages[0].content }}{%- endif %}"
    rare = rare.replace("LENGTH", str(length))
    wrong = BLOCK.replace("{{- m.content", rare + "{{- m.content")
    assert not rewriter.verify(marked(rare + PLAIN, PLAIN), marked(wrong, PLAIN)).ok
