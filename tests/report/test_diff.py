"""Diffs that ``patch`` and git can read."""

from rewriter.source.diff import coloured, unified_diff


def test_equal_texts_have_no_diff():
    assert unified_diff("a\nb", "a\nb", "old", "new") == ""


def test_a_changed_line_is_shown_with_the_names_of_both():
    assert unified_diff("a\nb\n", "a\nc\n", "old", "new") == (
        "--- old\n+++ new\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n"
    )


def test_a_missing_final_newline_is_said():
    assert unified_diff("a", "b\n", "old", "new").endswith("-a\n\\ No newline at end of file\n+b\n")


def test_lines_end_at_a_line_feed_alone():
    assert "-a\u2028b\r\n" in unified_diff("a\u2028b\r\n", "c\n", "old", "new")


def test_colours_change_no_character():
    diff = unified_diff("a\nb", "a\nc", "old", "new")
    assert coloured(diff).plain == diff
