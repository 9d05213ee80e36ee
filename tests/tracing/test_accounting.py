"""What is known of each source of text after some conversations, and what forcing adds."""

import pytest

from rewriter.tracing.accounting import State, noted
from rewriter.tracing.forced_accounting import Forcing
from rewriter.tracing.render import TracedTemplate

USER = {"role": "user", "content": "what now"}
ANSWER = {"role": "assistant", "content": "an answer"}
LOOP = "{%- for m in messages %}{{- '<' + m.role + '>' }}@{%- endfor %}"


def states(template: str, *messages: dict) -> dict[str, State]:
    """The state of each source by how it is written, after one conversation and forcing."""
    traced = TracedTemplate(template)
    account = noted(traced, [(list(messages) or [USER, ANSWER], {})])
    for _ in Forcing(account).unshown():
        pass
    found = {}
    for source, state in account.states:
        span = traced.template.span(source.node) or traced.template.data_spans[id(source.node)]
        found[span.of(template)] = state
    return found


def test_what_a_conversation_shows_is_not_forced():
    found = states(LOOP.replace("@", "{{- m.content }}"))
    assert found["m.content"] is State.SHOWN


def test_what_only_another_role_prints_is_known_by_its_test():
    body = "{%- if m.role == 'user' %}{{- 'asks' }}{%- elif m.role == 'tool' %}told{%- endif %}"
    found = states(LOOP.replace("@", body))
    assert found["'asks'"] is State.ANOTHER_ROLE
    assert found["told"] is State.ANOTHER_ROLE


def test_what_is_printed_for_a_prompt_is_no_turn():
    found = states(LOOP.replace("@", "") + "{%- if add_generation_prompt %}go{%- endif %}")
    assert found["go"] is State.PROMPT


def test_what_stands_before_the_messages_reaches_no_turn():
    found = states("{%- if tools %}{{- 'tools' }}{%- endif %}" + LOOP.replace("@", ""))
    assert found["'tools'"] is State.OUTSIDE


def test_what_no_conversation_reaches_is_forced():
    body = "{%- if m.content | wordcount > 200 %}long{%- else %}{{- m.content }}{%- endif %}"
    assert states(LOOP.replace("@", body))["long"] is State.FORCED


def test_tests_around_a_test_are_forced_with_it():
    body = "{%- if a > 4 %}{%- if b < 2 and c %}deep{%- endif %}{%- endif %}"
    assert states(LOOP.replace("@", body))["deep"] is State.FORCED


def test_who_speaks_is_never_forced():
    body = "{%- if m.role == 'user' and tools %}{{- 'x' }}{%- endif %}"
    assert states(LOOP.replace("@", body), ANSWER)["'x'"] is State.ANOTHER_ROLE


def test_a_loop_without_items_is_given_one():
    body = "{%- for note in m.notes %}{{- 'note' }}{%- endfor %}"
    assert states(LOOP.replace("@", body))["'note'"] is State.FORCED


def test_the_right_operands_of_or_and_default_are_forced():
    body = "{{- m.content or 'one' }}{{- m.content | default('two') }}{{- tools and 'three' }}"
    found = states(LOOP.replace("@", body))
    assert {found[each] for each in ("'one'", "'two'", "'three'")} == {State.FORCED}


def test_a_macro_is_forced_where_it_is_called():
    macro = "{%- macro say(x) %}{%- if x | length > 99 %}long{%- endif %}{%- endmacro %}"
    body = "{%- if m.content == 'never' %}{{- say(m.content) }}{%- endif %}"
    assert states(macro + LOOP.replace("@", body))["long"] is State.FORCED


def test_what_raises_however_it_is_entered_is_never_printed():
    body = "{%- if m.content is mapping %}{{- raise_exception('no') }}{{- 'x' }}{%- endif %}"
    assert states(LOOP.replace("@", body))["'x'"] is State.RAISES


def test_a_field_that_no_conversation_has_stays_open():
    body = "{{- m.observation or '' }}"
    assert states(LOOP.replace("@", body))["m.observation"] is State.OPEN


def test_a_listed_field_that_no_conversation_has_is_given_where_its_test_is_forced():
    body = "{%- if 'reasoning' in m %}{%- set r = m.reasoning %}{{- '<' + r }}{%- endif %}"
    assert states(LOOP.replace("@", body))["m.reasoning"] is State.FORCED


