"""Side by side where there is room, else not at all."""

from rich.text import Text

from rewriter.report.columns import in_columns, stacked

PANELS = [(Text("one:"), Text("ab\nc")), (Text("other:"), Text("ab\nd\ne"))]


def plain(width: int, panels=PANELS) -> list[str]:
    return [row.plain for row in in_columns(panels, width)]


def test_one_text_has_nothing_beside_it():
    assert plain(80, PANELS[:1]) == []


def test_without_room_they_are_not_put_side_by_side():
    assert plain(0) == []
    assert plain(len("one: │ other:")) != plain(len("one: │ other:") - 1) == []


def test_a_line_that_is_too_long_goes_on_in_its_column():
    long = "0123456789" * 4
    rows = plain(60, [(Text("one:"), Text(f"{long}\nx")), (Text("other:"), Text(f"{long}!\nx"))])
    assert rows == [
        f"{'one:':28} │ other:",
        f"{long[:28]} │ {long[:28]}",
        f"{long[28:]:28} │ {long[28:]}!",
        f"{'x':28} │ x",
    ]


def lines(count: int, last: str) -> Text:
    return Text("\n".join([*map(str, range(count)), last]))


def test_plain_lines_far_from_what_differs_are_left_out_on_both_sides():
    panels = [(Text("one:"), lines(9, "a")), (Text("other:"), lines(9, "b"))]
    assert plain(80, panels)[1:] == [
        "⋮ 7 lines │ ⋮ 7 lines",
        "7         │ 7",
        "8         │ 8",
        "a         │ b",
    ]
    assert [row.plain for row in stacked(panels)] == [
        *("one:", "⋮ 7 lines", "7", "8", "a"),
        *("other:", "⋮ 7 lines", "7", "8", "b"),
    ]


def test_what_is_marked_is_never_left_out():
    marked = lines(9, "a")
    marked.stylize("red", 0, 1)
    assert [row.plain for row in stacked([(Text("one:"), marked)])] == [
        *("one:", "0", "1", "2", "⋮ 7 lines")
    ]


def test_where_nothing_differs_nothing_is_left_out():
    assert len(stacked([(Text("one:"), lines(9, "a"))])) == 11


def test_lines_stand_beside_their_counterparts():
    assert plain(80) == ["one: │ other:", "ab   │ ab", "c    │ d", "     │ e"]


def test_wide_characters_and_tabs_leave_the_columns_straight():
    assert plain(80, [(Text("one:"), Text("日本\ta")), (Text("other:"), Text("b"))])[1:] == [
        "日本␉a │ b"
    ]


def test_styles_stay_with_their_characters():
    text = Text("ab\ncd")
    text.stylize("red", 1, 4)
    rows = in_columns([(Text("one:"), text), (Text("other:"), Text("e"))], 80)
    styled = [row.plain[span.start : span.end] for row in rows for span in row.spans if span.style]
    assert styled == ["b", "c"]
