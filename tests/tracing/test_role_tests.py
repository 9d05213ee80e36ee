"""Which names of a template hold who speaks, however they come by it."""

import pytest

from rewriter.source.environment import parsed
from rewriter.tracing.role_tests import RoleTests
from rewriter.verification.check import verify_pair
from rewriter.verification.contracts import EQUAL

PLAIN = r"""{%- for m in messages %}
    {{- '<|' + m.role + '|>' + m.content + '<|end|>\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|assistant|>' }}{%- endif %}
"""
BOUND = r"""{%- for m in messages %}
    {%- with who = m.role, what = m.content + '<|end|>' %}
        {{- '<|' + who + '|>' }}
        {%- if who == 'assistant' %}
            {%- generation %}{{- what }}{%- endgeneration %}
        {%- else %}
            {{- what }}
        {%- endif %}
        {{- '\n' }}
    {%- endwith %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|assistant|>' }}{%- endif %}
"""


@pytest.mark.parametrize(
    "source",
    [
        "{% set who = m.content %}",
        "{% with who = m.content %}{% endwith %}",
        "{% with who = m.role %}{% endwith %}{% set who = m.content %}",
        "{% set who, what = m.content, m.role %}",
    ],
)
def test_a_name_that_may_hold_anything_else_holds_no_role(source):
    assert "who" not in RoleTests.of(parsed(source)).names


@pytest.mark.parametrize(
    "source",
    [
        "{% set who = m.role %}",
        "{% with who = m.role %}{% endwith %}",
        "{% with who = m['role'] | lower, what = 1 %}{% endwith %}",
        "{% set who, what = m.role, m.content %}",
    ],
)
def test_a_name_that_is_set_to_a_role_or_bound_to_one_holds_it(source):
    assert "who" in RoleTests.of(parsed(source)).names


@pytest.mark.parametrize(
    "source",
    [
        "{% set ns = namespace(me=none) %}{% set ns.me = messages[0].role %}",
        "{% set ns = namespace(me=false) %}{% set ns.me = messages[i - 1].role == 'user' %}",
        "{% set ns = namespace(me=false) %}{% set ns.me = m.content %}",
    ],
)
def test_an_attribute_with_anything_but_the_turn_s_own_role_holds_no_role(source):
    assert "ns.me" not in RoleTests.of(parsed(source)).names


def test_an_attribute_that_is_set_to_the_turn_s_own_role_holds_it():
    source = "{% set ns = namespace(me=false) %}{% set ns.me = m.role == 'assistant' %}"
    assert "ns.me" in RoleTests.of(parsed(source)).names


@pytest.mark.parametrize(
    "bound",
    [
        BOUND,
        BOUND.replace(
            "with who = m.role,", "set ns = namespace() %}{%- set ns.who = m.role %}{%- with"
        )
        .replace("<|' + who", "<|' + ns.who")
        .replace("if who ==", "if ns.who =="),
    ],
)
def test_no_other_speaker_s_branch_is_forced_where_a_role_is_bound(bound):
    report = verify_pair(PLAIN, bound, EQUAL, "strict", examples=20)
    assert report.failures == ()