def test_a_field_of_a_call_is_forced_where_a_conversation_has_it_beside_another():
    called = "{%- set given = c.arguments if c.arguments is defined else c.parameters %}"
    calls = "{%- for c in m.tool_calls %}" + called + "{{- given | tojson }}{%- endfor %}"
    template = LOOP.replace("@", calls)
    one, both = {"arguments": "a"}, {"arguments": "a", "parameters": "p"}
    first, second = ([USER, {**ANSWER, "tool_calls": [calls]}] for calls in (one, both))
    described = {"tools": [{"function": {"name": "f", "parameters": {}}}]}
    traced = TracedTemplate(template)
    account = noted(traced, [(chat, described) for chat in (first, first, second)])
    assert [traced.template.text[s.at :][:12] for s in account.open] == ["c.parameters"]
    assert [*Forcing(account).unshown()]
    assert not account.open


def test_a_field_that_a_conversation_has_is_seen():
    body = "{{- m.observation or '' }}"
    answer = {**ANSWER, "observation": "rain"}
    assert states(LOOP.replace("@", body), USER, answer)["m.observation"] is State.SHOWN


def test_tests_that_contradict_each_other_in_the_assistants_turn_are_not_forced():
    body = (
        "{%- if m.role == 'calls' or m.tool_calls is defined %}"
        "{%- if m.tool_calls is defined %}a{%- else %}{{- m.content.x }}{{- 'z' }}{%- endif %}"
        "{%- endif %}"
    )
    assert states(LOOP.replace("@", body))["'z'"] is State.ANOTHER_ROLE


def test_a_field_that_is_read_and_not_printed_stays_open():
    body = "{{- m.content | replace('[NAME]', m.observation) }}"
    answer = {**ANSWER, "observation": "rain"}
    assert states(LOOP.replace("@", body), USER, answer)["m.observation"] is State.OPEN


def test_a_field_that_is_printed_as_a_number_is_seen():
    answer = {**ANSWER, "observation": 3}
    assert (
        states(LOOP.replace("@", "{{- m.observation }}"), USER, answer)["m.observation"]
        is State.SHOWN
    )


def test_a_macro_that_other_roles_alone_have_called_is_theirs():
    says = "{%- macro say(x) %}{{- 'said' }}{%- endmacro %}"
    theirs = says + LOOP.replace("@", "{%- if m.role == 'tool' %}{{- say(m) }}{%- endif %}")
    assert states(theirs)["'said'"] is State.ANOTHER_ROLE
    own = says + LOOP.replace("@", "{%- if m.role == 'assistant' %}{{- say(m) }}{%- endif %}")
    assert states(own)["'said'"] is State.SHOWN


def test_macros_that_call_each_other_and_nobody_calls_stay_open():
    say = "{%- macro say(x) %}{{- hear(x) }}{{- 'said' }}{%- endmacro %}"
    hear = "{%- macro hear(x) %}{{- say(x) }}{%- endmacro %}"
    tool = "{%- if m.role == 'tool' %}{{- say(m) }}{%- endif %}"
    assert states(say + hear + LOOP.replace("@", tool))["'said'"] is State.ANOTHER_ROLE
    assert states(say + hear + LOOP.replace("@", "x{{- say(m) if never }}"))["'said'"] is State.OPEN


def test_what_stands_with_a_change_that_the_sandbox_forbids_is_never_printed():
    body = "{%- for c in m.notes %}{%- set _ = seen.append(c) %}{{- 'x' }}{%- endfor %}"
    assert states("{%- set seen = [] %}" + LOOP.replace("@", body))["'x'"] is State.RAISES


@pytest.mark.parametrize("unknown", ["m.notes | from_json", "m.notes is from_json"])
def test_what_stands_with_a_filter_or_a_test_that_nobody_has_is_never_printed(unknown):
    body = "{%- if m.notes %}{%- set notes = " + unknown + " %}{{- 'x' }}{%- endif %}"
    assert states(LOOP.replace("@", body))["'x'"] is State.RAISES
    arm = "{%- set notes = 'n' | from_json if m.notes is string else 'm' %}{{- notes }}"
    assert states(LOOP.replace("@", arm))["'n'"] is State.RAISES
    passed_by = "{%- if m.notes and never %}{%- set notes = " + unknown + " %}{%- endif %}"
    assert states(LOOP.replace("@", passed_by + "{{- 'x' }}"))["'x'"] is not State.RAISES


