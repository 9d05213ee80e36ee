from __future__ import annotations

import pytest

import rewriter
from rewriter.source.template import Template
from rewriter.tracing.unlisted import unlisted

_LOOP = "{% for m in messages %}{{ SAID }}{% endfor %}"


def _choosing(said: str) -> frozenset[str]:
    return unlisted(Template(_LOOP.replace("{{ SAID }}", said))).choosing


@pytest.mark.parametrize(
    "said",
    [
        "{{ m['content'] }}",
        "{{ m.get('content') }}",
        "{{ m.content[1:] }}",
        "{{ messages[0].content }}",
        "{{ messages[loop.index0 - 1].content }}",
        "{% set ns = namespace(i=0) %}{% set ns.i = loop.index0 %}{{ messages[ns.i].content }}",
        "{% set k = 'text' if loop.first else 'content' %}{{ m[k] }}",
        "{{ labels[m.role] }}",
    ],
)
def test_a_key_that_is_written_out_or_counted_is_chosen_by_nothing_that_is_said(said: str) -> None:
    assert _choosing(said) == frozenset()


@pytest.mark.parametrize(
    "said",
    [
        "{{ m[m.show] }}",
        "{{ m[m.show | default('content')] }}",
        "{{ m.get(m.show, '') }}",
        "{{ m | attr(m.show) }}",
        "{{ [m] | map(attribute=m.show) | first }}",
        "{% set k = m.show or 'content' %}{{ m[k] }}",
        "{% set ns = namespace(k='content') %}{% set ns.k = m.show %}{{ m[ns.k] }}",
    ],
)
def test_a_key_whose_value_names_a_key_is_found(said: str) -> None:
    assert _choosing(said) == {"show"}


def test_a_path_that_a_filter_reads_is_of_several_keys() -> None:
    source = _LOOP.replace("{{ SAID }}", "{{ m.notes | map(attribute='mood.shade') | join }}")
    assert set(unlisted(Template(source)).keys) == {"notes", "mood", "shade"}


def test_a_variable_that_names_a_key_is_found() -> None:
    assert _choosing("{{ m[shown] }}") == {"shown"}


def test_a_template_that_prints_the_key_that_a_field_names_is_refused() -> None:
    source = (
        "{% for m in messages %}{% if m.role == 'assistant' %}<A>"
        "{{ m[m.show or 'content'] }}<E>{% else %}<U>{{ m.content }}<E>{% endif %}{% endfor %}"
        "{% if add_generation_prompt %}<A>{% endif %}"
    )
    with pytest.raises(rewriter.Refused, match="whatever keys a message has"):
        rewriter.rewrite(source)
    named = source.replace("m.show or ", "")
    assert "{% generation %}" in rewriter.rewrite(named).template
