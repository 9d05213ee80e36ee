"""Branches that are proven to be reached by nothing."""

import pytest

from rewriter.tracing.taken_branches import PathTemplate
from rewriter.tracing.unreachable.proof import unreachable
from tests.conversations.exploring import first_looked


def impossible(source: str) -> list[str]:
    """The kinds of the branches that nothing reaches, in the order of the source."""
    template = PathTemplate(source)
    found = unreachable(template, range(len(template.branches)))
    return [template.branches[number].kind for number in sorted(found)]


# What something reaches.


@pytest.mark.parametrize(
    "source",
    [
        "{% if tools %}a{% endif %}",
        "{% for m in messages %}a{% endfor %}",
        # another list than the one that was tested, or the same name anew
        "{% if tools %}{% for m in messages %}a{% endfor %}{% endif %}",
        "{% if tools %}{% set tools = documents %}{% for t in tools %}a{% endfor %}{% endif %}",
        "{% if x %}{% for x in messages %}{% if x %}a{% endif %}{% endfor %}{% endif %}",
        # a namespace is changed in a later part of a loop, or by a macro
        (
            "{% set ns = namespace(a=false) %}{% for m in messages %}{% if not ns.a %}a{% endif %}"
            "{% set ns.a = true %}{% endfor %}{% if ns.a %}b{% endif %}"
        ),
        (
            "{% set ns = namespace(a=false) %}{% macro f() %}{% set ns.a = true %}{% endmacro %}"
            "{% if not ns.a %}{{ f() }}{% if ns.a %}a{% endif %}{% endif %}"
        ),
        # what is given to a name in a scope may be of another kind, or is another's
        "{% for t in tools %}{% with t=t.x %}{% if t %}a{% endif %}{% endwith %}{% endfor %}",
        "{% with a=x %}{% if a is string %}a{% endif %}{% endwith %}",
        "{% with a=false %}b{% endwith %}{% if a %}a{% endif %}",
        # what a loop keeps of a list may be nothing
        "{% if tools %}{% for t in tools if t.name %}a{% endfor %}{% endif %}",
        # a part of a list may be empty
        "{% if messages %}{% for m in messages[1:] %}a{% endfor %}{% endif %}",
        # what follows a loop's jump
        (
            "{% for m in messages %}{% if m.a %}{% if m.b %}{% break %}{% endif %}{% endif %}"
            "{% if m.a %}a{% endif %}{% endfor %}"
        ),
        # a macro is called in more ways than one
        "{% macro f(a) %}{% if a %}b{% endif %}{% endmacro %}{{ f(true) }}{{ f(false) }}",
        "{% macro f(a=false) %}{% if a %}b{% endif %}{% endmacro %}{{ f() }}{{ f(x) }}",
        # a method is found where a field is not
        (
            "{% if x is mapping %}{% if x['items'] %}{% for i in x['items'] %}a{% endfor %}"
            "{% endif %}{% endif %}"
        ),
        # only one of the two ways looks into the list
        "{% if x %}{{ messages[0].role }}{% endif %}{% for m in messages %}a{% endfor %}",
        "{% if x and messages[0].role == 'a' %}{% endif %}{% for m in messages %}{% endfor %}",
    ],
)
def test_what_something_may_reach_is_left_alone(source):
    assert impossible(source) == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{% if false == true %}a{% endif %}", ["then"]),
        ("{% if tools is not defined %}a{% endif %}", ["then"]),
        ("{% if tools is not defined %}{% set tools = [] %}{% endif %}", ["then"]),
        ("{% if strftime_now is defined %}a{% else %}b{% endif %}", ["else"]),
        ("{% if tools %}{% for t in tools %}a{% endfor %}{% endif %}", ["no item"]),
        ("{% if x.get('y') %}{% for i in x['y'] %}a{% endfor %}{% endif %}", ["no item"]),
        (
            "{% if x is mapping and x %}{% for k, v in x | dictsort %}a{% endfor %}{% endif %}",
            ["no item"],
        ),
        ("{% for t in tools %}{% if t is string %}a{% endif %}{% endfor %}", ["then"]),
        (
            (
                "{% for t in tools %}{% with a=t %}{% if a is string %}a{% endif %}{% endwith %}"
                "{% endfor %}"
            ),
            ["then"],
        ),
        ("{% with a=false %}{% if a %}a{% endif %}{% endwith %}", ["then"]),
        ("{% for p in x.split('a') %}a{% endfor %}", ["no item"]),
        ("{{ messages[0].role }}{% for m in messages %}a{% endfor %}", ["no item"]),
        (
            (
                "{% if not messages %}{{ raise_exception('a') }}{% endif %}"
                "{% for m in messages %}a{% endfor %}"
            ),
            ["no item"],
        ),
        ("{% if a or b %}{% elif not a %}{% else %}a{% endif %}", ["else"]),
        (
            "{% if a or (b and not c) %}a{% elif b %}{% if c %}b{% endif %}{% endif %}",
            ["no branch"],
        ),
        ("{% if a == 'x' %}{% elif a in ['x'] %}b{% endif %}", ["then"]),
        ("{% set c = 'x' ~ a %}{% if c | length > 0 %}b{% endif %}", ["no branch"]),
        ("{% set c = a.get('b') or 'x' %}{% if c %}b{% endif %}", ["no branch"]),
        ("{% macro f(a) %}{% if a %}b{% endif %}{% endmacro %}{{ f(false) }}", ["then"]),
        (
            (
                "{% macro f(ts) %}{% for t in ts %}b{% endfor %}{% endmacro %}"
                "{% if tools %}{{ f(tools) }}{% endif %}"
            ),
            ["no item"],
        ),
    ],
)
def test_what_nothing_reaches_is_proven(source, expected):
    assert impossible(source) == expected


@pytest.mark.parametrize("file", ["qwen2_5.jinja", "qwen3_6.jinja", "gptoss.jinja", "cohere.jinja"])
def test_nothing_that_a_conversation_reaches_is_called_unreachable(seed_texts, file):
    first_look = first_looked(seed_texts[file])
    (coverage,) = first_look.coverage
    found = unreachable(first_look.variant, range(len(coverage.branches)))
    assert found
    assert [coverage.branches[number] for number in found if coverage.branches[number].first] == []
