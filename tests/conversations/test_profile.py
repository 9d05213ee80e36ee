from dataclasses import replace
from itertools import pairwise

import pytest

from rewriter.conversations.kinds import ASSISTANT, CALLS, START, SYSTEM, TOOL, USER, kind_of
from rewriter.conversations.profile import OBJECT, SEVERAL, STRING, TYPED, Profile
from rewriter.conversations.profiling import probed
from rewriter.conversations.rendering import Rendered, render
from rewriter.verification.check import generated
from tests.verification.chatml import ORIGINAL

ALTERNATING = """{{ bos_token }}
{%- if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}
{%- for m in messages %}
{%- if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('take turns') }}{% endif %}
{{- '<' + m.role + '>' + m.content + '</' + m.role + '>' }}
{%- endfor %}"""
# Results and calls may also begin a conversation, where an answer after them is not taken.
ALTERNATING_WITHOUT_CALLS = """
{%- for m in messages | rejectattr('role', 'eq', 'tool') | selectattr('tool_calls', 'undefined') %}
{%- if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('take turns') }}{% endif %}
{%- endfor %}
{%- for m in messages %}{{ '<' + m.role + '>' + m.content + '</' + m.role + '>' }}{% endfor %}"""
CAREFUL = """{%- if not messages | selectattr('role', 'equalto', 'user') | list -%}
{{ raise_exception('no question') }}{% endif %}
{%- for m in messages %}{{ m.role }}: {{ m.content }}
{%- if m.tool_calls and m.tool_calls | length > 1 %}{{ raise_exception('one') }}{% endif %}
{%- for call in m.tool_calls or [] %}
{{ call.function.name + '(' + call.function.arguments + ')' + call.id }}{% endfor %}{% endfor %}
{%- if enable_thinking is defined and enable_thinking %}hm{% endif %}
{%- if effort is defined %}{{ 'effort: ' + effort }}{% endif %}"""

TEXTS = """{%- for m in messages %}{{ m.role }}: {{ m.content }}
{%- for call in m.tool_calls or [] %}{{ call.function.name }}
{%- for key, value in call.function.arguments.items() %}{{ ' ' + key + '=' + value }}
{%- endfor %}{% endfor %}{% endfor %}"""


def rendering(source: str, profile: Profile) -> float:
    tame = [draft for draft in generated(600, 0) if not draft.wild]
    outcomes = [render(source, profile.fitted(draft)) for draft in tame]
    return sum(isinstance(outcome, Rendered) for outcome in outcomes) / len(outcomes)


@pytest.mark.parametrize("source", [ORIGINAL, ALTERNATING, CAREFUL, TEXTS])
def test_nearly_every_fitted_conversation_renders(source):
    assert rendering(source, probed(source)) > 0.97


@pytest.mark.parametrize("source", [ALTERNATING, CAREFUL])
def test_without_a_profile_few_do(source):
    assert rendering(source, Profile()) < 0.6


def test_wild_drafts_stay_as_they_were_drawn():
    profile = replace(probed(ALTERNATING), tokens=())
    wild = [draft for draft in generated(600, 0) if draft.wild]
    fitted = [profile.fitted(draft) for draft in wild]
    kinds = [[kind_of(message) for message in chat.messages] for chat in fitted]
    assert kinds == [[kind_of(m) for m in draft.conversation.messages] for draft in wild]
    assert any(not isinstance(render(ALTERNATING, chat), Rendered) for chat in fitted)


def test_alternation_and_a_missing_system_role_are_found():
    profile = probed(ALTERNATING)
    assert profile.follows[START] == (USER,)
    assert USER not in profile.follows[USER]
    assert profile.follows[ASSISTANT] == (USER,)


def test_what_a_template_takes_of_tool_calls_is_found():
    assert {OBJECT, TYPED} <= set(probed(ORIGINAL).calls)
    assert TYPED not in probed(TEXTS).calls
    profile = probed(CAREFUL)
    assert STRING in profile.calls
    assert not {OBJECT, SEVERAL} & set(profile.calls)


