"""Side by side where there is room, else not at all."""

from rich.text import Text

from rewriter.report.columns import beside

PANELS = [(Text("one:"), Text("ab\nc")), (Text("other:"), Text("ab\nd\ne"))]


def plain(width: int, panels=PANELS) -> list[str]:
    return [row.plain for row in beside(panels, width)]


def test_one_text_has_nothing_beside_it():
    assert plain(80, PANELS[:1]) == []


def test_without_room_they_are_not_put_side_by_side():
    assert plain(0) == []
    assert plain(len("one: │ other:")) != plain(len("one: │ other:") - 1) == []


def test_lines_stand_beside_their_counterparts():
    assert plain(80) == ["one: │ other:", "ab   │ ab", "c    │ d", "     │ e"]


def test_wide_characters_and_tabs_leave_the_columns_straight():
    assert plain(80, [(Text("one:"), Text("日本\ta")), (Text("other:"), Text("b"))])[1:] == [
        "日本␉a │ b"
    ]


def test_styles_stay_with_their_characters():
    text = Text("ab\ncd")
    text.stylize("red", 1, 4)
    rows = beside([(Text("one:"), text), (Text("other:"), Text("e"))], 80)
    styled = [row.plain[span.start : span.end] for row in rows for span in row.spans if span.style]
    assert styled == ["b", "c"]
