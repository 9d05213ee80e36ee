"""How many lines of the original an edit touches."""

from dataclasses import dataclass

import pytest

from rewriter.report.outcome import lines_touched

SOURCE = "one\ntwo\nthree"


@dataclass(frozen=True)
class Place:
    start: int
    end: int


@pytest.mark.parametrize(
    ("edits", "lines"),
    [
        ([], 0),
        ([Place(0, 0)], 1),
        ([Place(0, 3), Place(1, 2)], 1),
        ([Place(0, 4)], 1),
        ([Place(0, 5)], 2),
        ([Place(13, 13), Place(4, 4)], 2),
    ],
)
def test_each_line_counts_once(edits: list[Place], lines: int):
    assert lines_touched(SOURCE, edits) == lines
