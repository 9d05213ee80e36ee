"""A pattern is the same expression however it is written, and no other."""

import pytest
from jinja2 import nodes

from rewriter.engine.pattern import Pattern, same, written
from rewriter.errors import BadInput
from rewriter.source.template import Template

NO_MATCH = [
    ("loop.last", "loop.first"),
    ("loop.last", "loop.last.x"),
    ("loop.last", "last"),
    ("m.role", "m[role]"),
    ("m.role", "m.role()"),
    ("m[0]", "m['0']"),
    ("'a' in x", "'a' not in x"),
    ("'a' in x", "x in 'a'"),
    ("'a'", "'b'"),
    ("1", "'1'"),
    ("1", "true"),
    ("0", "false"),
    ("(a == b) != c", "a == b != c"),
    ("a + (b + c)", "a + b + c"),
    ("x | trim", "x | trim | trim"),
    ("x | trim", "x | trim('a')"),
    ("x is string", "x is not string"),
    ("$A == $A", "a == b"),
    ("$A.arguments", "arguments"),
    ("$A.arguments", "call.arguments | tojson"),
]
MATCH = [
    ("loop.last", "loop['last']", {}),
    ('m["role"]', "m['role']", {}),
    ("m.role", "( m . role )", {}),
    ("m[0]", "m.0", {}),
    ("a and b", "(a) and ((b))", {}),
    ("'\\n'", "'\n'", {}),
    ("$A", "a + b | trim", {"A": "a + b | trim"}),
    ("$A.arguments", "call['function'].arguments", {"A": "call['function']"}),
    ("$A == $A", "m.x == m['x']", {"A": "m.x"}),
    ("'x' in $CONTENT", '"x" in (content | trim)', {"CONTENT": "content | trim"}),
    ("$A.b[$K]", "a.b.c", None),
    ("f($A, k=$B)", "f(1, k=x.y)", {"A": "1", "B": "x.y"}),
    ("{% if $A is string %}", "m.content is string", {"A": "m.content"}),
]


def expression(source: str) -> tuple[Template, nodes.Expr]:
    template = Template("{{ " + source + " }}")
    return template, template.output_tags[0]


@pytest.mark.parametrize(("pattern", "source"), NO_MATCH)
def test_another_expression_is_no_match(pattern: str, source: str):
    assert Pattern.parse(pattern).match(expression(source)[1]) is None


@pytest.mark.parametrize(("pattern", "source", "bound"), [m for m in MATCH if m[2] is not None])
def test_the_same_expression_is_a_match_however_it_is_written(pattern, source, bound):
    template, node = expression(source)
    found = Pattern.parse(pattern).match(node)
    assert found is not None
    assert {name: template.source(value) for name, value in found.items()} == bound


@pytest.mark.parametrize(
    "source", ["", "a b", "{{ a }}", "a %} b", "{% if %}", "{% for a in b %}", "$lower", "a }} b"]
)
def test_what_is_no_expression_is_no_pattern(source: str):
    with pytest.raises(BadInput):
        Pattern.parse(source)


@pytest.mark.parametrize("source", ["{% if a %}", "{%- if a -%}", "  {%if a%}\n"])
def test_a_pattern_for_tests_is_written_as_an_if(source: str):
    assert Pattern.parse(source).is_test
    assert not Pattern.parse("a").is_test


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("m.content", "m.content is string and m.content"),
        ("m['a b']", "m['a b'] is string and m['a b']"),
        ("(m.content | trim)", "m.content | trim is string and m.content | trim"),
        ("a + b", "(a + b) is string and (a + b)"),
        ("a or b", "(a or b) is string and (a or b)"),
        ("not a", "(not a) is string and (not a)"),
        ("a if b else c", "(a if b else c) is string and (a if b else c)"),
    ],
)
def test_what_a_name_stands_for_is_written_as_it_was_and_still_binds(source: str, text: str):
    template, node = expression(source)
    assert written("$X is string and $X", {"X": node}, template) == text


def test_two_expressions_of_one_template_are_the_same_but_for_how_they_are_written():
    one, other = expression("a.b + 'x'")[1], expression("(a['b']) + \"x\"")[1]
    assert same(one, other)
    assert not same(one, expression("a.b ~ 'x'")[1])


def test_a_negated_pattern_denies_what_it_negates_and_nothing_else():
    _, closing = expression("'</think>' in m.content")
    _, opening = expression("'<think>' in m.content")
    pattern = Pattern.parse("not '</think>' in $CONTENT")
    assert pattern.denies(closing)
    assert not pattern.denies(opening)
    assert not Pattern.parse("'</think>' in $CONTENT").denies(closing)
