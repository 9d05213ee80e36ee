"""A failure shows the promise, the conversation and both texts with their masks."""

import json

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
