"""A failure shows the promise, the conversation and both texts with their masks."""

import json
from dataclasses import replace

import pytest

from rewriter.errors import Place
from rewriter.report.failures import failure_text
from rewriter.report.marked import MASKED, WRONG
from rewriter.verification.contracts import KEPT_TURNS
from rewriter.verification.report import Failure

FAILURE = Failure(
    promise="the mask holds the turn end",
    conversation={"messages": [{"role": "user", "content": "grüß dich"}]},
    original="<user>hi<bot>yes",
    variant="<user>hi<bot>yes\r",
    original_mask=(),
    variant_mask=((13, 14), (14, 16)),
)


def shown_conversation(plain: str) -> str:
    """What stands between two headings."""
    return plain.split("shows it:\n")[1].split("what the ")[0]


def test_the_conversation_is_json_as_it_was_written():
    plain = failure_text(FAILURE, brackets=True).plain
    assert json.loads(shown_conversation(plain)) == FAILURE.conversation
    assert "grüß dich" in plain


def test_each_message_and_each_tool_has_a_line():
    conversation = {
        "messages": [{"role": "user", "content": "a\nb"}, {"role": "assistant", "content": None}],
        "tools": [{"type": "function"}],
        "documents": [],
        "add_generation_prompt": False,
    }
    plain = failure_text(replace(FAILURE, conversation=conversation), brackets=True).plain
    shown = shown_conversation(plain)
    assert json.loads(shown) == conversation
    assert shown.splitlines() == [
        '{"messages": [',
        '  {"role": "user", "content": "a\\nb"},',
        '  {"role": "assistant", "content": null}],',
        ' "tools": [',
        '  {"type": "function"}],',
        ' "documents": [],',
        ' "add_generation_prompt": false}',
    ]


def test_masked_text_is_in_brackets_and_touching_spans_are_one():
    plain = failure_text(FAILURE, brackets=True).plain
    assert plain.startswith("broken: the mask holds the turn end\n")
    assert "\n<user>hi<bot>yes\n" in plain
    assert "\n<user>hi<bot>⟦yes⟧␍\n" in plain


def test_masked_text_is_in_colour_without_brackets():
    text = failure_text(FAILURE, brackets=False)
    assert "⟦" not in text.plain
    assert "\n<user>hi<bot>yes␍\n" in text.plain
    coloured = "".join(text.plain[s.start : s.end] for s in text.spans if s.style == MASKED)
    assert coloured == "yes"


def test_a_span_that_holds_nothing_is_seen_in_colour_too():
    empty = replace(FAILURE, variant_mask=((8, 8), (13, 16)))
    assert "hi⟦⟧<bot>⟦yes⟧" in failure_text(empty, brackets=True).plain
    assert "hi⟦⟧<bot>yes" in failure_text(empty, brackets=False).plain


def test_without_an_original_only_the_variant_is_shown():
    plain = failure_text(replace(FAILURE, original=None), brackets=True, width=200).plain
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


def test_what_is_wrong_is_pointed_at_from_the_start_of_its_token():
    differs = replace(FAILURE, original="<user>a<user>", variant="<user>a<used>", at=11)
    plain = failure_text(replace(differs, variant_mask=()), brackets=True, width=99).plain
    assert "<user>a▸<user>" in plain
    assert "<user>a▸<used>" in plain


def test_a_wrong_mask_is_pointed_at_in_the_variant_only():
    plain = failure_text(replace(FAILURE, variant=FAILURE.original, at=13), brackets=True).plain
    assert "\n<user>hi<bot>yes\n" in plain
    assert "\n<user>hi<bot>▸⟦yes⟧\n" in plain


def test_what_is_missing_at_the_end_is_pointed_at():
    short = replace(FAILURE, variant="<user>hi<bot>", variant_mask=(), at=13)
    assert "\n<user>hi<bot>▸yes\n" in failure_text(short, brackets=True).plain
    assert "\n<user>hi<bot>▸\n" in failure_text(short, brackets=True).plain
    assert "\n<user>hi<bot> \n" in failure_text(short, brackets=False).plain


def test_a_line_end_that_is_wrong_is_seen():
    broken = replace(FAILURE, variant="<user>hi\n<bot>yes", variant_mask=(), at=8)
    assert "<user>hi▸↵\n<bot>yes" in failure_text(broken, brackets=True).plain


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        (replace(FAILURE, variant=FAILURE.original, at=13), "'yes' is in the mask, and is printed"),
        (replace(FAILURE, variant=FAILURE.original, at=0), "'<user>' is not in the mask, and is"),
        (replace(FAILURE, at=16), "the variant has '\\r' there, which is printed"),
        (replace(FAILURE, variant="<user>", at=6), "the variant's text ends there; its"),
        (replace(FAILURE, promise=KEPT_TURNS, at=13), "'yes', printed instead of the expected"),
    ],
)
def test_what_is_wrong_is_said_beside_the_line_that_printed_it(failure, sentence):
    plain = failure_text(replace(failure, place=Place(3, 4, "{{ x }}")), brackets=True).plain
    assert sentence in plain
    assert " is printed in line 3, column 4:\n" in plain


def test_the_line_that_printed_what_is_wrong_has_a_caret():
    failure = replace(FAILURE, at=13, place=Place(3, 4, "{{ message.content }}"))
    plain = failure_text(failure, brackets=True).plain
    excerpt, caret = plain.rstrip("\n").split("\n")[-2:]
    assert caret.index("^") == excerpt.index("message")


def test_what_is_wrong_has_a_colour_of_its_own():
    text = failure_text(replace(FAILURE, variant=FAILURE.original, at=13), brackets=False)
    marked = [text.plain[span.start : span.end] for span in text.spans if span.style == WRONG]
    assert marked == ["yes"]
