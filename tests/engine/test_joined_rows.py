"""Rows that mix `+` with `~`, which binds more tightly, and rows that are lists."""

from __future__ import annotations

import pytest
from rendering import rendered

import rewriter

ASKED = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "yes"}]
LEFT_ALONE = (
    "{% for m in messages %}{% if m.role == 'assistant' %}{{ '<A>' + '\n' ~ '' }}"
    "{% generation %}{{ m.content ~ '</s>' }}{% endgeneration %}"
    "{% else %}{{ '<U>' + m.content }}{% endif %}{% endfor %}"
)
PROMPT = "{% if add_generation_prompt %}{{ '<assistant>\n' }}{% endif %}"
ROWS = [
    "'<' + m.role + '>\n' ~ m.content ~ '</s>'",
    "'<' + m.role + '>\n' ~ m.content ~ '</s>' + '\n'",
    "'<' ~ m.role ~ '>\n' ~ m.content + '</s>'",
    "'<' ~ m.role ~ '>\n' + m.content ~ '</s>'",
    "['<' + m.role + '>\n', m.content, '</s>\n'] | join",
    "['<' + m.role, '>\n', m.content, '</s>'] | join('')",
]


def test_a_row_in_a_marked_template_is_left_alone():
    assert rewriter.rewrite(LEFT_ALONE, limits=None).template == LEFT_ALONE


@pytest.mark.parametrize("row", ROWS)
def test_a_row_is_cut_after_the_header_wherever_its_operands_are(row: str):
    source = "{% for m in messages %}{{ " + row + " }}{% endfor %}" + PROMPT
    variant = rewriter.rewrite(source, limits=None, examples=10).template
    assert "<assistant>\n⟦yes</s>⟧" in rendered(variant, ASKED).marked
    assert rendered(variant, ASKED).text == rendered(source, ASKED).text


def test_a_name_that_a_row_begins_with_is_cut_off_whatever_follows_in_the_row():
    head = "{% set head = '<' + m.role + '>\n' %}"
    row = "{{ head ~ m.content ~ '' + '</s>' }}"
    source = "{% for m in messages %}" + head + row + "{% endfor %}" + PROMPT
    variant = rewriter.rewrite(source, limits=None, examples=10).template
    assert "{{ head }}" in variant
    assert "<assistant>\n⟦yes</s>⟧" in rendered(variant, ASKED).marked
