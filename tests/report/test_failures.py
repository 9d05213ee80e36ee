"""A failure shows the promise, the conversation and both texts with their masks."""

import json
from dataclasses import replace

from rewriter.errors import Place
from rewriter.report.failures import failure_text
from rewriter.verification.report import Failure

FAILURE = Failure(
    promise="the mask holds the turn end",
    conversation={"messages": [{"role": "user", "content": "grüß dich"}]},
    original="<user>hi<bot>yes",
    variant="<user>hi<bot>yes\r",
    original_mask=(),
    variant_mask=((13, 14), (14, 16)),
)


def test_the_conversation_is_json_as_it_was_written():
    plain = failure_text(FAILURE, brackets=True).plain
    shown = plain[plain.index("{") : plain.rindex("}") + 1]
    assert json.loads(shown) == FAILURE.conversation
    assert "grüß dich" in shown


def test_masked_text_is_in_brackets_and_touching_spans_are_one():
    plain = failure_text(FAILURE, brackets=True).plain
    assert plain.startswith("the mask holds the turn end\n")
    assert "\n<user>hi<bot>yes\n" in plain
    assert "\n<user>hi<bot>⟦yes⟧␍\n" in plain


def test_masked_text_is_in_colour_without_brackets():
    text = failure_text(FAILURE, brackets=False)
    assert "⟦" not in text.plain
    assert any(text.plain[span.start : span.end] == "yes" for span in text.spans)


def test_without_an_original_only_the_variant_is_shown():
    plain = failure_text(replace(FAILURE, original=None), brackets=True).plain
    assert "the original" not in plain
    assert "⟦yes⟧" in plain


def test_what_raises_is_shown_with_its_error():
    raised = replace(FAILURE, original=None, original_error="TypeError: no")
    plain = failure_text(raised, brackets=True).plain
    assert "what the original prints:\n(nothing: it raises TypeError: no)\n" in plain


def test_what_is_expected_takes_the_place_of_what_the_original_prints():
    plain = failure_text(replace(FAILURE, expected="so"), brackets=True).plain
    assert "what the variant should print:\nso\n" in plain
    assert "the original" not in plain


def test_texts_stand_side_by_side_where_there_is_room():
    wide = failure_text(FAILURE, brackets=True, width=200).plain
    assert "what the original prints: │ what the variant prints:\n" in wide
    assert "<user>hi<bot>yes          │ <user>hi<bot>⟦yes⟧␍\n" in wide
    assert " │ " not in failure_text(FAILURE, brackets=True, width=30).plain


def test_the_line_that_printed_the_first_wrong_character_is_shown_with_a_caret():
    failure = replace(FAILURE, at=13, place=Place(3, 4, "{{ message.content }}"))
    plain = failure_text(failure, brackets=True).plain
    assert "the first wrong character, 'y', is printed in line 3, column 4:" in plain
    excerpt, caret = plain.rstrip("\n").split("\n")[-2:]
    assert caret.index("^") == excerpt.index("message")


def test_the_first_wrong_character_has_a_colour_of_its_own():
    text = failure_text(replace(FAILURE, at=13), brackets=False)
    plain = failure_text(FAILURE, brackets=False)
    marked = [span for span in text.spans if span not in plain.spans]
    assert [text.plain[span.start : span.end] for span in marked] == ["y"]
