"""What the catalog has of each family, which was written by hand, is what its template shows."""

import pytest

from rewriter.engine.families import Supports, load_catalog
from rewriter.verification.supports import supports

FAMILIES = load_catalog("trl-1.4.0").families
NOTHING = Supports(
    tools=False, reasoning=False, list_content=False, system_role=False, alternation=False
)
PLAIN = "{% for m in messages %}{{ m.role }}: {{ m.content }}{% endfor %}"


def test_what_is_printed_as_it_was_said_is_not_told_apart():
    assert supports("{% for m in messages %}{{ m.role }}{% endfor %}") == NOTHING
    assert supports(PLAIN) == NOTHING.model_copy(update={"system_role": True})


def test_reasoning_within_content_counts_where_it_is_taken_out():
    source = PLAIN.replace("m.content", "m.content.split('</think>')[-1]")
    assert supports(source).reasoning


def test_a_guard_on_who_follows_whom_is_alternation():
    guard = (
        "{% if loop.index0 % 2 != (m.role == 'assistant') %}{{ raise_exception('no') }}{% endif %}"
    )
    source = PLAIN.replace("{{ m.role", guard + "{{ m.role")
    assert supports(source) == NOTHING.model_copy(update={"alternation": True})


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_real_template_is_found_to_support_what_the_catalog_says(family, seed_texts):
    assert supports(seed_texts[family.file]) == family.supports
