"""The strategies as somebody else uses them."""

import doctest
import subprocess
import sys

from hypothesis import given

from rewriter import strategies
from rewriter.strategies import Conversation, conversations, messages, profile, render

STRICT = """{%- for message in messages %}
    {%- if message.role != ('user' if loop.index0 % 2 == 0 else 'assistant') %}
        {{- raise_exception('users and assistants take turns') }}
    {%- endif %}
    {{- '[' + message.role + ']' + message.content }}
{%- endfor %}"""
ALTERNATING = profile(STRICT)


def test_the_example_in_the_documentation_runs():
    assert doctest.testmod(strategies).failed == 0
    assert doctest.testmod(strategies).attempted > 3


@given(conversations())
def test_a_conversation_survives_json(conversation):
    assert Conversation.from_json(conversation.as_json()).as_json() == conversation.as_json()


@given(messages())
def test_messages_are_plain_lists_of_dicts(given_messages):
    assert isinstance(given_messages, list)
    assert all(type(message) is dict and "role" in message for message in given_messages)
    given_messages[0].clear()


def test_most_conversations_that_follow_a_profile_render():
    rendered = []

    @given(conversations(ALTERNATING))
    def collect(conversation):
        rendered.append(isinstance(render(STRICT, conversation), strategies.Rendered))

    collect()
    assert sum(rendered) / len(rendered) > 3 / 4


def test_hypothesis_is_loaded_by_the_strategies_only():
    code = "import sys, rewriter.strategies; print('hypothesis' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "False"


def test_they_are_there_after_the_plain_import():
    code = "import rewriter; print(rewriter.strategies.__name__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "rewriter.strategies\n"
