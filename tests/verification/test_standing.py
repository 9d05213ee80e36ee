"""Faults that the conversations find which every template is checked on."""

import pytest

from rewriter.verification.check import verify_pair
from rewriter.verification.contracts import EQUAL, SAME_TEXT
from rewriter.verification.profile import Profile
from rewriter.verification.standing import standing
from tests.verification.chatml import ORIGINAL, VARIANT, edited

SAID = "        {{- said }}\n        {%- for"
OTHERS = "        {{- said }}\n        {{- '<|im_end|>\\n' }}\n"
RESULT = "        {{- said }}\n        {{- '\\n</tool_response>"
CALLED = "            {{- call.function.arguments | tojson }}\n"


def broken(source: str) -> list[str]:
    conversations = tuple(standing(Profile()))
    report = verify_pair(ORIGINAL, source, EQUAL, "strict", conversations=conversations)
    return sorted({failure.promise for failure in report.failures})


def test_a_right_variant_breaks_nothing():
    assert broken(VARIANT) == []


@pytest.mark.parametrize(
    ("old", "said"),
    [
        (SAID, "(said | trim) if message.tool_calls else said"),
        (SAID, "(said | trim) if message.reasoning_content else said"),
        (RESULT, "said | trim"),
        (OTHERS, "'' if said == messages[0].content and not loop.first else said"),
        (
            OTHERS,
            "'' if loop.index0 and loop.previtem.role == message.role else said",
        ),
    ],
    ids=[
        "white space beside a call",
        "white space beside reasoning",
        "white space in a result",
        "a user who repeats the system message",
        "a second system message",
    ],
)
def test_text_lost_is_found(old, said):
    assert SAME_TEXT in broken(edited(VARIANT, (old, old.replace("said", said, 1))))


def test_an_argument_whose_white_space_is_lost_is_found():
    trimmed = "            {{- call.function.arguments | tojson | replace(' home', 'home') }}\n"
    assert SAME_TEXT in broken(edited(VARIANT, (CALLED, trimmed)))


@pytest.mark.parametrize("arguments", ["", "{}", "null"])
def test_a_string_of_arguments_that_is_taken_for_none_is_found(arguments):
    dropped = CALLED.replace("}}", f"if call.function.arguments != {arguments!r} else '' }}}}")
    assert SAME_TEXT in broken(edited(VARIANT, (CALLED, dropped)))
