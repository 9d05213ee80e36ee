"""Seven faults that the tests of a library with thirty such templates let pass."""

from collections.abc import Iterator

import pytest

from tests.mutations import dropping, markers, masking, unmasking
from tests.mutations.equivalence import FREE
from tests.mutations.operators import Mutants
from tests.mutations.parents import NAMES
from tests.mutations.running import suite_of

# These in the default run, the others with `-m slow`.
SAMPLE = {"our_glm4moe", "our_qwen2_5"}

# One parent after the other: what its mutants share takes longer than to judge these few.
every_parent = pytest.mark.parametrize(
    "name",
    [name if name in SAMPLE else pytest.param(name, marks=pytest.mark.slow) for name in NAMES],
    scope="module",
)


def survivors(name: str, mutants: Mutants) -> Iterator[str]:
    """The mutants of a parent that are not flagged and differ from it."""
    own = suite_of(name)
    made = list(mutants(own.anatomy))
    if not made:
        pytest.skip("the template has nothing of the kind")
    for mutant in made:
        if own.check.flag(mutant) is None:
            difference = own.comparison.difference(mutant)
            if difference is not None and difference.of != FREE:
                yield mutant


@every_parent
def test_a_header_in_the_mask_is_flagged(name):
    assert list(survivors(name, markers.header_moved_in)) == []


@every_parent
def test_a_think_block_out_of_the_mask_is_flagged(name):
    assert list(survivors(name, unmasking.reasoning_moved_out)) == []


@every_parent
def test_tool_calls_out_of_the_mask_are_flagged(name):
    assert list(survivors(name, unmasking.tool_calls_moved_out)) == []


@every_parent
def test_a_turn_end_out_of_the_mask_on_turns_that_call_tools_is_flagged(name):
    assert list(survivors(name, unmasking.turn_end_moved_out_on_calls)) == []


@every_parent
def test_a_tool_s_response_in_the_mask_is_flagged(name):
    assert list(survivors(name, masking.tool_result_moved_in)) == []


@every_parent
def test_the_loss_of_users_messages_from_the_third_on_is_flagged(name):
    assert list(survivors(name, dropping.third_user_message_dropped)) == []


@every_parent
def test_the_loss_of_system_messages_in_the_middle_is_flagged(name):
    assert list(survivors(name, dropping.system_in_the_middle_dropped)) == []
