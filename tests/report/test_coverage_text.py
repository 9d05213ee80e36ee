"""What a verification reached, in words."""

from rewriter.conversations.coverage import Coverage, Output, Reached
from rewriter.errors import Place
from rewriter.report.coverage import coverage_line, coverage_text
from rewriter.tracing.branches import Branch
from rewriter.tracing.conversation import Conversation

CHAT = Conversation([{"role": "assistant", "content": "a"}])
PLACE = Place(2, 3, "  {{ x }}")
REACHED = Reached(Branch(0, "item", None), Place(1, 1, "x"), CHAT, frozenset({"assistant"}))
MISSED = Reached(Branch(5, "then", None), PLACE, None, frozenset())
IN_A_TURN = Reached(Branch(5, "then", 0), PLACE, None, frozenset())
IMPOSSIBLE = Reached(Branch(5, "else", None), PLACE, None, frozenset(), impossible=True)


def test_of_a_template_that_is_reached_as_a_whole_nothing_is_listed():
    coverage = (Coverage((REACHED,), (Output(PLACE, CHAT),)),)
    assert coverage_text(coverage, ["a.jinja"]) == ""
    assert coverage_line(coverage) == "reached 1 of 1 branches of the template"


def test_a_line_says_how_many_were_reached_and_what_that_means_for_the_mask():
    original, variant = Coverage((REACHED, MISSED, IMPOSSIBLE)), Coverage((REACHED, IN_A_TURN))
    assert coverage_line((original, variant)) == (
        "reached 1 of 2 branches of the original (1 more cannot be), 1 of 2 branches of the "
        "variant; of 1 in the assistant's turn the mask is unknown"
    )


def test_what_was_missed_is_listed_with_its_place():
    variant = Coverage((REACHED, IN_A_TURN, IMPOSSIBLE), (Output(PLACE, None),))
    text = coverage_text((Coverage((REACHED,)), variant), ["a.jinja", "b.jinja"])
    assert [line for line in text.splitlines() if ".jinja" in line] == [
        "b.jinja:2:3: cannot be reached: else",
        "b.jinja:2:3: not printed",
        "b.jinja:2:3: not reached: then, in the assistant's turn",
    ]
    assert "{{ x }}" in text
