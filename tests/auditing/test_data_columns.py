"""Which columns hold a conversation, guessed and given."""

import pytest

from rewriter.auditing.columns import Columns
from rewriter.auditing.guessed_columns import guessed_columns
from rewriter.errors import BadInput
from rewriter.tracing.installed_transformers import masks_what_overlaps

ASKED = {"role": "user", "content": "what now"}
SHARED = [{"from": "human", "value": "what now"}, {"from": "gpt", "value": "this"}]


def guessed(row, given=None, roles=None):
    return guessed_columns(row, [row], given or {}, roles or {})


def test_without_messages_there_is_nothing_to_audit():
    with pytest.raises(BadInput, match="no column holds messages") as error:
        guessed({"text": "what now", "id": 1})
    assert "--column" in error.value.hint


def test_a_column_that_is_named_must_be_there():
    with pytest.raises(BadInput, match="no column 'chat'"):
        guessed({"messages": [ASKED]}, {"messages": "chat"})
    with pytest.raises(BadInput, match="no 'mesages'"):
        guessed({"messages": [ASKED]}, {"mesages": "messages"})


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"messages": [ASKED]}, "messages"),
        ({"messages": [ASKED], "tools": "[]"}, "messages, tools"),
        ({"prompt": [ASKED], "completion": [ASKED]}, "prompt, completion"),
        ({"turns": [ASKED], "id": 1}, "messages from 'turns'"),
        (
            {"conversations": SHARED},
            (
                "messages from 'conversations', role from 'from', content from 'value', "
                "human is user, gpt is assistant"
            ),
        ),
    ],
)
def test_the_mapping_is_guessed_and_told(row, told):
    assert str(guessed(row)) == told


def test_sharegpt_s_messages_become_transformers():
    row = {"conversations": SHARED}
    (asked, said) = guessed(row).example(row).messages
    assert asked == ASKED
    assert said == {"role": "assistant", "content": "this"}


def test_what_is_given_comes_before_what_is_guessed():
    row = {"messages": [ASKED], "chat": [{"who": "human", "role": "boss", "content": "what now"}]}
    columns = guessed(row, {"messages": "chat", "role": "who"}, {"human": "user"})
    (message,) = columns.example(row).messages
    assert message == ASKED


def test_a_role_is_left_as_it_is_where_that_is_said():
    row = {"conversations": SHARED}
    columns = guessed(row, roles={"human": "human"})
    assert [each["role"] for each in columns.example(row).messages] == ["human", "assistant"]


def test_tools_and_messages_may_be_json():
    row = {"messages": '[{"role": "user", "content": "hi"}]', "tools": '[{"name": "look"}]'}
    example = guessed(row).example(row)
    assert example.messages == [{"role": "user", "content": "hi"}]
    assert example.tools == [{"name": "look"}]


@pytest.mark.skipif(not masks_what_overlaps(), reason="it is there before transformers 5.24")
def test_what_is_none_is_not_there():
    row = {"messages": [{**ASKED, "tool_calls": None}], "tools": None}
    assert Columns(messages="messages").example(row).messages == [ASKED]
