import pytest

from rewriter.conversations.profiling import probed
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.render import TracedTemplate

TURNS = "{% for m in messages %}{{ m.role ~ ': ' ~ m.content ~ eos_token }}{% endfor %}"
SOURCES = "{% for each in documents %}{{ each.text }}{% endfor %}"
CHAT = [{"role": "user", "content": "now"}, {"role": "assistant", "content": "then"}]


@pytest.mark.parametrize(
    "source",
    [
        TURNS,
        "{% if tools %}{{ tools | tojson }}{% endif %}" + TURNS,
        "{{ today | default('now') }}" + TURNS,
        "{{ raise_exception('no') }}" + TURNS,
    ],
)
def test_a_variable_that_may_be_left_out_is_not_needed(source: str):
    assert TracedTemplate(source).needed == {}


@pytest.mark.parametrize(
    ("source", "names"),
    [
        (SOURCES + TURNS, {"documents"}),
        ("{{ 'Tools: ' + functions }}{{ today }}" + TURNS, {"functions"}),
        ("{{ 'Today: ' + today }}" + SOURCES + TURNS, {"today", "documents"}),
        ("{% for n in range(1, count) %}-{% endfor %}" + TURNS, {"count"}),
        ("{% if not shown %}{{ raise_exception('no') }}{% endif %}" + TURNS, {"shown"}),
        ("{% if shown %}" + TURNS + "{% endif %}", {"shown"}),
    ],
)
def test_a_variable_is_needed_if_no_message_is_printed_without_it(source: str, names: set[str]):
    assert TracedTemplate(source).needed.keys() == names
    assert probed(source).constants.keys() - {"eos_token"} == names


def test_each_trace_has_what_is_needed_unless_it_is_given_otherwise():
    traced = TracedTemplate("{{ 'on ' + today + ': ' }}" + TURNS)
    given = traced.render(CHAT, today="Monday", eos_token="")
    assert given.text == "on Monday: user: nowassistant: then"
    printed = traced.render(CHAT, eos_token="").text
    assert printed.startswith("on ")
    assert printed.endswith(": user: nowassistant: then")


def test_documents_of_a_conversation_come_before_those_that_are_needed():
    given = Conversation(CHAT, documents=({"text": "mine"},), flags={"documents": [{"text": "no"}]})
    assert given.options["documents"] == [{"text": "mine"}]