def test_a_change_that_may_be_passed_by_kills_nothing():
    left = "{%- if loop.last %}{%- continue %}{%- endif %}"
    body = "{%- for c in m.notes %}{{- 'x' }}@{%- set _ = seen.append(c) %}{%- endfor %}"
    template = "{%- set seen = [] %}" + LOOP.replace("@", body.replace("@", left))
    assert states(template)["'x'"] is not State.RAISES


def test_a_field_of_the_templates_own_may_be_called_what_the_sandbox_forbids():
    macro = "{%- macro add(x) %}{{- x }}{%- endmacro %}{%- set ns = namespace(append=add) %}"
    body = "{%- if m.content == 'never' %}{{- ns.append('y') }}{{- 'x' }}{%- endif %}"
    assert states(macro + LOOP.replace("@", body))["'x'"] is State.FORCED


def test_a_call_that_came_to_nothing_is_forced_to_what_its_macro_prints():
    macro = "{%- macro close() %}{%- if ns.open %}end{%- endif %}{%- endmacro %}"
    body = "{%- if m.role == 'assistant' %}{{- close() }}{%- endif %}"
    template = "{%- set ns = namespace(open=false) %}" + macro + LOOP.replace("@", body)
    assert states(template)["close()"] is State.FORCED


def test_what_is_kept_under_a_key_of_what_is_said_is_forced_where_it_is_kept_so():
    body = "{%- if m.content is mapping %}{{- m.content['value'] }}{%- endif %}"
    assert states(LOOP.replace("@", body))["m.content['value']"] is State.FORCED


GUARD = (
    "{%- if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('') }}{%- endif %}"
)
EVEN = "{%- if loop.index0 % 2 == 0 %}{{- 'even' }}{%- endif %}"


def test_what_a_guard_tells_of_who_speaks_need_not_be_forced():
    assert states(LOOP.replace("@", EVEN), USER, ANSWER)["'even'"] is State.FORCED
    assert states(LOOP.replace("@", GUARD + EVEN))["'even'"] is State.ANOTHER_ROLE


def test_a_guard_tells_nothing_of_another_loop_or_of_another_message():
    within = "{%- for _ in 'x' %}" + EVEN + "{%- endfor %}"
    assert states(LOOP.replace("@", GUARD + within))["'even'"] is not State.ANOTHER_ROLE
    other = "{%- set m = messages[-1] %}{%- if m.content %}" + EVEN + "{%- endif %}"
    assert states(LOOP.replace("@", GUARD + other))["'even'"] is not State.ANOTHER_ROLE


def test_what_another_test_answers_by_itself_is_left_to_the_conversation():
    """After a result, a text closes it; where nothing was told, a forced test would hide that."""
    body = (
        "{%- if m.role == 'tool' %}{%- set ns.told = true %}"
        "{%- elif m.mood %}{%- if ns.told %}{{- 'closes' }}{%- endif %}"
        "{%- elif ns.told %}{{- 'closes too' }}{%- endif %}"
    )
    traced = TracedTemplate("{%- set ns = namespace(told=false) %}" + LOOP.replace("@", body))
    after = [USER, ANSWER, {"role": "tool", "content": "found"}, ANSWER]
    account = noted(traced, [([USER, ANSWER], {}), (after, {})])
    (forced,) = [each for each in Forcing(account).unshown() if each.sources]
    assert forced.messages == after


def test_what_a_macro_that_nobody_calls_walks_reaches_no_turn():
    calls = "{%- for c in m.tool_calls or [] -%}{{- c.function.name -}}{%- endfor -%}"
    macro = "{%- macro said(m) -%}" + calls + "{%- endmacro -%}"
    found = states(macro + LOOP.replace("@", calls), ANSWER)
    assert found["m.tool_calls"] is not State.OUTSIDE
    template = TracedTemplate(macro + LOOP.replace("@", calls))
    account = noted(template, [([USER, ANSWER], {})])
    first = min(template.sources.sources, key=lambda each: each.at)
    assert account.state(first) is State.OUTSIDE
