"""What the judge that only renders asks of an empty thought, as it was chosen to be."""

from __future__ import annotations

import pytest

from rewriter.verification.by_rendering import Given, beginnings, judged_by_rendering
from tests.verification.by_rendering.templates import RIGHT, THOUGHT, TURN, template

GENERATION = "{% generation %}"
AROUND = "{{- '<think>' + (m.reasoning_content or '') + '</think>' }}"
INSIDE = template(TURN.replace(THOUGHT, AROUND))
# The thought is in a block of its own where it holds something, and in none where it does not.
OUTSIDE = template(
    TURN.replace(
        GENERATION + THOUGHT,
        "{%- if m.reasoning_content %}{% generation %}"
        + AROUND
        + "{% endgeneration %}{%- else %}{{- '<think></think>' }}{%- endif %}"
        + GENERATION,
    )
)


def broken(variant: str, policy: str, chosen: str) -> set[str]:
    given = Given(empty_thoughts=chosen)
    return {fault.promise for fault in judged_by_rendering(variant, policy, given=given)}


# Where nothing is chosen, `test_right_masks` asserts it.
@pytest.mark.parametrize("policy", ["strict", "trl"])
@pytest.mark.parametrize("chosen", ["generated", "prompted"])
@pytest.mark.parametrize("name", RIGHT)
def test_where_no_empty_thought_is_put_in_no_choice_finds_a_fault(name, chosen, policy):
    assert broken(RIGHT[name], policy, chosen) == set()


@pytest.mark.parametrize("policy", ["strict", "trl"])
def test_what_is_as_it_was_chosen_is_right(policy):
    assert broken(OUTSIDE, policy, "prompted") == set()
    assert broken(INSIDE, policy, "generated") == set()


@pytest.mark.parametrize("policy", ["strict", "trl"])
def test_what_is_otherwise_than_it_was_chosen_is_found(policy):
    assert broken(INSIDE, policy, "prompted") == {beginnings.CHOSEN}
    assert broken(OUTSIDE, policy, "generated") == {beginnings.BEGUN}
