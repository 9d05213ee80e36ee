"""Each precondition: first what is left alone, then what is found, and where."""

import pytest

from rewriter.source.template import Template
from rewriter.verification.lint import lint

OPEN, CLOSE = "{% generation %}", "{% endgeneration %}"
BLOCK = OPEN + "{{ x }}" + CLOSE
SET = OPEN + "{{ x }}{% set v = 1 %}" + CLOSE


def kinds(source: str) -> list[str]:
    return [finding.kind for finding in lint(Template(source))]


SOUND = {
    "no marker": "{{ messages }}",
    "a plain block": "a" + BLOCK + "b",
    "all that jinja2 compiles in line": "{% for m in messages %}{% if m %}{% with a = 1 %}"
    "{% block b %}" + BLOCK + "{% endblock %}{% endwith %}{% endif %}{% else %}b{% endfor %}",
    "a macro beside a block": "{% macro m() %}a{% endmacro %}" + OPEN + "{{ m() }}" + CLOSE,
    "a set block within": OPEN + "{% set v %}a{% endset %}{{ v }}" + CLOSE,
    "a call block within": OPEN + "{% call m() %}{% endcall %}" + CLOSE,
    "a set that only the block reads": OPEN + "{% set v = 1 %}{{ v }}" + CLOSE,
    "a set before the block": "{% set v = 1 %}" + BLOCK + "{{ v }}",
    "a namespace": OPEN + "{{ x }}{% set n.v = 1 %}" + CLOSE + "{{ n.v }}",
    "a name that is set again": SET + "{% set v = 2 %}{{ v }}",
    "a name that both branches set again": SET
    + "{% if a %}{% set v = 2 %}{% else %}{% set v = 3 %}{% endif %}{{ v }}",
    "a name that every branch sets again": SET
    + "{% if a %}{% set v = 2 %}{% elif b %}{% set v = 3 %}{% else %}{% set v %}4{% endset %}"
    + "{% endif %}{{ v }}",
    "a name of a loop within": OPEN
    + "{% for v in x %}{{ v }}{% set w = v %}{% endfor %}"
    + CLOSE
    + "{{ v }}{{ w }}",
    "a name that ends with the loop": "{% for m in x %}" + SET + "{% endfor %}{{ v }}",
    "a name read in the next round": "{% for m in x %}{{ v }}" + SET + "{% endfor %}",
    "another variable of that name": SET
    + "{% for v in x if v %}{{ v }}{% endfor %}"
    + "{% with v = 1 %}{{ v }}{% endwith %}{% macro m(v) %}{{ v }}{% endmacro %}",
    "an attribute of that name": SET + "{{ a.v }}{{ a['v'] }}",
    "a branch that does not follow": "{% if a %}" + SET + "{% else %}{{ v }}{% endif %}",
    "a jump within": OPEN + "{% for j in x %}{{ j }}{% break %}{% endfor %}" + CLOSE,
    "a jump beside": "{% for m in x %}" + BLOCK + "{% continue %}{% endfor %}",
    "every spelling that detectors see": "{%generation%}a{%endgeneration%}{%-\n generation -%}b"
    + CLOSE,
    "an end in any spelling": OPEN + "a{%+ endgeneration +%}",
    "a marker in a string beside a block": BLOCK + "{{ '" + OPEN + "' }}",
    "a marker in a raw block beside a block": BLOCK + "{% raw %}" + OPEN + "{% endraw %}",
    "a comment on generation": BLOCK + "{# a generation block, {% endgeneration %} too #}",
    "a block of text": OPEN + "a" + CLOSE,
    "a block of white space": OPEN + "{{ '\\n' }}" + CLOSE,
    "whole tokens at the edges": "<|a|>" + OPEN + "<|b|>{{ x }}<|c|>" + CLOSE + "<|d|>",
    "signs that are no token": "a <" + OPEN + " b > c" + CLOSE,
    "parts with something between": "<|a" + OPEN + "{{ x }}|>" + CLOSE,
}


@pytest.mark.parametrize("source", SOUND.values(), ids=SOUND)
def test_it_is_left_alone(source: str):
    assert kinds(source) == []


CAPTURED = {
    "a macro": "{% macro m() %}|{% endmacro %}",
    "a set block": "{% set v %}|{% endset %}",
    "a filter block": "{% filter upper %}|{% endfilter %}",
    "a call block": "{% call m() %}|{% endcall %}",
    "another generation block": "{% generation %}{{ x }}|{% endgeneration %}",
    "a recursive loop": "{% for m in x recursive %}|{% endfor %}",
}


@pytest.mark.parametrize("around", CAPTURED)
def test_a_block_that_is_captured_is_found(around: str):
    before, after = CAPTURED[around].split("|")
    (finding,) = lint(Template("\n" + before + BLOCK + after))
    assert finding.kind == "captured"
    assert around in finding.message
    assert finding.place.line == 2


