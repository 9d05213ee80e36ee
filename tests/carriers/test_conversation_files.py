"""Conversations read from JSON, and written so that they can be read again."""

import json
from pathlib import Path

import pytest

from rewriter.carriers.conversations import read_conversations, write_conversation
from rewriter.errors import BadInput

MESSAGES = [{"role": "user", "content": "grüß dich"}]
CHAT = {"messages": MESSAGES, "add_generation_prompt": True, "enable_thinking": False}


@pytest.fixture
def file(tmp_path: Path):
    def written(data: object) -> Path:
        path = tmp_path / "chat.json"
        path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
        return path

    return written


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (CHAT, [CHAT]),
        ([CHAT, CHAT], [CHAT, CHAT]),
        (MESSAGES, [{"messages": MESSAGES, "add_generation_prompt": False}]),
        ([MESSAGES, CHAT], [{"messages": MESSAGES, "add_generation_prompt": False}, CHAT]),
    ],
)
def test_one_or_several_are_read(file, data, expected):
    assert [chat.as_json() for chat in read_conversations(file(data))] == expected


def test_what_is_written_is_read_again(tmp_path: Path):
    path = tmp_path / "chat.json"
    write_conversation(path, CHAT, None)
    assert [chat.as_json() for chat in read_conversations(path)] == [CHAT]
    assert "grüß dich" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "data", [[], {}, 1, {"messages": []}, {"messages": "hi"}, [{"content": "hi"}], [CHAT, 1]]
)
def test_something_else_is_bad_input_that_says_what_is_expected(file, data):
    with pytest.raises(BadInput, match="not a conversation") as caught:
        read_conversations(file(data))
    assert '"messages"' in caught.value.hint


def test_what_is_no_json_is_shown_with_its_place(file):
    with pytest.raises(BadInput, match="not JSON") as caught:
        read_conversations(file('{\n  "messages": hi}'))
    assert (caught.value.line, caught.value.column) == (2, 15)


def test_a_missing_file_is_bad_input(tmp_path: Path):
    with pytest.raises(BadInput, match="no such file"):
        read_conversations(tmp_path / "none.json")
