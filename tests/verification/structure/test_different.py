"""Pairs that do not print the same, each with a conversation that shows it."""

from typing import Any

import pytest

from rewriter.verification.structure import same_text
from tests.rendering import printed_or_raised, rendered

_USER: dict[str, Any] = {"role": "user", "content": " hi "}
_ANSWER: dict[str, Any] = {"role": "assistant", "content": "yes, I would say so indeed"}
_SILENT: dict[str, Any] = {"role": "assistant"}
_CALL: dict[str, Any] = {"role": "assistant", "content": "", "tool_calls": [{"id": "a"}]}
_LISTED: dict[str, Any] = {"role": "user", "content": [{"type": "text", "text": "hi"}]}
_PLAIN = [_USER, _ANSWER]
_STREAM = "{% set n = namespace(s=messages | map(attribute='role')) %}"


def _in_lists(body: str) -> str:
    lists = "[['a'], ['<' | safe]]"
    return f"{{% for l in {lists} %}}{{% for s in l %}}{body}{{% endfor %}}{{% endfor %}}"


def _each(body: str) -> str:
    return "{% for m in messages %}" + body + "{% endfor %}"


PAIRS = {
    "missing content raises in one": (
        _each("{{ 'a' + m.content }}"),
        _each("{{ 'a' }}{{ m.content }}"),
        [_SILENT],
    ),
    "a list is printed by one and raises in the other": (
        _each("{{ m.content + '' }}"),
        _each("{{ m.content }}"),
        [_LISTED],
    ),
    "tilde prints what plus raises at": (
        _each("{{ 'a' ~ m.content }}"),
        _each("{{ 'a' + m.content }}"),
        [_SILENT],
    ),
    "two lists are joined, and no text": (
        _each("{{ m.content + m.content }}"),
        _each("{{ m.content }}{{ m.content }}"),
        [_LISTED],
    ),
    "two numbers are added": (
        _each("{{ m.n + m.n }}"),
        _each("{{ m.n ~ m.n }}"),
        [{**_USER, "n": 2}],
    ),
    "a set is lost in a block": (
        _each("{% set x = m.role %}{{ x }}") + "{% set y = 'b' %}{{ y }}",
        _each("{% set x = m.role %}{{ x }}")
        + "{% generation %}{% set y = 'b' %}{% endgeneration %}{{ y }}",
        _PLAIN,
    ),
    "a set in one branch is lost in a block": (
        _each("{% if m.role == 'user' %}{% set x = 'u' %}{% endif %}{{ x }}"),
        _each(
            "{% generation %}{% if m.role == 'user' %}{% set x = 'u' %}{% endif %}"
            "{% endgeneration %}{{ x }}"
        ),
        _PLAIN,
    ),
    "a with hides what it assigns": (
        _each("{% with x = 'b' %}{{ x }}{% endwith %}{{ x }}"),
        _each("{% set x = 'b' %}{{ x }}{{ x }}"),
        _PLAIN,
    ),
    "a loop's assignments are lost after it": (
        "{% set x = 'a' %}" + _each("{% set x = m.role %}") + "{{ x }}",
        "{% set x = 'a' %}" + _each("{% set x = m.role %}") + "{{ messages[-1].role }}",
        _PLAIN,
    ),
    "a name is undefined before the set that follows in the scope": (
        _each("{{ tools }}"),
        _each("{{ tools }}") + "{% set tools = 1 %}",
        _PLAIN,
    ),
    "the loop's own variable is another one": (
        _each("{{ loop.index }}"),
        _each("{{ loop.index0 }}"),
        _PLAIN,
    ),
    "the last turn": (
        _each("{{ m.role }}{% if not loop.last %};{% endif %}"),
        _each("{{ m.role }};"),
        _PLAIN,
    ),
    "an inner loop has a loop of its own": (
        _each("{% for c in m.role %}{{ loop.last }}{% endfor %}"),
        _each("{% set last = loop.last %}{% for c in m.role %}{{ last }}{% endfor %}"),
        _PLAIN,
    ),
    "a filtered loop counts what passes": (
        "{% for m in messages if m.role == 'assistant' %}{{ loop.index }}{% endfor %}",
        _each("{% if m.role == 'assistant' %}{{ loop.index }}{% endif %}"),
        _PLAIN,
    ),
    "a filter's test raises for what does not pass": (
        "{% for m in messages if m.a.b == 1 %}{{ m.a.b }}{% endfor %}",
        "{% for m in messages if m.a and m.a.b == 1 %}{{ m.a.b }}{% endfor %}",
        _PLAIN,
    ),
    "a namespace is written in one arm": (
        "{% set n = namespace(x='a') %}"
        + _each("{% if m.role == 'user' %}{% set n.x = 'b' %}{% endif %}{{ n.x }}"),
        "{% set n = namespace(x='a') %}" + _each("{% if m.role == 'user' %}{% endif %}{{ n.x }}"),
        _PLAIN,
    ),
    "a namespace is read before it is written": (
        "{% set n = namespace(x='a') %}" + _each("{{ n.x }}{% set n.x = m.role %}"),
        "{% set n = namespace(x='a') %}" + _each("{% set n.x = m.role %}{{ n.x }}"),
        _PLAIN,
    ),
    "a namespace under two names": (
        "{% set n = namespace(x='a') %}{% set o = n %}{% set v = n.x %}{% set o.x = 'b' %}{{ v }}",
        "{% set n = namespace(x='a') %}{% set o = n %}{% set o.x = 'b' %}{% set v = n.x %}{{ v }}",
        _PLAIN,
    ),
    "a stream is empty once it was walked through": (
        "{% set s = messages | map(attribute='role') %}{{ s | join }}{{ s | join }}",
        "{% set s = messages | map(attribute='role') | list %}{{ s | join }}{{ s | join }}",
        _PLAIN,
    ),
    "a stream asked before it is printed": (
        "{% set s = messages | map(attribute='role') %}{{ s | join }}",
        "{% set s = messages | map(attribute='role') %}{% if s | join %}{{ s | join }}{% endif %}",
        _PLAIN,
    ),
    "a stream in a namespace": (
        _STREAM + "{% set t = n.s | join %}{{ t }}{{ t }}",
        _STREAM + "{{ n.s | join }}{{ n.s | join }}",
        _PLAIN,
    ),
    "a test that moves on what it asks": (
        "{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}",
        "{% set c = cycler('a', 'b') %}{% if c.next() %}{{ c.next() }}{% endif %}{{ c.next() }}",
        _PLAIN,
    ),
    "one call and two": (
        "{% set j = joiner(',') %}" + _each("{{ j() }}{{ m.role }}"),
        "{% set j = joiner(',') %}" + _each("{% if j() %}{% endif %}{{ j() }}{{ m.role }}"),
        _PLAIN,
    ),
    "a newline after a tag is swallowed": (
        _each("{{ m.role }}\nb"),
        _each("{{ m.role }}{% generation %}\nb{% endgeneration %}"),
        _PLAIN,
    ),
    "indentation before a tag is swallowed": (
        "a\n  {{ messages[0].role }}",
        "a\n  {% generation %}{{ messages[0].role }}{% endgeneration %}",
        _PLAIN,
    ),
    "a dash swallows what was printed": (
        "a {{ messages[0].role }}",
        "a {{- messages[0].role }}",
        _PLAIN,
    ),
    "text joined to what is marked as safe is escaped": (
        "{% set s = 'b' | safe %}{{ '<' + s }}",
        "{% set s = 'b' | safe %}{{ '<' }}{{ s }}",
        _PLAIN,
    ),
    "an escaped list's items": (
        "{% for s in ['<' | e] %}{{ '<' + s }}{% endfor %}",
        "{% for s in ['<' | e] %}{{ '<' }}{{ s }}{% endfor %}",
        _PLAIN,
    ),
    "the items of a list in a list, one of which is marked as safe": (
        _in_lists("{{ '<' + s }}"),
        _in_lists("{{ '<' }}{{ s }}"),
        _PLAIN,
    ),
    "what is marked as safe in a row of lists": (
        "{% for s in ['a'] + [messages[0].role | e] %}{{ '<' + s }}{% endfor %}",
        "{% for s in ['a'] + [messages[0].role | e] %}{{ '<' }}{{ s }}{% endfor %}",
        _PLAIN,
    ),
    "autoescape": (
        "{{ '<' }}",
        "{% autoescape true %}{{ '<' }}{% endautoescape %}",
        _PLAIN,
    ),
    "what is defined and empty": (
        _each("{% if m.content is defined %}a{% endif %}"),
        _each("{% if m.content %}a{% endif %}"),
        [_CALL],
    ),
    "what is not none and not there": (
        _each("{% if m.content is not none %}a{% endif %}"),
        _each("{% if m.content is defined %}a{% endif %}"),
        [_SILENT],
    ),
    "a block left out where something empty is not text": (
        _each("{{ m.content }}"),
        _each("{% if m.content %}{{ m.content }}{% endif %}"),
        [{"role": "user", "content": []}],
    ),
    "a block left out where it would print": (
        _each("{% set t %}{{ m.content }}b{% endset %}{{ t }}"),
        _each("{% set t %}{{ m.content }}b{% endset %}{% if m.content %}{{ t }}{% endif %}"),
        [_CALL],
    ),
    "a jump out of the loop": (
        _each("{% if m.role == 'user' %}{% continue %}{% endif %}{{ m.role }}"),
        _each("{% if m.role == 'user' %}{% break %}{% endif %}{{ m.role }}"),
        _PLAIN,
    ),
    "a jump before what raises": (
        _each("{% if m.role == 'user' %}{% break %}{% endif %}{{ 'a' + m.content }}"),
        _each(
            "{{ 'a' + m.content if m.role != 'user' else '' + m.content }}"
            "{% if m.role == 'user' %}{% break %}{% endif %}"
        ),
        [{"role": "user", "content": [1]}],
    ),
    "a jump in a block is no template": (
        _each("{% if m.role == 'nobody' %}{% break %}{% endif %}{{ m.role }}"),
        _each(
            "{% if m.role == 'nobody' %}{% generation %}{% break %}{% endgeneration %}"
            "{% endif %}{{ m.role }}"
        ),
        _PLAIN,
    ),
    "a macro does not see what its caller assigns": (
        "{% macro f() %}{{ x }}{% endmacro %}" + _each("{% set x = 'b' %}{{ f() }}"),
        "{% macro f() %}{{ x }}{% endmacro %}" + _each("{% set x = 'b' %}{{ x }}"),
        _PLAIN,
    ),
    "a macro's argument hides a name": (
        "{% set x = 'a' %}{% macro f(x) %}{{ x }}{% endmacro %}{{ f('b') }}",
        "{% set x = 'a' %}{% macro f(x) %}{{ x }}{% endmacro %}{{ x }}",
        _PLAIN,
    ),
    "a macro's default is read when it is called": (
        "{% set x = 'a' %}{% macro f(y=x) %}{{ y }}{% endmacro %}{% set x = 'b' %}{{ f() }}",
        "{% set x = 'a' %}{% macro f(y=x) %}{{ y }}{% endmacro %}{% set x = 'b' %}{{ f('a') }}",
        _PLAIN,
    ),
    "what a macro prints is text": (
        "{% macro f() %}1{% endmacro %}{{ f() + 1 }}",
        "{% macro f() %}1{% endmacro %}{{ f() ~ 1 }}",
        _PLAIN,
    ),
    "only the first messages": (
        _each("{{ m.role }}"),
        "{% for m in messages[:1] %}{{ m.role }}{% endfor %}",
        _PLAIN,
    ),
    "only the first characters": (
        _each("{{ m.role + m.content }}"),
        _each("{{ m.role + m.content[:20] }}"),
        _PLAIN,
    ),
    "what is replaced": (
        _each("{{ m.content | string }}"),
        _each("{{ (m.content | string).replace('hi', 'ho') }}"),
        _PLAIN,
    ),
    "slices that overlap where the text is short": (
        _each("{% set t %}{{ m.role }}{% endset %}{{ t }}"),
        _each("{% set t %}{{ m.role }}{% endset %}{{ t[:3] }}{{ t[3:-3] }}{{ t[-3:] }}"),
        [_USER],
    ),
    "slices at none": (
        _each("{% set t %}{{ m.role }}{% endset %}{{ t }}"),
        _each(
            "{% set t %}{{ m.role }}{% endset %}"
            "{% set n = m.n if m.n is defined else none %}{{ t[:n] }}{{ t[n:] }}"
        ),
        _PLAIN,
    ),
    "slices that leave one out": (
        _each("{% set t %}{{ m.role }}{% endset %}{{ t }}"),
        _each("{% set t %}{{ m.role }}{% endset %}{{ t[:1] }}{{ t[2:] }}"),
        _PLAIN,
    ),
    "a choice kept from before what it asks was changed": (
        "{% set ns = namespace(x=1) %}"
        + _each("{% set ns.x = 0 %}{% set q = 'a' if ns.x else 'b' %}{{ q }}"),
        "{% set ns = namespace(x=1) %}"
        + _each("{% set q = 'a' if ns.x else 'b' %}{% set ns.x = 0 %}{{ q }}"),
        _PLAIN,
    ),
    "slices by the length of another text that they may end in": (
        _each("{{ m.role + '>' }}"),
        _each(
            "{% set q = 'a' if m.content else 'bc' %}{% set t %}{{ m.role + '>' }}{% endset %}"
            "{{ t[:q|length] }}{{ t[2:] }}"
        ),
        _PLAIN,
    ),
    "an answer that was given before another one was asked": (
        _each(
            "{% set r = m.role %}{% if r == 'user' %}a{% set r = 'x' %}{% if r == 'user' %}b"
            "{% endif %}{% endif %}"
        ),
        _each("{% set r = m.role %}{% if r == 'user' %}a{% set r = 'x' %}b{% endif %}"),
        _PLAIN,
    ),
    "an attribute that every dictionary has": (
        _each("{% for k in m.items %}{{ k }}{% endfor %}"),
        _each("{% for k in m['items'] %}{{ k }}{% endfor %}"),
        [{**_USER, "items": ["a"]}],
    ),
    "one and true": (
        _each("{% if m.n == 1 %}{{ 1 }}{% endif %}"),
        _each("{% if m.n == 1 %}{{ true }}{% endif %}"),
        [{**_USER, "n": 1}],
    ),
    "an equal value that is printed otherwise": (
        _each("{% if m.n == 1 %}{{ m.n }}{% endif %}"),
        _each("{% if m.n == 1 %}1{% endif %}"),
        [{**_USER, "n": True}],
    ),
    "what is within a loop of one name is of that loop": (
        _each("{% for m in m.tool_calls %}{{ m.id }}{% endfor %}{{ m.role }}"),
        _each("{% for m in m.tool_calls %}{{ m.id }}{% endfor %}{{ m.id }}"),
        [_CALL],
    ),
    "an order of two outputs": (
        _each("{{ m.role }}{{ m.content }}"),
        _each("{{ m.content }}{{ m.role }}"),
        _PLAIN,
    ),
    "an end that only one kind of turn lacks": (
        _each("{% if m.role == 'user' %}a{% elif m.role == 'assistant' %}b{% endif %};"),
        _each("{% if m.role == 'user' %}a;{% elif m.role == 'assistant' %}b;{% endif %}"),
        [{"role": "tool", "content": "a"}],
    ),
    "a loop with no items": (
        _each("{% for t in m.content %}{{ t }}{% else %}none{% endfor %}"),
        _each("{% for t in m.content %}{{ t }}{% endfor %}none"),
        _PLAIN,
    ),
    "a value raised at in one branch alone": (
        _each("{% if m.role == 'user' and m.a.b %}c{% endif %}"),
        _each("{% if m.a.b and m.role == 'user' %}c{% endif %}"),
        [_ANSWER],
    ),
    "an error that is not raised": (
        _each("{% if m.role == 'tool' %}{{ raise_exception('no') }}{% endif %}{{ m.role }}"),
        _each("{{ m.role }}"),
        [{"role": "tool", "content": "a"}],
    ),
}


@pytest.mark.parametrize(("original", "variant", "messages"), PAIRS.values(), ids=PAIRS)
def test_what_prints_otherwise_is_not_called_the_same(
    original: str, variant: str, messages: list[dict[str, Any]]
) -> None:
    shown = [printed_or_raised(each, messages) for each in (original, variant)]
    texts = [getattr(each, "text", each) for each in shown]
    assert texts[0] != texts[1], "the conversation shows no difference"
    assert not same_text(original, variant).holds
    assert not same_text(variant, original).holds


def test_what_is_given_counts_though_a_later_set_hides_it() -> None:
    original, variant = PAIRS["a name is undefined before the set that follows in the scope"][:2]
    tools = [{"type": "function", "function": {"name": "f"}}]
    texts = [rendered(each, _PLAIN, tools=tools).text for each in (original, variant)]
    assert texts[0] != texts[1]


def test_a_difference_names_both_places() -> None:
    found = same_text(_each("\n{{ m.role }}\n"), _each("\n{{ m.role }}\n") + "\nmore").difference
    assert found is not None
    assert (found.original.line, found.variant.line, found.variant.text) == (0, 4, "more")
