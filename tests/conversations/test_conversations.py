import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rewriter.conversations.draft import Draft
from rewriter.conversations.drafting import drawn, generated
from rewriter.conversations.kinds import KINDS, SHAPES, kind_of, shape_of
from rewriter.conversations.vocabulary import ARGUMENTS, PHRASES, REASONING_FIELDS


@pytest.fixture(scope="module")
def many() -> tuple[Draft, ...]:
    """More than are shipped."""
    return generated(1500, 0)


@pytest.fixture(scope="module")
def messages(many: tuple[Draft, ...]) -> list[Mapping[str, Any]]:
    return [message for draft in many for message in draft.conversation.messages]


@pytest.fixture(scope="module")
def calls(messages: list[Mapping[str, Any]]) -> list[Any]:
    return [call for message in messages for call in message.get("tool_calls", ())]


@pytest.mark.parametrize("kind", ["user", "assistant", "tool", "system"])
def test_every_shape_of_content_is_used(kind, messages):
    assert {shape_of(m) for m in messages if kind_of(m) == kind} == set(SHAPES)


def test_every_kind_of_message_ends_a_conversation_and_follows_itself(many):
    turns = [[kind_of(message) for message in draft.conversation.messages] for draft in many]
    assert {kinds[-1] for kinds in turns} == set(KINDS)
    twice = {a for kinds in turns for a, b in pairwise(kinds) if a == b}
    assert {"user", "assistant", "calls", "tool", "system"} <= twice


def test_every_phrase_and_every_form_of_arguments_is_used(messages, calls):
    said = json.dumps(messages, ensure_ascii=False)
    assert [p for p in PHRASES if json.dumps(p, ensure_ascii=False)[1:-1] not in said] == []
    given = [call.get("function", call)["arguments"] for call in calls]
    assert [arguments for arguments in ARGUMENTS if arguments not in given] == []


def test_reasoning_is_given_under_each_of_its_names(messages):
    counts = Counter(name for message in messages for name in REASONING_FIELDS if name in message)
    assert set(counts) == set(REASONING_FIELDS)


def test_tool_calls_come_with_and_without_wrapper_and_id(calls):
    assert {("function" in call, "id" in call) for call in calls} == {
        (True, True),
        (True, False),
        (False, True),
        (False, False),
    }


def test_up_to_three_tools_are_called_at_once(messages):
    assert {len(message["tool_calls"]) for message in messages if "tool_calls" in message} == {
        1,
        2,
        3,
    }


def test_some_drafts_stay_wild_but_few(many):
    wild = sum(draft.wild for draft in many) / len(many)
    assert 0.03 < wild < 0.2


def test_every_draft_is_json(many):
    for draft in many:
        data = draft.conversation.as_json()
        assert json.loads(json.dumps(data)) == data


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_a_seed_gives_the_same_drafts_in_every_process(hash_seed, tmp_path):
    program = (
        "import sys, json; from rewriter.conversations.drafting import generated;"
        "sys.stdout.write(json.dumps([d.conversation.as_json() for d in generated(300, 5)]))"
    )
    paths = os.pathsep.join(filter(None, sys.path))
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(result.stdout) == [d.conversation.as_json() for d in generated(300, 5)]
    assert list(tmp_path.iterdir()) == []


def test_another_seed_gives_other_drafts():
    assert generated(50, 1) != generated(50, 2)


def test_drafts_are_drawn_within_a_test_whose_recursion_limit_somebody_changed():
    @settings(max_examples=1, database=None)
    @given(st.none())
    def test(_: None) -> None:
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(limit + 50)
        try:
            assert drawn.__wrapped__(3, 1) == drawn(3, 1)
        finally:
            sys.setrecursionlimit(limit)

    test()
