"""How much of the real templates is reached, and what is said of the rest."""

from functools import cache

import pytest

from rewriter.carriers.packages import read_package
from rewriter.conversations.coverage import Coverage
from rewriter.engine.families import load_catalog
from rewriter.tracing.unreachable.proof import unreachable
from tests.conversations.exploring import explored, first_looked

LEAST = 0.95
CATALOG = load_catalog("trl-1.16.0")
ORIGINALS = [file for file in CATALOG.files() if not file.endswith("_training.jinja")]


@cache
def _texts() -> dict[str, str]:
    return read_package(CATALOG.package, CATALOG.files())


def test_an_output_of_a_branch_that_only_raising_renders_reached_is_not_printed():
    source = (
        "{% for m in messages %}{% if m.a %}a{{ raise_exception('no') }}{% endif %}{% endfor %}"
    )
    coverage: Coverage = explored(source)
    assert coverage.missed == ()
    assert [output.place.excerpt for output in coverage.unprinted] == [source]


def test_what_is_missed_beside_what_the_assistant_s_turns_reach_is_told():
    # No two numbers have this remainder, which nobody proves.
    source = "{% for m in messages %}{% if loop.index % 2 == 5 %}a{% endif %}{% endfor %}"
    coverage = explored(source)
    assert [each.branch.kind for each in coverage.missed_in("assistant")] == ["then"]


@pytest.mark.parametrize("file", ["phi3.jinja", "llama3.jinja", "cohere.jinja", "qwen2_5.jinja"])
def test_of_a_real_template_nearly_all_is_reached(seed_texts, file):
    assert explored(seed_texts[file], examples=100).share >= LEAST


@pytest.mark.slow
@pytest.mark.parametrize("file", ORIGINALS)
def test_of_every_original_nearly_all_is_reached(file):
    assert explored(_texts()[file], examples=200).share >= LEAST


@pytest.mark.slow
@pytest.mark.parametrize("file", ORIGINALS)
def test_nothing_that_is_reached_of_any_original_is_called_unreachable(file):
    first_look = first_looked(_texts()[file], examples=200)
    (coverage,) = first_look.coverage
    found = unreachable(first_look.variant, range(len(coverage.branches)))
    assert [coverage.branches[number] for number in found if coverage.branches[number].first] == []
