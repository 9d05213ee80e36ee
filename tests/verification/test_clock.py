"""No verdict, label or render depends on the hour, or on chance."""

import random

import pytest

from rewriter.conversations.first_look import FirstLook
from rewriter.conversations.rendering import Rendered, render
from rewriter.conversations.second_versions import THROUGH_A_YEAR
from rewriter.tracing.clock import LATER, STOPPED, asks_the_time
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.render import TracedTemplate
from tests.verification.faulty import found

ASKED = ({"role": "user", "content": "what now"},)
TELLS = "{{ strftime_now('%A %d %B %Y %I:%M:%S %p') }}"
DRAWS = "{% for n in range(20) %}{{ ['a', 'b', 'c', 'd'] | random }}{% endfor %}"


def printed(source, conversation):
    """What transformers prints, what a first look sees and what is traced, if they agree."""
    outcome = render(source, conversation)
    assert isinstance(outcome, Rendered)
    assert FirstLook(None, source).outcomes(conversation).variant == outcome
    if conversation.now == STOPPED:
        assert TracedTemplate(source).render(conversation.messages).text == outcome.text
    return outcome.text


@pytest.mark.parametrize("source", [TELLS, DRAWS, "{{ lipsum(n=1) }}"])
def test_every_render_is_told_the_same_and_two_times_differ(source):
    early, late = (printed(source, Conversation(ASKED, now=now)) for now in (STOPPED, LATER))
    assert early == printed(source, Conversation(ASKED))
    assert early != late


def test_the_two_times_share_no_part_of_a_date():
    parts = ("%Y", "%y", "%m", "%d", "%A", "%a", "%B", "%b", "%H", "%I", "%M", "%S", "%p", "%j")
    assert [part for part in parts if STOPPED.strftime(part) == LATER.strftime(part)] == []
    assert STOPPED.day < 10 <= LATER.day


def test_a_year_has_every_month_weekday_and_both_halves_of_a_day():
    assert {each.month for each in THROUGH_A_YEAR} == set(range(1, 13))
    assert {each.weekday() for each in THROUGH_A_YEAR} == set(range(7))
    assert {each.strftime("%p") for each in THROUGH_A_YEAR} == {"AM", "PM"}


@pytest.mark.parametrize(
    ("asked", "old", "new"),
    [("%A", "Sunday", "SUN"), ("%A", "Wednesday", "WED"), ("%B", "May", "5")],
)
def test_a_day_or_a_month_that_is_named_otherwise_is_found(asked, old, new):
    template = (
        "{{ '[RULE] ' + {'Sunday': 'Sunday', 'Wednesday': 'Wednesday', 'May': 'May'}"
        ".get(strftime_now('" + asked + "'), 'another') + '\n' }}"
        "{% for m in messages %}{% if m.role == 'assistant' %}«{{ m.content + '<|end|>' }}»"
        "{% else %}{{ '[' + m.role + ']' + m.content + '[SAY]' }}{% endif %}{% endfor %}"
    )
    assert found(template, f"'{old}': '{old}'", f"'{old}': '{new}'")


def test_python_s_own_draws_are_left_as_they_were():
    random.seed(1)
    expected = [random.random() for _ in range(3)]
    random.seed(1)
    drawn = []
    for _ in range(3):
        drawn.append(random.random())
        printed(DRAWS, Conversation(ASKED))
    assert drawn == expected


def test_the_time_of_a_conversation_stands_in_its_data():
    late = Conversation(ASKED, now=LATER)
    assert late.as_json()["strftime_now"] == LATER.isoformat()
    assert Conversation.from_json(late.as_json()).now == LATER
    assert "strftime_now" not in Conversation(ASKED).as_json()


@pytest.mark.parametrize("written", [None, 3, "noon"])
def test_what_is_no_time_is_taken_for_the_usual_one(written):
    data = {"messages": [*ASKED], "strftime_now": written}
    assert Conversation.from_json(data) == Conversation([*ASKED])


def test_only_what_may_depend_on_the_time_or_on_chance_asks_for_it():
    assert not asks_the_time("{{ messages }}")
    assert all(map(asks_the_time, (TELLS, DRAWS, "{{ lipsum() }}")))
