"""Pairs that print the same, as the verbs leave them."""

from typing import Any

import pytest

from rewriter.verification.structure import same_text
from tests.rendering import rendered

_MESSAGES: list[dict[str, Any]] = [
    {"role": "user", "content": "hi"},
    {"role": "assistant", "content": "<think>a</think>b", "reasoning_content": "why"},
    {"role": "tool", "content": ""},
]


def _each(body: str) -> str:
    return "{% for m in messages %}" + body + "{% endfor %}"


PAIRS = {
    "a block around what is printed": (
        _each("{{ m.role }}{{ m.content }}"),
        _each("{{ m.role }}{% generation %}{{ m.content }}{% endgeneration %}"),
    ),
    "a set in a block that nothing reads after it": (
        _each("{% set x = m.content %}{{ x }}"),
        _each("{% generation %}{% set x = m.content %}{{ x }}{% endgeneration %}"),
    ),
    "a loop over a list that is put together where something else is marked as safe": (
        _each("{{ m.role | safe }}")
        + "{% for m in messages + [{'role': 'a'}] %}{{ m.role }}{% endfor %}",
        _each("{{ m.role | safe }}")
        + "{% for m in messages + [{'role': 'a'}] %}{% generation %}{{ m.role }}{% endgeneration %}"
        "{% endfor %}",
    ),
    "a row cut where it stays joined to text": (
        _each("{{ '<' + m.role + '>' + m.content }}"),
        _each("{{ '<' + m.role + '>' }}{{ '' + m.content }}"),
    ),
    "a text cut where another text ends that it may begin with": (
        "{% set ns = namespace(x=1) %}" + _each("{{ m.role + '>' }}{% set ns.x = m.content %}"),
        "{% set ns = namespace(x=1) %}"
        + _each(
            "{% set q = 'a' if ns.x else 'bc' %}{% set t %}{{ m.role + '>' }}{% endset %}"
            "{% set n = q|length if t.startswith(q) else 0 %}{{ t[:n] }}{{ t[n:] }}"
            "{% set ns.x = m.content %}"
        ),
    ),
    "a literal cut": (_each("{{ 'a>b' + m.content }}"), _each("{{ 'a>' }}{{ 'b' + m.content }}")),
    "tilde cut": (_each("{{ 'a' ~ m.content ~ 'b' }}"), _each("a{{ m.content }}b")),
    "a statement with a branch of its own": (
        _each("{{ m.content }};"),
        _each(
            "{% if m.role == 'assistant' %}{{ m.content }};{% else %}{{ m.content }};{% endif %}"
        ),
    ),
    "a branch within a branch": (
        _each("{% if m.role == 'user' %}u{% else %}{{ m.content }}{% endif %}"),
        _each(
            "{% if m.role == 'user' %}{% if m.role == 'assistant' %}x{% else %}u{% endif %}"
            "{% else %}{{ m.content }}{% endif %}"
        ),
    ),
    "a tail sunk into the branches": (
        _each("{% if m.role == 'user' %}a{% elif m.role == 'tool' %}b{% endif %};"),
        _each("{% if m.role == 'user' %}a;{% elif m.role == 'tool' %}b;{% else %};{% endif %}"),
    ),
    "a conditional expression as a conditional": (
        _each("{{ 'a' if m.role == 'user' else m.content }}{{ 'b' if m.content }}"),
        _each(
            "{% if m.role == 'user' %}a{% else %}{{ m.content }}{% endif %}"
            "{% if m.content %}b{% endif %}"
        ),
    ),
    "captured and printed": (
        _each("{{ m.role }}{% if m.content %}{{ m.content }}{% endif %};"),
        _each(
            "{% set t %}{{ m.role }}{% if m.content %}{{ m.content }}{% endif %};{% endset %}"
            "{% if m.role == 'assistant' %}{{ t }}{% else %}{{ t }}{% endif %}"
        ),
    ),
    "left out where it is empty": (
        _each("{{ m.content | trim }}"),
        _each(
            "{% if m.content | trim %}{% generation %}{{ m.content | trim }}"
            "{% endgeneration %}{% endif %}"
        ),
    ),
    "left out where it is empty as text": (
        _each("{{ m.content }}"),
        _each("{% if m.content | string %}{{ m.content }}{% endif %}"),
    ),
    "captured, and left out where it is empty": (
        _each("{{ m.reasoning_content }}{% for c in m.content %}{{ c }}{% endfor %}"),
        _each(
            "{% set p %}{{ m.reasoning_content }}{% for c in m.content %}{{ c }}{% endfor %}"
            "{% endset %}"
            "{% if p %}{{ p }}{% endif %}"
        ),
    ),
    "cut by what it begins with": (
        _each("{{ m.content }}!"),
        _each(
            "{% set p %}{{ m.content }}!{% endset %}"
            "{% set n = 7 if p.startswith('<think>') else 0 %}"
            "{{ p[:n] }}{% if p[n:] %}{{ p[n:] }}{% endif %}"
        ),
    ),
    "cut by length within its own text": (
        _each("<|{{ m.role }}|>{{ m.content }}<|end|>\n."),
        _each(
            "{% set p %}<|{{ m.role }}|>{{ m.content }}<|end|>\n.{% endset %}"
            "{{ p[:2] }}{{ p[2:-2] }}{{ p[-2:] }}"
        ),
    ),
    "a macro in the place of its call": (
        "{% macro f(r, c='x') %}<{{ r }}>{% if c %}{{ c }}{% endif %}{% endmacro %}"
        + _each("{{ f(m.role, m.content) }}{{ f(m.role) }}"),
        "{% macro f(r, c='x') %}<{{ r }}>{% if c %}{{ c }}{% endif %}{% endmacro %}"
        + _each(
            "{% with r=m.role, c=m.content %}<{{ r }}>{% if c %}{{ c }}{% endif %}{% endwith %}"
            "{% with r=m.role, c='x' %}<{{ r }}>{% if c %}{{ c }}{% endif %}{% endwith %}"
        ),
    ),
    "a definition cut": (
        _each("{% set t = '<' + m.role + '>' + m.content %}{{ t }}"),
        _each("{% set t = '<' + m.role + '>' %}{% set b = '' + m.content %}{{ t }}{{ b }}"),
    ),
    "a macro that calls itself": (
        "{% macro f(n) %}{{ n }}{% if n > 0 %}{{ f(n - 1) }}{% endif %}{% endmacro %}"
        + _each("{{ f(2) }}"),
        "{% macro f(n) %}{{ n }}{% if n > 0 %}{{ f(n - 1) }}{% endif %}{% endmacro %}"
        + _each("{% generation %}{{ f(2) }}{% endgeneration %}"),
    ),
    "an end that the next turn prints": (
        _each("{% if m.role == 'user' %};{{ m.content }}{% else %}{{ m.content }}{% endif %}"),
        _each(
            "{% if m.role == 'user' %}"
            "{% if loop.previtem is defined and loop.previtem.role == 'assistant' %}"
            ";{% else %};{% endif %}{{ m.content }}{% else %}{{ m.content }}{% endif %}"
        ),
    ),
    "an answer to the role told by another": (
        _each("{% if m.role == 'user' %}a{% endif %}{{ m.role }}"),
        _each("{% if m.role == 'user' %}auser{% else %}{{ m.role }}{% endif %}"),
    ),
    "a namespace that is changed before either": (
        "{% set n = namespace(i=0) %}" + _each("{% set n.i = n.i + 1 %}{{ n.i }}{{ m.role }}"),
        "{% set n = namespace(i=0) %}"
        + _each("{% set n.i = n.i + 1 %}{% generation %}{{ n.i }}{% endgeneration %}{{ m.role }}"),
    ),
    "a turn after the loop": (
        _each("{{ m.role }}") + "{% if messages[-1].role == 'tool' %}.{% endif %}",
        _each("{{ m.role }}")
        + "{% if messages[-1].role == 'tool' %}{% generation %}.{% endgeneration %}{% endif %}",
    ),
}


@pytest.mark.parametrize(("original", "variant"), PAIRS.values(), ids=PAIRS)
def test_what_a_verb_writes_is_the_same(original: str, variant: str) -> None:
    assert rendered(original, _MESSAGES).text == rendered(variant, _MESSAGES).text
    assert same_text(original, variant).holds


def test_a_long_template_is_given_up_rather_than_compared_for_ever() -> None:
    tests = "".join(f"{{% if a{n} %}}x{{% else %}}{{{{ b{n} }}}}{{% endif %}}" for n in range(400))
    other = tests.replace("x", "y", 1)
    assert not same_text(tests, other).holds


def test_what_is_no_template_is_not_the_same() -> None:
    assert not same_text("{{ a }}", "{{ a ").holds


@pytest.mark.parametrize("number", ["1" * 5000, "0x" + "f" * 5000, "(" * 500 + "a" + ")" * 500])
def test_what_is_too_large_is_given_up(number: str) -> None:
    assert not same_text(f"{{{{ {number} }}}}", f"{{{{ {number} }}}}b").holds
