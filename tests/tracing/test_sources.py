"""The static inventory of sources of text."""

import pytest

from rewriter.source.template import Template
from rewriter.tracing.sources import Sources


def written(source: str) -> list[str]:
    """The sources of a template as they are written, each up to its end."""
    template = Template(source)
    found = []
    for each in Sources(template).sources:
        span = template.span(each.node) or template.data_spans[id(each.node)]
        found.append(span.of(source))
    return found


@pytest.mark.parametrize(
    "source",
    [
        "{% if m.name == 'bob' %}{% endif %}",
        "{% set flag = 'on' %}{% if flag == 'on' %}{% endif %}",
        "{{ raise_exception('no') }}",
        "{{ '' }}{{ ' ' }}",
        "{# a comment #}  \n",
    ],
)
def test_what_is_asked_raised_or_empty_is_no_source(source):
    assert written(source) == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a text{{ 'and' }}", ["a text", "'and'"]),
        ("{{ a + 'b' ~ c }}", ["a", "'b'", "c"]),
        ("{{ a if t else 'b' }}", ["a", "'b'"]),
        ("{{ a or 'b' }}", ["a", "'b'"]),
        ("{{ t and 'b' }}", ["'b'"]),
        ("{{ a | default('b') }}", ["a", "'b'"]),
        ("{{ m.get('a', 'b') }}", ["m.get('a', 'b')", "'b'"]),
        ("{{ a.replace('x', b) }}", ["a", "'x'", "b"]),
        ("{{ [a, 'b'] | join(c) }}", ["a", "'b'", "c"]),
        ("{{ {'x': 'a', 'y': b}[t] }}", ["'a'", "b"]),
        ("{% for x in ['a', b] %}{{ x }}{% endfor %}", ["'a'", "b", "x"]),
        ("{% set x = 'a' if t else b %}{{ x }}", ["'a'", "b", "x"]),
        ("{% set ns = namespace() %}{% set ns.x = 'a' %}{{ ns.x }}", ["'a'", "ns.x"]),
        ("{% macro say(x, y) %}{{ x }}{% if y %}{% endif %}{% endmacro %}{{ say('a', 'b') }}",
         ["x", "say('a', 'b')", "'a'"]),
        ("{% macro say(x='a') %}{{ x }}{% endmacro %}{{ say() }}", ["'a'", "x", "say()"]),
    ],
)  # fmt: skip
def test_each_source_is_listed_down_to_arms_operands_items_and_arguments(source, expected):
    assert written(source) == expected


def test_a_source_knows_what_must_be_answered_for_it():
    source = (
        "{% for m in messages %}{% if a %}x{% elif b %}{{ c if d else 'y' }}{% endif %}{% endfor %}"
    )
    sources = Sources(Template(source))
    last = sources.sources[-1]
    asked = [sources.decisions[number].kind for number, _ in last.answers]
    assert asked == ["loop", "test", "test", "test"]
    assert [holds for _, holds in last.answers] == [True, False, True, False]


def test_what_follows_a_continue_is_reached_where_its_test_fails():
    source = "{% for m in messages %}{% if a %}{% continue %}{% endif %}x{% endfor %}"
    (text,) = (each for each in Sources(Template(source)).sources if each.kind == "text")
    assert [holds for _, holds in text.answers] == [True, False]


@pytest.mark.parametrize(
    "source",
    [
        "{% set n = namespace(at=0) %}{{ 'x' ~ n.at }}",
        "{% set n = namespace(at=0) %}{% set n.at = a %}{{ 'x' + n.at }}",
        "{% set n = namespace(at='y') %}{{ 'x' + n.at }}",
        "{% set n = namespace(at=0) %}{% set n = b %}{{ 'x' + n.at }}",
        "{% set n = namespace(at=true) %}{{ 'x' + n.at }}",
        "{{ 'x' + n.at }}",
    ],
)
def test_a_text_that_is_added_to_what_may_be_one_is_printed(source):
    assert "'x'" in written(source)


@pytest.mark.parametrize(
    "source",
    [
        "{{ 'x' + 1 }}",
        "{% set n = namespace(at=0) %}{{ 'x' + n.at }}",
        "{% set n = namespace(at=0) %}{% set n.at = n.at + 1 %}{{ 'x' + n.at + 'y' }}",
    ],
)
def test_a_text_that_is_added_to_a_number_is_never_printed(source):
    assert "'x'" not in written(source)