def test_an_answer_follows_a_result_where_only_questions_and_answers_alternate():
    assert ASSISTANT in probed(ALTERNATING_WITHOUT_CALLS).follows[TOOL]


def test_a_template_that_needs_a_user_gets_one():
    profile = probed(CAREFUL)
    assert profile.asks
    chats = [profile.fitted(draft) for draft in generated(200, 0) if not draft.wild]
    assert all("user" in [message["role"] for message in chat.messages] for chat in chats)


def test_flags_are_found_with_the_values_that_they_take():
    flags = probed(CAREFUL).flags
    assert flags == {"effort": ("low", "high"), "enable_thinking": (True, False)}


@pytest.mark.parametrize(
    ("statement", "flags"),
    [
        ("{% for m in messages %}{% if m == 'calm' %}{% endif %}{% endfor %}", {}),
        # Before the loop it is not yet the loop's.
        ("{% if m == 'calm' %}{% endif %}", {"m": (True, False, "calm")}),
        ("{% if mood == 'calm' %}{% endif %}", {"mood": (True, False, "calm")}),
        ("{{ 'So ' + mood }}{{ 'c' if mood == 'calm' }}", {"mood": ("low", "high", "calm")}),
        (
            "{{ raise_exception('no') if mood | default('calm') not in ['calm', 'glad'] }}",
            {"mood": ("calm", "glad")},
        ),
        (
            "{% for each in moods or [] %}{% if each == 'calm' %}c{% endif %}{% endfor %}",
            {"moods": (["python", "browser"], ["calm"])},
        ),
    ],
)
def test_a_flag_has_the_values_that_it_is_compared_with_if_it_takes_them(statement, flags):
    source = statement + "{% for m in messages %}{{ m.content }}{% endfor %}"
    assert probed(source).flags == flags


@pytest.mark.parametrize(
    "source",
    [
        "{% if messages %}{% set name = 'x' %}{% endif %}{{ name }}",
        "{% macro m(name) %}{% if name is defined %}x{% endif %}{% endmacro %}{{ m() }}",
        "{% for name in messages %}{{ name.role }}{% endfor %}",
    ],
)
def test_a_name_that_the_template_sets_itself_is_no_flag(source):
    assert "name" not in probed(source).flags


def test_what_transformers_takes_for_itself_is_no_flag():
    source = "{{ messages }}{% if continue_final_message %}so{% endif %}{% if brief %}on{% endif %}"
    assert set(probed(source).flags) == {"brief"}


def test_special_tokens_have_a_value_where_they_are_read():
    assert probed(ALTERNATING).constants == {"bos_token": "<s>"}
    assert probed(ORIGINAL).constants == {}


def test_what_only_the_variant_accepts_is_generated_too():
    only_objects = CAREFUL.replace("call.function.arguments +", "call.function.arguments.at +")
    assert {OBJECT, STRING} <= set(probed(CAREFUL, only_objects).calls)


def test_a_profile_can_be_overridden():
    profile = probed(ORIGINAL)
    quiet = replace(profile, follows={**profile.follows, USER: (USER, SYSTEM, ASSISTANT)})
    kinds = {
        (kind_of(a), kind_of(b))
        for draft in generated(400, 0)
        if not draft.wild
        for messages in [quiet.fitted(draft).messages]
        for a, b in pairwise(messages)
    }
    assert (USER, ASSISTANT) in kinds
    assert not {(USER, CALLS), (USER, TOOL)} & kinds
    assert (USER, CALLS) in {
        (kind_of(a), kind_of(b))
        for draft in generated(400, 0)
        for messages in [profile.fitted(draft).messages]
        for a, b in pairwise(messages)
    }


def test_the_templates_own_tokens_are_said_by_people():
    profile = probed(ORIGINAL)
    chats = [profile.fitted(draft) for draft in generated(600, 0)]
    assert any("a<|im_start|>b" in str(chat.messages) for chat in chats)


def test_a_template_that_takes_nothing_has_a_profile():
    profile = probed("{{ raise_exception('never') }}")
    assert profile.follows == {START: ()}
    assert profile.fitted(generated(1, 0)[0]).messages
