"""What is put before a text in a variable, and is prefilled, becomes a value of its own."""

from rewriter.engine.plan import Subject
from rewriter.engine.transforms import transform_named

PRINTED = "{{ text }}"
TURN = (
    "{% for m in messages %}<|{{ m.role }}|>{% if m.role == 'assistant' %}"
    "{% set text = m.content %}"
    "{% if m.reasoning %}{% set text = '<think>' ~ m.reasoning ~ '</think>' ~ text %}{% endif %}"
    + PRINTED
    + "<|end|>{% else %}{{ m.content }}<|stop|>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|><think>{% endif %}"
)


def split(source: str, policy: str = "strict") -> str:
    return Subject(source, policy).plan([transform_named("split-role-header")]).template


def test_where_the_prefill_is_in_the_mask_nothing_is_taken_apart():
    assert split(TURN, "trl") == TURN


def test_a_text_that_is_read_again_after_what_was_put_before_it_is_left_alone():
    for reads in ("{{ text }}{{ text | length }}", "{% if '<' in text %}{{ text }}{% endif %}"):
        assert "opening" not in split(TURN.replace(PRINTED, reads))


def test_what_is_put_before_a_text_is_printed_before_it():
    found = split(TURN)
    assert "{% set opening = '' %}{% set text = m.content %}" in found
    assert "{% set opening = '<think>' %}{% set text = m.reasoning ~ '</think>' ~ text %}" in found
    assert "{{ opening }}{{ text }}<|end|>" in found


def test_a_name_that_the_template_has_is_not_taken():
    assert "{% set opening_ = '<think>' %}" in split(TURN + "{{ opening }}")


def test_a_text_that_may_be_none_is_made_a_text_as_it_was():
    alone = TURN.replace("'<think>' ~ m.reasoning ~ '</think>' ~ text", "'<think>' ~ text")
    assert "{% set text = '' ~ text %}" in split(alone)
