"""Edits are applied as they say, and those that meet are an error that names both."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewriter.errors import Conflict
from rewriter.source.edits import Edit, EditGroup, apply, merged, narrowed

TEXT = "one\ntwo three"


def group(*edits: tuple[int, int, str], transform: str = "first") -> EditGroup:
    return EditGroup(tuple(Edit(*edit, transform) for edit in edits))


@st.composite
def text_and_edits(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    """A text, and edits in order that do not overlap."""
    text = draw(st.text("ab\r\n", max_size=30))
    places = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    edits = [
        Edit(start, end, draw(st.text("xyz", max_size=3)))
        for start, end in zip(places[::2], places[1::2], strict=False)
    ]
    return text, edits


def test_no_edit_leaves_the_text_alone():
    assert apply(TEXT, []) == TEXT


@given(text_and_edits())
def test_what_is_not_edited_stays_and_what_is_becomes_the_replacement(drawn):
    text, edits = drawn
    kept = [0, *(edit.end for edit in edits)], [*(edit.start for edit in edits), len(text)]
    expected = ""
    for start, end, edit in zip(*kept, [*edits, None], strict=True):
        expected += text[start:end] + (edit.replacement if edit else "")
    assert apply(text, edits) == expected


@given(text_and_edits())
def test_the_edits_of_one_group_merge_to_themselves(drawn):
    text, edits = drawn
    distinct = list(dict.fromkeys(edits))
    assert apply(text, merged(text, [EditGroup(tuple(edits))])) == apply(text, distinct)


@pytest.mark.parametrize(
    "edits", [[Edit(4, 7, "x"), Edit(0, 1, "y")], [Edit(0, 3, ""), Edit(2, 4, "")]]
)
def test_edits_out_of_order_or_overlapping_are_not_applied(edits: list[Edit]):
    with pytest.raises(ValueError, match="out of order or overlapping"):
        apply(TEXT, edits)


def test_groups_that_stand_apart_are_merged_in_order():
    groups = [group((4, 7, "2"), transform="b"), group((0, 3, "1"), (8, 8, "~"), transform="a")]
    assert apply(TEXT, merged(TEXT, groups)) == "1\n2 ~three"


def test_identical_edits_of_two_groups_are_one_edit():
    found = merged(TEXT, [group((4, 7, "2")), group((4, 7, "2"))])
    assert found == (Edit(4, 7, "2", "first"),)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((4, 7, "x"), (4, 7, "y")),
        ((4, 7, "x"), (6, 9, "y")),
        ((4, 7, "x"), (5, 6, "y")),
        ((4, 7, "x"), (7, 9, "y")),
        ((4, 7, "x"), (7, 7, "y")),
        ((4, 4, "x"), (4, 4, "y")),
        ((0, 13, ""), (4, 7, "y")),
    ],
)
def test_edits_of_two_groups_that_touch_or_overlap_conflict(one, other):
    groups = [group(one, transform="alpha"), group(other, transform="beta")]
    for order in (groups, groups[::-1]):
        with pytest.raises(Conflict) as raised:
            merged(TEXT, order)
        assert "'alpha'" in raised.value.message
        assert "'beta'" in raised.value.message
        assert raised.value.line == 2
        assert raised.value.excerpt == "two three"


@given(st.text("ab", max_size=8), st.text("ab", max_size=8), st.integers(0, 5))
def test_narrowed_edits_do_the_same_and_share_neither_end(old: str, new: str, start: int):
    text = "-" * start + old + "----"
    edits = [Edit(*change) for change in narrowed(start, old, new)]
    assert apply(text, edits) == "-" * start + new + "----"
    for edit in edits:
        left = text[edit.start : edit.end]
        assert start <= edit.start <= edit.end <= start + len(old)
        assert not (left and edit.replacement and left[0] == edit.replacement[0])
        assert not (left and edit.replacement and left[-1] == edit.replacement[-1])


def test_what_is_only_put_around_leaves_the_middle_where_it_is():
    assert narrowed(4, "x.y", "(x.y or 1)") == ((4, 4, "("), (7, 7, " or 1)"))
