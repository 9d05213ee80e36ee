"""Faults that the conversations find which every template is checked on."""

import pytest

from rewriter.conversations.fixed import fixed_conversations
from rewriter.conversations.profile import Profile
from rewriter.conversations.profiling import probed
from rewriter.verification.check import verify_pair
from rewriter.verification.contracts import EQUAL, SAME_TEXT
from tests.verification.chatml import ORIGINAL, VARIANT, edited

SAID = "        {{- said }}\n        {%- for"
OTHERS = "        {{- said }}\n        {{- '<|im_end|>\\n' }}\n"
RESULT = "        {{- said }}\n        {{- '\\n</tool_response>"
CALLED = "            {{- call.function.arguments | tojson }}\n"


def broken(source: str) -> list[str]:
    conversations = tuple(fixed_conversations(Profile()))
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


SAYING = (
    "{%% for m in messages %%}%s"
    "{%% generation %%}{{ m.content }}{%% endgeneration %%}{%% endfor %%}"
)


@pytest.mark.parametrize(
    "rare",
    [
        "{{ 'x' if m.thinking and m.thinking != m.thinking | trim and messages | length == 2 }}",
        (
            "{% if m.tool_calls %}{{ raise_exception('no') if m.thinking }}"
            "{{ 'x' if m.content is string and m.content != m.content | trim }}{% endif %}"
        ),
        "{{ 'x' if m.reasoning and m.reasoning != m.reasoning_content }}",
        "{{ 'x' if m.role == 'system' and m.content is not defined }}",
        "{{ 'x' if m.role == 'tool' and not m.name and messages[1].tool_calls is none }}",
        "{{ 'x' if m.role == 'tool' and m.name and m.name != m.name | trim }}",
        "{% for each in m.tool_responses or [] if each.response is mapping %}x{% endfor %}",
        "{{ 'x' if '<w>' in m.content | string and m.tool_calls and not loop.last }}",
        "{{ 'x' if m.tool_calls and 'false' in m.tool_calls | tojson }}",
        "{% for t in tools or [] if t.function and t.function.keys() | length == 2 %}x{% endfor %}",
        "{{ 'x' if '" + f'"{"a" * 31}":' + "' in tools | tojson }}",
        "{% for mood in moods or [] if mood == 'calm' and moods | length == 1 %}x{% endfor %}",
    ],
    ids=[
        "white space of reasoning without a call",
        "white space beside a call that is refused with reasoning",
        "two texts of reasoning",
        "a system message without content",
        "no calls, before a result that only an id names",
        "white space of a result's name",
        "a result in the message that called",
        "what is looked for, beside a call of long ago",
        "a false argument",
        "a tool without parameters",
        "a name of some length",
        "one of several values of a flag",
    ],
)
def test_what_is_printed_rarely_is_missed_where_it_is_lost(rare):
    original = SAYING % rare
    conversations = tuple(fixed_conversations(probed(original)))
    report = verify_pair(original, SAYING % "", EQUAL, "strict", conversations=conversations)
    assert SAME_TEXT in {failure.promise for failure in report.failures}
