import pytest

from rewriter.conversations.rendering import (
    Raised,
    Rendered,
    Renderings,
    oracle,
    render,
    stopped_clock,
)
from rewriter.tracing.conversation import Conversation

pytestmark = pytest.mark.transformers_version

CHAT = Conversation(({"role": "user", "content": "hi"}, {"role": "assistant", "content": "ho"}))


def test_a_render_tells_the_text_and_the_spans_of_its_mask():
    source = (
        "{% for m in messages %}[{% generation %}{{ m.content }}{% endgeneration %}]{% endfor %}"
    )
    assert render(source, CHAT) == Rendered("[hi][ho]", ((1, 3), (5, 7)))


def test_a_template_without_markers_has_an_empty_mask():
    assert render("{{ messages[0].content }}", CHAT) == Rendered("hi", ())


def test_the_flags_and_the_generation_prompt_reach_the_template():
    source = "{{ add_generation_prompt }} {{ enable_thinking }} {{ tools | length }}"
    chat = Conversation(
        CHAT.messages, tools=({},), add_generation_prompt=True, flags={"enable_thinking": False}
    )
    assert render(source, chat) == Rendered("True False 1", ())


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("{{ raise_exception('no') }}", "TemplateError"),
        ("{{ messages[0].content + 1 }}", "TypeError"),
        ("{{ 1 // 0 }}", "ZeroDivisionError"),
        ("{{ messages[9].content }}", "UndefinedError"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "RecursionError"),
        ("{% if %}", "TemplateSyntaxError"),
        ("{{ [].append(1) }}", "SecurityError"),
    ],
)
def test_whatever_a_template_raises_is_an_outcome(source, error):
    outcome = render(source, CHAT)
    assert isinstance(outcome, Raised)
    assert outcome.type == error


def test_the_clock_stands_still_while_templates_render():
    source = "{{ strftime_now('%Y-%m-%d %H:%M:%S.%f') }}"
    assert render(source, CHAT) == render(source, CHAT)


def test_the_clock_runs_again_afterwards():
    from transformers.utils import chat_template_utils

    running = chat_template_utils.datetime
    with stopped_clock(), stopped_clock():
        assert chat_template_utils.datetime is not running
    assert chat_template_utils.datetime is running


def test_an_oracle_that_raises_gives_what_it_raised():
    def refuse(messages, **options):
        raise ValueError("no")

    assert oracle(refuse)(CHAT) == Raised("ValueError", "no")


def test_an_oracle_gets_what_a_render_gets():
    def listed(messages, *, add_generation_prompt, tools, documents, **flags):
        return f"{len(messages)} {add_generation_prompt} {tools} {documents} {flags}"

    chat = Conversation(CHAT.messages, flags={"bos_token": "<s>"})
    assert oracle(listed)(chat) == Rendered("2 False None None {'bos_token': '<s>'}", ())


def test_a_conversation_survives_json():
    chat = Conversation(
        CHAT.messages,
        tools=[{"type": "function"}],
        add_generation_prompt=True,
        flags={"enable_thinking": True},
    )
    assert Conversation.from_json(chat.as_json()).as_json() == chat.as_json()


def test_an_object_without_a_text_of_its_own_is_not_printed_twice_alike_so_it_raises():
    asked = Conversation([{"role": "user", "content": "hi"}])
    outcome = render("{{ messages[0].content.title }}", asked)
    assert isinstance(outcome, Raised)
    assert outcome.message.startswith("<built-in method title of str object")
    assert Renderings()("{{ messages[0].content.title }}", asked) == outcome


def test_words_about_an_address_are_rendered():
    asked = Conversation([{"role": "user", "content": "it is at 0x7ffee4 <there>"}])
    assert isinstance(render("{{ messages[0].content }}", asked), Rendered)
