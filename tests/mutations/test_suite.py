"""The mutation suite: whatever differs from its parent is flagged.

By default each operator runs on a few parents; `pytest -m slow tests/mutations` runs them all.
"""

from collections.abc import Iterable

import pytest

from tests.mutations.equivalents import listed, name_of, reason_for
from tests.mutations.operators import OPERATORS
from tests.mutations.parents import NAMES
from tests.mutations.running import EQUIVALENT, FREE, KILLED, NEVER_RUN, Result, suite_of

# Mutants of one operator about the text and one parent.
MOST = 2
SAMPLE = ("llama3_training", "our_phi3")


def test_there_are_at_least_twenty_five_operators():
    assert len({operator.name for operator in OPERATORS}) == len(OPERATORS) >= 25


def test_every_hand_written_variant_and_every_one_of_ours_is_a_parent():
    assert len([name for name in NAMES if name.endswith("_training")]) == 31
    assert len([name for name in NAMES if name.startswith("our_")]) == 13


@pytest.mark.parametrize("name", SAMPLE)
def test_a_parent_is_not_flagged(name):
    suite = suite_of(name)
    assert suite.check.flag(suite.parent.source) is None


@pytest.mark.parametrize("name", SAMPLE)
def test_of_each_operator_a_mutant_is_killed_or_known_not_to_differ(name):
    assert unexplained(suite_of(name).results(most=1)) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_every_mutant_is_killed_or_known_not_to_differ(name):
    results = tuple(suite_of(name).results(most=MOST))
    assert unexplained(results) == []
    assert listed(name) <= set(map(name_of, results)), "none is listed that is not made"


def unexplained(results: Iterable[Result]) -> list[tuple[str, str]]:
    """The mutants that survive, and those of which it is not known why they do not differ.

    Also those that are listed as such, and differ.
    """
    return [(name_of(each), each.verdict) for each in results if not is_explained(each)]


def is_explained(result: Result) -> bool:
    if result.verdict in (EQUIVALENT, NEVER_RUN):
        return reason_for(result) is not None
    return result.verdict in (KILLED, FREE) and reason_for(result) is None
