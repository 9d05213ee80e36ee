"""The report as JSON."""

import json

from rewriter.conversations.coverage import Coverage, Output, Reached
from rewriter.errors import Place
from rewriter.report.data import report_data
from rewriter.tracing.branches import Branch
from rewriter.tracing.conversation import Conversation
from rewriter.verification.preconditions.finding import Finding
from rewriter.verification.report import Failure, Report

PLACE = Place(2, 3, "  {{ x }}")


def test_a_report_without_failures_has_empty_lists():
    assert report_data(Report((), 7, 1)) == {
        "version": 1,
        "ok": True,
        "conversations": 7,
        "raised": 1,
        "judged": 0,
        "steered": 0,
        "text_proof": None,
        "unproven": [],
        "failures": [],
        "coverage": [],
        "findings": [],
        "notices": [],
    }


def test_each_branch_and_output_is_told_with_the_conversation_that_reached_it_first():
    chat = Conversation([{"role": "assistant", "content": "a"}])
    then, other = Branch(5, "then", None), Branch(5, "no branch", None)
    reached = Reached(then, PLACE, chat, frozenset({"assistant"}))
    missed = Reached(Branch(9, "then", 0), PLACE, None, frozenset())
    impossible = Reached(other, PLACE, None, frozenset(), impossible=True)
    outputs = (Output(PLACE, chat), Output(Place(4, 1, "b"), None))
    found = Coverage((reached, impossible, missed), outputs)
    (coverage,) = report_data(Report((), 1, 0, coverage=(found,)))["coverage"]
    place = {"line": 2, "column": 3, "excerpt": "  {{ x }}"}
    assert coverage == {
        "reached": 1,
        "branches": 3,
        "missed": [{"kind": "then", "place": place, "assistant": True}],
        "impossible": [{"kind": "no branch", "place": place}],
        "outputs": 2,
        "unprinted": [{"line": 4, "column": 1, "excerpt": "b"}],
        "first": [
            {
                "conversation": chat.as_json(),
                "branches": [{"kind": "then", "place": place}],
                "outputs": [place],
            },
        ],
    }


def test_everything_that_a_failure_and_a_finding_tell_is_there():
    failure = Failure(
        "a promise",
        {"messages": []},
        original=None,
        variant="ab",
        variant_mask=((0, 1),),
        original_error="TypeError: no",
        expected="ac",
        at=1,
        place=PLACE,
    )
    finding = Finding("jump", "what is wrong", "what to do", PLACE)
    data = report_data(Report((failure,), 7, 1, findings=(finding,)))
    place = {"line": 2, "column": 3, "excerpt": "  {{ x }}"}
    assert data["failures"] == [
        {
            "promise": "a promise",
            "conversation": {"messages": []},
            "original": {"text": None, "mask": [], "error": "TypeError: no"},
            "variant": {"text": "ab", "mask": [[0, 1]], "error": None},
            "expected": "ac",
            "at": 1,
            "place": place,
            "original_place": None,
        }
    ]
    assert data["findings"] == [
        {
            "kind": "jump",
            "message": "what is wrong",
            "hint": "what to do",
            "place": place,
            "harmless": False,
        }
    ]
    assert not data["ok"]
    assert json.loads(json.dumps(data)) == data


def test_where_there_is_no_original_there_is_null():
    failure = Failure("a promise", {"messages": []}, original=None, variant="ab")
    assert report_data(Report((failure,), 1, 0))["failures"][0]["original"] is None
