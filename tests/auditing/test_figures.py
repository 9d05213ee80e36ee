"""Figures add up, and stay small."""

from random import Random

import pytest

from rewriter.auditing.batch import FLAGS, NUMBERS
from rewriter.auditing.figures import OTHERS, Figures, Found
from rewriter.auditing.histogram import Histogram
from rewriter.verification.notice import NoticeId

NUMBERS_OF_EACH_SIZE = [*range(200), 255, 256, 1000, 2**20 - 1, 2**20, 10**9]


def columns(lengths, **given):
    size = len(lengths)
    rest = {name: [0] * size for name in NUMBERS} | {name: [False] * size for name in FLAGS}
    lists = {"reason": [""] * size, "unprinted": [[]] * size, "roles": [[]] * size}
    return {**rest, **lists, "length": lengths, "seen": lengths, **given}


def test_of_nothing_there_is_nothing():
    assert Figures() + Figures() == Figures()
    assert (Figures.of(columns([])).rows, Figures().share) == (0, 0)
    assert (Histogram().mean, Histogram().quantile(0.5), [*Histogram().bins()]) == (0, 0, [])


def test_every_number_is_in_the_bin_that_holds_it():
    for number in NUMBERS_OF_EACH_SIZE:
        (only,) = Histogram.of([number]).bins()
        assert only.low <= number < only.high
        # No bin is wider than a quarter of what it holds.
        assert (only.high - 1 - only.low) * 4 <= max(only.low, 1)


def test_quantiles_are_right_to_within_a_bin():
    random = Random(0)
    numbers = sorted(random.randrange(1, 5000) for _ in range(999))
    histogram = Histogram.of(numbers)
    assert (histogram.least, histogram.most) == (numbers[0], numbers[-1])
    assert histogram.mean == sum(numbers) / 999
    for share in (0.1, 0.5, 0.9, 1.0):
        exact = numbers[round(share * 999) - 1]
        assert exact <= histogram.quantile(share) <= exact * 1.26


@pytest.mark.parametrize("cut", range(1, 6))
def test_the_figures_of_parts_add_up_to_those_of_the_whole(cut):
    given = {
        "length": [5, 9, 0, 7, 100, 3],
        "trained": [1, 9, 0, 0, 30, 2],
        "content": [1, 9, 0, 0, 30, 2],
        "N018": [False, False, False, True, False, False],
        "N017": [False, False, True, False, False, True],
        "reason": ["", "", "no", "", "", "no"],
        "unprinted": [[], ["tools"], [], ["tools"], [], ["name"]],
    }
    whole = columns(**{"lengths": given.pop("length"), **given})
    parts = [{name: values[:cut] for name, values in whole.items()}]
    parts.append({name: values[cut:] for name, values in whole.items()})
    added = Figures.of(parts[0]) + Figures.of(parts[1], cut)
    assert added == Figures.of(whole)
    assert added.notices[NoticeId.RAISES] == Found(2, 2)
    assert added.raised == {"no": Found(2, 2)}
    assert added.unprinted["tools"] == Found(2, 1)
    assert added.shares[-1] == 1  # the row that is trained whole


def test_no_more_names_are_kept_than_people_read():
    figures = Figures()
    for first in range(0, 3000, 100):
        names = [[f"field {at}", "usual"] for at in range(first, first + 100)]
        figures += Figures.of(columns([1] * 100, unprinted=names), first)
    assert len(figures.unprinted) <= 100
    assert figures.unprinted["usual"] == Found(3000, 0)
    assert sum(found.rows for found in figures.unprinted.values()) == 6000
    assert figures.unprinted[OTHERS].rows > 2000
