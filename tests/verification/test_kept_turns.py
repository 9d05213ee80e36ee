"""Which conversations show whether later messages change an assistant's turn."""

from typing import Any

import pytest

from rewriter.tracing.conversation import Conversation
from rewriter.verification.kept_turns import is_answered, with_own_identifiers

ASKED = {"role": "user", "content": "Why?"}
ANSWER = {"role": "assistant", "content": "Because."}


def called(identifier: str) -> dict[str, Any]:
    call = {"id": identifier, "type": "function", "function": {"name": "look", "arguments": {}}}
    return {"role": "assistant", "content": "", "tool_calls": [call]}


def result(identifier: str) -> dict[str, str]:
    return {"role": "tool", "tool_call_id": identifier, "content": "found"}


@pytest.mark.parametrize(
    "later",
    [[], [ANSWER], [ASKED, ANSWER, {"role": "system", "content": "Be brief."}]],
    ids=["nothing", "the assistant", "an instruction"],
)
def test_no_trainer_lets_a_turn_be_followed_by(later: list[dict[str, str]]) -> None:
    assert not is_answered([ASKED, ANSWER, *later], 2)


@pytest.mark.parametrize("later", [[ASKED], [ASKED, ANSWER]], ids=["a question", "both"])
def test_a_turn_is_answered_by(later: list[dict[str, str]]) -> None:
    assert is_answered([ASKED, ANSWER, *later], 2)


def test_a_call_of_a_later_message_gets_an_identifier_of_its_own() -> None:
    turns = [ASKED, called("one"), result("one")]
    own = with_own_identifiers(Conversation((*turns, *turns))).messages
    assert list(own[:3]) == turns
    (call,) = own[4]["tool_calls"]
    assert call["id"] != "one"
    assert own[5]["tool_call_id"] == call["id"]


def test_calls_of_one_message_that_share_an_identifier_are_left_alone() -> None:
    call = called("one")["tool_calls"][0]
    twice = {"role": "assistant", "content": "", "tool_calls": [call, call]}
    conversation = Conversation((ASKED, twice, result("one")))
    assert with_own_identifiers(conversation).as_json() == conversation.as_json()
