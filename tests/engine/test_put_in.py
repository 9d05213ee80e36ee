"""What filters, methods and blocks print in an assistant's turn that is not the model's."""

import pytest

import rewriter

TURNS = (
    "{% for m in messages %}{% if m.role == 'assistant' %}<A>SAID</s>"
    "{% else %}<U>{{ m.content }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<A>{% endif %}"
)
BLOCKS = (
    "{% if m.content is string %}{{ m.content }}{% else %}{% for b in m.content %}"
    "{% if b.type == 'KIND' %}{{ b.text }}{% elif b.type == 'text' %}{{ b.text }}{% endif %}"
    "{% endfor %}{% endif %}"
)


def variant(said: str) -> str:
    return rewriter.rewrite(TURNS.replace("SAID", said)).template


@pytest.mark.parametrize(
    "said",
    [
        "{{ m.content | indent(2) }}",
        "{{ m.content | truncate(3000, true, '') }}",
        "{{ m.content.replace('a', 'b') }}",
        "{{ m.content | replace(eos_token, '') }}",
    ],
)
def test_a_filter_that_is_given_nothing_of_others_is_the_models(said: str):
    assert "{% generation %}" in variant(said)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("{{ m.content | indent(quote) }}", "quote"),
        ("{{ m.content | truncate(20, true, date_string) }}", "date_string"),
        ("{{ m.content.ljust(30, filling | default('.')) }}", "filling"),
        ("{{ m.content.translate({64: date_string}) }}", "date_string"),
        ("{{ m.content | replace('[n]', tools | length | string) }}", "tools"),
        ("{{ m.content | replace('[now]', strftime_now('%Y')) }}", "strftime_now"),
    ],
)
def test_what_a_filter_puts_into_the_models_words_is_refused_by_its_name(said: str, name: str):
    with pytest.raises(rewriter.Refused, match=f"this prints '{name}'") as raised:
        variant(said)
    assert raised.value.reason is rewriter.Reason.UNKNOWN_FIELD


@pytest.mark.parametrize("put", ["</s><A>", "<U>"])
@pytest.mark.parametrize(
    "said", ["'PUT'.join(m.content.split('#'))", "m.content | replace('#', 'PUT')"]
)
def test_a_header_that_is_put_into_the_models_words_is_refused(said: str, put: str):
    with pytest.raises(rewriter.Refused):
        variant("{{ " + said.replace("PUT", put) + " }}")


def test_a_block_of_a_type_that_models_write_is_in_the_mask():
    assert variant(BLOCKS.replace("KIND", "output_text")).count("{% generation %}") == 1


def test_a_block_of_a_tool_s_result_is_outside_whatever_its_key_is():
    marked = variant(BLOCKS.replace("KIND", "tool_result"))
    result = "{% if b.type == 'tool_result' %}{{ b.text }}{% elif"
    assert result in marked
    assert marked.count("{% generation %}") > 1


def test_what_escapes_the_text_before_it_is_refused():
    with pytest.raises(rewriter.Refused, match="escapes the text"):
        variant("{{ '<b>' + (m.content | e) }}")


def test_a_template_of_its_own_that_is_formatted_with_the_models_words_is_the_models():
    assert "{% generation %}" in variant("{{ '{}!'.format(m.content) }}")


def test_what_is_formatted_into_the_models_words_is_refused_by_its_name():
    with pytest.raises(rewriter.Refused, match="this prints 'date_string'"):
        variant("{{ m.content.format(date=date_string | default('')) }}")


def test_what_a_mark_in_the_models_words_has_it_print_of_others_is_taken_out():
    cut = "m.content.partition('@')"
    put = "(date_string | default('') if '@' in m.content else '')"
    template = variant("{{ " + f"{cut}[0] ~ {put} ~ {cut}[2]" + " }}")
    before, after = template.split("{{ " + put + " }}")
    assert before.count("{% generation %}") == before.count("{% endgeneration %}") == 1
    assert after.startswith("{% generation %}")
