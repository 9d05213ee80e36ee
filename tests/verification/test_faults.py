"""One fault is shown once, and two that break one promise are shown as two."""

import pytest

from rewriter.verification.check import verify_pair
from rewriter.verification.contracts import EQUAL, SAME_TEXT
from rewriter.verification.report import Failure
from tests.verification.chatml import END, NEWLINE, ORIGINAL, VARIANT, edited

ROLE = "        {{- '<|im_start|>' + message.role + '\\n' }}\n"
LATER = "        {%- if loop.index0 and messages[loop.index0 - 1].role == 'assistant' %}"


def failures(*edits: tuple[str, str]) -> tuple[Failure, ...]:
    report = verify_pair(ORIGINAL, edited(VARIANT, *edits), EQUAL, "trl", examples=150)
    return tuple(failure for failure in report.failures if failure.promise == SAME_TEXT)


def roles(failure: Failure) -> list[str]:
    return [message["role"] for message in failure.conversation["messages"]]


def test_what_is_lost_is_one_fault_whatever_stands_in_its_place():
    (failure,) = failures((NEWLINE, ""))
    assert roles(failure) == ["assistant"]
    assert failure.original_place is not None
    assert failure.original_place.excerpt.strip() == NEWLINE.strip()


def test_what_is_too_much_is_one_fault_whatever_it_displaces_and_where_nothing_is():
    (failure,) = failures((NEWLINE, NEWLINE + "        {{- '<|extra|>' }}\n"))
    assert roles(failure) == ["assistant"]
    assert failure.place is not None
    assert failure.place.excerpt.strip() == "{{- '<|extra|>' }}"


def test_another_s_header_put_in_the_place_of_a_user_s_is_a_fault_beside_its_being_too_much():
    """As where each turn ends in the next one's header, and one ends in the wrong one."""
    eager = NEWLINE + "        {{- '<|im_start|>user\\n' }}\n"
    header = LATER + "{%- else %}" + ROLE.strip() + "{% endif %}\n"
    found = failures((NEWLINE, eager.replace("user", "observer")), (ROLE, header))
    assert [roles(failure) for failure in found] == [["assistant"], ["assistant", "user"]]


@pytest.mark.parametrize("seed", range(3))
def test_which_faults_are_shown_does_not_hang_on_the_seed(seed):
    twice = edited(VARIANT, (END, "        {{- '<|one|>' }}\n" + END), (NEWLINE, ""))
    report = verify_pair(ORIGINAL, twice, EQUAL, "trl", examples=100, seed=seed)
    assert [(each.promise, each.place and each.place.line) for each in report.failures] == [
        (SAME_TEXT, twice[: twice.index("<|one|>")].count("\n") + 1)
    ]
