"""A variable that is compared with numbers is tried on both sides of each."""

import pytest

from tests.verification.faulty import broken, found

TEMPLATE = r"""{%- set steps = {200: 20, 4000: 300} %}
{%- set ns = namespace(step=none) %}
{%- for most, step in steps | dictsort %}
    {%- if ns.step is none and budget is defined and budget <= most %}
        {%- set ns.step = step %}
    {%- endif %}
{%- endfor %}
{%- if ns.step %}
    {{- '[RULE] think in steps of ' ~ ns.step ~ '\n' }}
{%- endif %}
{%- for m in messages %}
    {%- if m.role == 'assistant' %}
        {{- '[SAY] ' }}«{{- m.content ~ '<|end|>' }}»
    {%- else %}
        {{- '[' ~ m.role ~ '] ' ~ m.content ~ '\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '[SAY] ' }}
{%- endif %}
"""


def test_the_right_variant_holds():
    assert broken(TEMPLATE, TEMPLATE) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [("budget <= most", "budget < most"), ("4000: 300", "4000: 301"), ("200: 20", "201: 20")],
)
def test_a_fault_at_a_number_of_a_table_is_found(old, new):
    assert found(TEMPLATE, old, new)
