"""Tests that only a variant makes, and that no conversation answers otherwise."""

import pytest

from rewriter.report.account import unproven_text
from rewriter.verification.check import verify_pair
from rewriter.verification.contracts import EQUAL
from tests.verification.faulty import marked, unmarked

TALK = r"""{%- for m in messages %}
    {{- '<|' + m.role + '|>' }}
    {%- if m.role == 'assistant' %}
        «{{- m.content + '<|end|>' }}»
    {%- else %}
        {{- m.content + '<|end|>' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|assistant|>' }}{%- endif %}
"""
SAID = "«{{- m.content + '<|end|>' }}»"


def report(variant, original=TALK):
    return verify_pair(unmarked(original), marked(variant), EQUAL, "strict", examples=20)


@pytest.mark.parametrize(
    "said",
    [
        # always answered alike, and the same is printed either way
        "«{{- m.content + ('<|end|>' if strftime_now('%Y') == '1999' else '<|end|>') }}»",
        "«{{- m.content + '<|end|>' }}{%- if m.content[23:24] == '~' %}{%- endif %}»",
        # who speaks is no such test, though in an assistant's turn there is one answer
        "{%- if m.role == 'assistant' %}«{{- m.content + '<|end|>' }}»{%- endif %}",
        # the empty string and others, and both are shown
        "«{{- (m.content if m.content else m.content) ~ '<|end|>' }}»",
    ],
)
def test_a_test_that_changes_nothing_is_no_fault(said):
    assert report(TALK.replace(SAID, said)).unproven == ()


def test_a_test_that_the_original_makes_too_is_none():
    dated = TALK.replace(
        SAID, "«{{- m.content + ('!' if strftime_now('%Y') == '1999' else '.') }}»"
    )
    assert report(dated.replace("m.role == 'ass", "'' ~ m.role == 'ass"), dated).unproven == ()


@pytest.mark.parametrize(
    "test",
    [
        "strftime_now('%Y') == '1999'",
        "strftime_now('%M') | int > 58",
        "m.content[23:24] == '~'",
        "m.content | length == 41 and m.content[7] == 'q'",
        "'foo' in m.content and loop.previtem and loop.previtem.content == 'a bar of it'",
    ],
)
def test_what_is_printed_if_only_a_rare_test_holds_is_not_proven(test):
    said = "«{{- m.content + ('.<|end|>' if " + test + " else '<|end|>') }}»"
    found = report(TALK.replace(SAID, said))
    assert not found.ok
    assert [each.place.line for each in found.unproven] == [4]


def test_after_a_test_that_never_holds_the_next_is_looked_at_too():
    said = (
        "«{%- if strftime_now('%Y') == '1999' %}{%- if m.content[23:24] == '~' %}{{- '.' }}"
        "{%- endif %}{%- endif %}{{- m.content + '<|end|>' }}»"
    )
    assert not report(TALK.replace(SAID, said)).ok


@pytest.mark.parametrize(
    "rare",
    [
        "{%- if strftime_now('%Y') == '1999' %}{{- '.' }}{%- endif %}",
        "{{- '.' * (m.content[23:24] == '~') | int }}",
        "{%- for x in [1] if m.content[23:24] == '~' %}{{- '.' }}{%- endfor %}",
    ],
)
def test_neither_may_print_what_the_other_does_not_however_rarely(rare):
    changed = TALK.replace("{{- '<|' + m.role", rare + "{{- '<|' + m.role")
    assert not report(changed).ok
    assert not report(TALK, changed).ok


def test_a_person_reads_which_test_it_is_and_why_it_tells_nothing():
    said = "«{{- m.content + ('.' if m.content[23:24] == '~' else '') + '<|end|>' }}»"
    text = unproven_text(report(TALK.replace(SAID, said)).unproven[0], "variant.jinja")
    assert "variant.jinja:4:" in text
    assert "always got the same answer" in text
    assert "m.content[23:24] == '~'" in text
