"""Which line of the source printed the first wrong character."""

import pytest
from releases import sees_first_block

from rewriter.conversations.rendering import oracle
from rewriter.errors import Place
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.render import TracedTemplate
from rewriter.verification.blame import Culprit, printed_by
from rewriter.verification.check import verify_pair
from rewriter.verification.contracts import EQUAL, SAME_TEXT, STILL_RENDERS, differs
from rewriter.verification.mask_promises import HEADER as HEADER_OUTSIDE
from tests.verification.chatml import HEADER, OPEN, ORIGINAL, VARIANT, edited

CHAT = Conversation(({"role": "user", "content": "hi"},))


def place(source: str, printed: str) -> tuple[int, int]:
    """Line and column of what printed the first character of ``printed``."""
    traced = TracedTemplate(source)
    at = traced.render(CHAT.messages).text.index(printed)
    found = printed_by(traced, CHAT, at)
    assert found is not None
    return found.place.line, found.place.column


@pytest.mark.parametrize(
    ("source", "printed", "expected"),
    [
        ("ab\ncd", "d", (2, 2)),
        ("{{ 'ab' }}", "b", (1, 6)),
        ("{{ messages[0].content }}", "h", (1, 1)),
        ("{{ 'a' +\n   messages[0].content + 'b' }}", "h", (2, 4)),
        ("{{ 'a' +\n   messages[0].content + 'b' }}", "b", (2, 27)),
        ("{% set v = 'ab' %}\n{{ v }}", "b", (2, 1)),
        ("{% set v %}ab{% endset %}\n{{ v }}", "b", (2, 1)),
        ("{% macro m() %}\n{{ 'ab' }}{% endmacro %}\n{{ m() }}", "b", (2, 6)),
        ("{% for m in messages %}\n  {{ m.content | upper }}\n{% endfor %}", "HI", (2, 3)),
        ("{% generation %}\n{{ 'ab' }}{% endgeneration %}", "b", (2, 6)),
    ],
)
def test_a_character_is_traced_to_what_printed_it(source, printed, expected):
    assert place(source, printed) == expected


def test_after_the_text_it_is_what_printed_the_last_character():
    found = printed_by(TracedTemplate("a\n{{ 'b' }}"), CHAT, 3)
    assert found == Culprit(2, Place(2, 5, "{{ 'b' }}"), start=2, end=3, after=True)


def test_what_the_same_piece_printed_around_a_character_is_told():
    source = "a{% for m in messages %}{{ '<' + m.content + '>' }}{% endfor %}b"
    found = printed_by(TracedTemplate(source), CHAT, 2)
    assert found is not None
    assert (found.start, found.end, found.turn, found.after) == (1, 5, 0, False)


def test_of_no_text_nothing_is_known():
    assert printed_by(TracedTemplate(""), CHAT, 0) is None
    assert printed_by(TracedTemplate("{{ raise_exception('') }}"), CHAT, 0) is None


@sees_first_block
def test_a_masked_header_is_shown_where_it_is_printed():
    wrong = edited(VARIANT, (HEADER + OPEN, OPEN + HEADER))
    (failure,) = verify_pair(ORIGINAL, wrong, EQUAL, "strict", examples=20).failures
    assert (failure.promise, failure.at) == (HEADER_OUTSIDE, 0)
    assert failure.place is not None
    assert failure.place.excerpt == HEADER.rstrip("\n")
    assert failure.place.column == HEADER.index("<|im") + 1


def test_a_difference_is_shown_where_it_is_printed():
    wrong = edited(VARIANT, ("'\\n<tool_call>\\n'", "'\\n<toolcall>\\n'"))
    (failure,) = verify_pair(ORIGINAL, wrong, EQUAL, "strict", examples=20).failures
    assert failure.promise == SAME_TEXT
    assert failure.variant[failure.at :].startswith("call>")
    assert failure.place.excerpt[failure.place.column - 1 :].startswith("call>")


def test_a_conversation_that_raises_has_no_place_but_an_error():
    wrong = edited(VARIANT, ("{{- said }}\n        {%- for", "{{- said + 1 }}\n        {%- for"))
    failures = verify_pair(ORIGINAL, wrong, EQUAL, "strict", examples=20).failures
    failure = next(each for each in failures if each.promise == STILL_RENDERS)
    assert (failure.at, failure.place, failure.variant) == (None, None, None)
    assert failure.variant_error.startswith("TypeError: ")


def test_what_an_oracle_expects_is_told():
    expected = oracle(lambda _, **__: "ab\nc")
    report = verify_pair(
        "x",
        "ab\n{{ 'd' }}{% generation %}e{% endgeneration %}",
        differs(oracle=expected),
        "strict",
        conversations=(CHAT,),
    )
    failure = report.failures[0]
    assert (failure.expected, failure.at) == ("ab\nc", 3)
    assert failure.place == Place(2, 5, "{{ 'd' }}{% generation %}e{% endgeneration %}")