LOST = {
    "after the block": SET + "{{ v }}",
    "set in a branch": OPEN
    + "{{ x }}{% if a %}{% else %}{% set v = 1 %}{% endif %}"
    + CLOSE
    + "{{ v }}",
    "set with others": OPEN + "{{ x }}{% set (u, v) = x %}" + CLOSE + "{{ v }}",
    "set as a block": OPEN + "{{ x }}{% set v %}a{% endset %}" + CLOSE + "{{ v }}",
    "after the branch that it is in": "{% if a %}" + SET + "{% endif %}{{ v }}",
    "after it is set again in one branch only": SET + "{% if a %}{% set v = 2 %}{% endif %}{{ v }}",
    "in a condition": SET + "{% if v %}a{% endif %}",
    "in a later condition": SET + "{% if a %}b{% elif v %}a{% endif %}",
    "in a loop": SET + "{% for m in x %}{{ v }}{% endfor %}",
    "by what a loop walks": SET + "{% for v in v %}a{% endfor %}",
    "by what it is set to again": SET + "{% set v = v + 1 %}",
    "within its own set block": SET + "{% set v %}{{ v }}{% endset %}",
    "by a macro after the block": SET + "{% macro m() %}{{ v }}{% endmacro %}{{ m() }}",
    "by a macro from before": "{% macro m() %}{{ v }}{% endmacro %}" + SET + "{{ m() }}",
    "in the next block": SET + OPEN + "{{ v }}" + CLOSE,
    "by setting an attribute": OPEN
    + "{{ x }}{% set v = namespace() %}"
    + CLOSE
    + "{% set v.a = 1 %}",
    "as a macro": OPEN + "{{ x }}{% macro v() %}a{% endmacro %}" + CLOSE + "{{ v() }}",
}


@pytest.mark.parametrize("source", LOST.values(), ids=LOST)
def test_a_set_whose_value_is_lost_is_found(source: str):
    assert kinds(source) == ["lost-set"]


def test_a_lost_set_is_shown_with_the_line_that_reads_it():
    source = "a\n" + OPEN + "{{ x }}\n {% set v = 1 %}" + CLOSE + "\n\n{{ v }}\n{{ v }}"
    (finding,) = lint(Template(source))
    assert (finding.place.line, finding.place.column) == (3, 2)
    assert "`v`" in finding.message
    assert "line 5" in finding.message


@pytest.mark.parametrize("word", ["break", "continue"])
@pytest.mark.parametrize(
    "body",
    [
        "{% WORD %}",
        "{% if a %}{% WORD %}{% endif %}",
        "{% for i in x %}{% else %}{% WORD %}{% endfor %}",
    ],
)
def test_a_jump_out_of_a_block_is_found(word: str, body: str):
    body = body.replace("WORD", word)
    source = "{% for m in x %}\n" + OPEN + "{{ x }}\n" + body + CLOSE + "{% endfor %}"
    (finding,) = lint(Template(source))
    assert finding.kind == "jump"
    assert f"`{word}`" in finding.message
    assert finding.place.line == 3


@pytest.mark.parametrize(
    "opener", ["{%+ generation %}", "{%+ generation -%}", "{% generation +%}", "{% generation: %}"]
)
def test_a_spelling_that_detectors_do_not_see_is_found(opener: str):
    assert kinds(opener + "a" + CLOSE) == ["unseen"]
    assert kinds(BLOCK + opener + "a" + CLOSE) == ["unseen"]


@pytest.mark.parametrize(
    ("source", "where"),
    [
        ("{# " + OPEN + " #}", "a comment"),
        ("{{ '" + OPEN + "' }}", "a string"),
        ("{% if '" + OPEN + "' in x %}{% endif %}", "a string"),
        ("{% raw %}" + OPEN + "{% endraw %}", "a raw block"),
        (BLOCK + "{#- {%- generation %} -#}", "a comment"),
    ],
)
def test_a_decoy_is_found(source: str, where: str):
    (finding,) = lint(Template(source))
    assert finding.kind == "decoy"
    assert where in finding.message


@pytest.mark.parametrize(
    "body",
    [
        "",
        "\n",
        "{# a #}",
        "{% set a = 1 %}",
        "{{ '' }}",
        "{% if a %}{% endif %}",
        "{% set v %}a{% endset %}",
    ],
)
def test_a_block_that_prints_nothing_is_found(body: str):
    assert kinds("a" + OPEN + body + CLOSE) == ["empty"]


@pytest.mark.parametrize(
    "source",
    [
        "<|im_" + OPEN + "end|>" + CLOSE,
        "{{ a + '<|im_' }}" + OPEN + "{{- 'end|>' + x }}" + CLOSE,
        OPEN + "{{ x ~ '<|im_' -}}\n{# a #}" + CLOSE + "{{ 'end|>' }}",
        "[IN" + OPEN + "ST]" + CLOSE,
        "</" + OPEN + "s>" + CLOSE,
    ],
)
def test_a_token_that_a_marker_cuts_is_found(source: str):
    assert kinds(source) == ["cut-token"]


def test_findings_are_in_the_order_of_the_text():
    source = "{%+ generation %}a" + CLOSE + "\n{# " + OPEN + " #}\n" + OPEN + CLOSE
    assert kinds(source) == ["unseen", "decoy", "empty"]
