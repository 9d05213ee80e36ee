"""Whatever a template does with text, it prints the same when it is traced."""

import gc
import weakref
from typing import Any

import pytest
from jinja2 import TemplateError
from jinja2.filters import FILTERS
from rendering import done_or_raised, printed_or_raised

from rewriter.errors import BadInput
from rewriter.tracing.origins import Field, Input, Literal
from rewriter.tracing.probes import TOOLS
from rewriter.tracing.render import TracedTemplate
from rewriter.tracing.trace import Trace

MESSAGES: list[dict[str, Any]] = [
    {"role": "user", "content": " First\nline,  <b>two</b> %s {} 3.5 "},
    {"role": "assistant", "content": "answer", "n": 7, "list": ["b", "A"], "none": None},
]
METHODS = [name for name in dir(str) if not name.startswith("_")]
ARGUMENTS = ["", "'i'", "2", "'i', 'o'", "30", "['a', 'b']", "'i', 1"]
EXPRESSIONS = [
    "m.content * 2",
    "m.content % 'x'",
    "'%s-%s' % (m.content, m.role)",
    "'%s' | format(m.content)",
    "'<{}|{}>'.format(m.role, m.content)",
    "'<{a}>'.format_map({'a': m.role})",
    "'<{0.real}{1}>'.format(m.n, m.missing)", "'<{a}{}>'.format(m.none, **{'a': m.role})",
    "m.content.format(m.role)", "m.content.format()", "m.n.format(1)", "m.missing.format(1)",
    "'%(a)s|%%|%(b)5.2s|%(c)d' % {'a': m.role, 'b': m.content, 'c': m.n}", "'%s %s' % m.role",
    "'%s' % m.list, '%s' % m.missing, '%-9s.' % m.role, '%5d' | format(m.n), '%*d' % (3, m.n)",
    "m.role ~ 1 ~ none ~ m.n",
    "m.role in m.content",
    "m.content == m.content | trim",
    "m.content is string, m.role is sequence, m.role is mapping, m.n is number",
    "m.content[0], m.content[-1], m.content[1:3], m.content[::-1]",
    "m.content.split('\\n')[-1].lstrip('l')",
    "m.content.split() | join('-')",
    "m.list | join", "m.list | sort | first", "m.list | map('upper') | list",
    "m | tojson", "m.content | tojson", "m | items | list", "m.items() | list", "m.keys() | list",
    "m | string", "m.none", "m.none | string", "m.none | default('d', true)",
    "messages | map(attribute='role') | join(', ')",
    "messages | selectattr('role', 'equalto', 'user') | list | length",
    "messages | groupby('role') | list | length",
    "messages[0] == m", "messages[0].content is eq m.content",
    "{'a': m.role}['a'], {m.role: 1}[m.role]",
    "m.content | replace('i', m.role) | upper",
    "m.content | length, m.content.count('i'), m.content.find('line')",
    "m.content | e", "m.content | e | upper", "m.content | safe",
    "('<&' | safe) + m.content + '\\'>'", "m.content + '\"&' + ('<' | safe)",
    "(m.content | safe | trim) + '<'", "(m.content | safe).strip()[1:] + '<'",
    "(m.content | safe ~ '<') + '<'", "('<' | safe) + ('<' | safe)", "('<' | safe) + m",
    "(m.content | safe) + m.role", "m.role + (m.content | e)",
    "m.missing", "m.missing + m.role", "m.role + m.missing", "m.role + m.n", "m.none + m.role",
    "m.role + m.none", "m.list[9]", "m.content()", "m.__class__", "m.content.__class__",
    "m._index", "m._stretches", "m.content._stretches",
    "namespace(a=m.role).a", "dict(a=m.role)", "raise_exception(m.role)",
    "m.role < m.content, [m.content, m.role] | min", "m.content | int(7), '12' | int + 1",
    "m.content.encode()", "m.content | list", "m.content | first, m.content | last",
    "m.content if m.role == 'user' else m.list[0]", "cycler(m.role, 'x').next()",
    "joiner(m.role)()", "lipsum is defined", "m.content | xmlattr", "m.role | center(20)",
    "m.content | truncate(9)", "m.content | wordwrap(5)", "m.content | indent",
    "m.content | pprint",
]  # fmt: skip


# Their results are made as they are read, and print as an address.
LAZY = {"batch", "items", "map", "reject", "rejectattr", "reverse", "select", "selectattr"}
LAZY |= {"slice", "unique", "groupby"}


def template(expression: str) -> str:
    return (
        "{% for m in messages %}{{ " + expression + " }}|{% set x = " + expression + " %}"
        "{% if x is string %}{{ x }}{{ x + x }}{{ x ~ x }}{{ x | trim }}{% endif %}{% endfor %}"
    )


def check(source: str) -> None:
    trace = done_or_raised(lambda: TracedTemplate(source).render(MESSAGES, bos_token="<s>"))
    got = trace
    if isinstance(trace, Trace):
        got = (trace.text, trace.generated)
        assert "".join(trace.text[run.start : run.end] for run in trace.runs) == trace.text
    assert got == printed_or_raised(source, MESSAGES, bos_token="<s>")


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_prints_what_it_printed(expression: str):
    check(template(expression))


@pytest.mark.parametrize("method", METHODS)
def test_each_method_of_a_string_prints_what_it_printed(method: str):
    for arguments in ARGUMENTS:
        check(template(f"m.content.{method}({arguments})"))


@pytest.mark.parametrize("name", sorted(FILTERS.keys() - {"random"}))
def test_each_filter_prints_what_it_printed(name: str):
    read = " | list" if name in LAZY else ""
    for value in ("m.content", "m.list", "m.n", "m.none", "m"):
        check(template(f"{value} | {name}{read}"))
        check(template(f"{value} | {name}('i'){read}"))


STATEMENTS = [
    "{% macro f(a) %}[{{ a }}]{% endmacro %}{% for m in messages %}{{ f(m.content) }}{% endfor %}",
    "{% macro f() %}<{{ caller() }}>{% endmacro %}{% call f() %}{{ bos_token }}{% endcall %}",
    "{% set t %}a{{ messages[0].content }}{% endset %}{{ t }}{{ t | trim }}",
    "{% set t | upper %}a{{ messages[0].content }}{% endset %}{{ t }}",
    "{% filter upper %}a{{ messages[0].content }}{% endfilter %}",
    "{% with a = messages[0].role %}{{ a }}{% endwith %}",
    "{% for m in messages recursive %}{{ m.role }}{% endfor %}",
    "{% for m in messages if m.role == 'user' %}{{ loop.index }}{{ m.role }}{% endfor %}",
    "{% for m in [] %}a{% else %}{{ bos_token }}{% endfor %}",
    "{% for k, v in messages[0].items() %}{{ k }}={{ v }};{% endfor %}",
    "{% for m in messages %}{% if loop.first %}{% continue %}{% endif %}{{ m.role }}{% endfor %}",
    "{% for m in messages %}{% break %}{% endfor %}{{ bos_token }}",
    "{% for m in messages %}{% generation %}{{ m.content }}{% endgeneration %}\n{% endfor %}",
    "{% set n = namespace(t='') %}{% for m in messages %}{% set n.t = m.n %}{% endfor %}{{ n.t }}",
    "{{ 'a' 'b' }}{{ 'a' ~ 'b' ~ 1 }}{{ '\\n' }}\r\n{{ 'a\r\nb' }}é\r\n",
    "{% autoescape true %}{{ messages[0].content }}{{ '<' }}{% endautoescape %}",
    "{% if not messages %}x{% elif messages %}{{ messages | length }}{% endif %}",
    "{{ undefined_name }}{{ undefined_name.x }}",
    "{% raw %}{{ not }}{% endraw %}",
    "{{ loop }}",
    "{% for m in messages %}{{ loop.previtem.role }}{{ loop.cycle('a', 'b') }}{% endfor %}",
    "{% block b %}{{ bos_token }}{% endblock %}",
    "{% set a, b = messages[0].role, 'x' %}{{ a }}{{ b }}",
    "{% for m in messages[::-1] %}{{ m.role }}{% endfor %}",
    "{% for m in messages | reverse %}{{ m.role }}{% endfor %}",
]


@pytest.mark.parametrize("source", STATEMENTS)
def test_a_statement_prints_what_it_printed(source: str):
    check(source)


def runs(source: str) -> list[tuple[str, Any, int | None]]:
    trace = TracedTemplate(source).render(MESSAGES, bos_token="<s>")
    return [(trace.text[run.start : run.end], run.origin, run.turn) for run in trace.runs]


def test_text_strings_fields_and_inputs_are_told_apart():
    source = "a{{ bos_token + 'b' }}{% for m in messages[1:] %}{{ m.content }}c{% endfor %}"
    assert runs(source) == [
        ("a", Literal(0, 0), None),
        ("<s>", Input("bos_token"), None),
        ("b", Literal(source.index("'b'"), 0), None),
        ("answer", Field(1, ("content",)), 1),
        ("c", Literal(source.index("c{% endfor"), 0), 1),
    ]


def test_text_that_came_up_in_a_turn_stays_in_it_when_it_is_printed_after_the_loop():
    source = (
        "{% set ns = namespace(t='') %}{% for m in messages[1:] %}"
        "{% set ns.t = ns.t + '<' + m.content + '>' %}{% endfor %}{{ ns.t }}."
    )
    assert [(text, turn) for text, _, turn in runs(source)] == [
        ("<", 1),
        ("answer", 1),
        (">", 1),
        (".", None),
    ]


@pytest.mark.parametrize(
    "source",
    [
        "{% for i in range(2) %}{% set m = messages[i] %}{{ m.content }}{% endfor %}",
        "{% for m in messages | list %}{{ m.content }}{% endfor %}",
        "{% for m in messages[:] %}{{ m.content }}{% endfor %}",
        "{% set rest = messages[0:] %}{% for m in rest %}{{ m.content }}{% endfor %}",
        "{% for m in messages %}{% for c in [1] %}{{ m.content }}{% endfor %}{% endfor %}",
        "{% macro f(x) %}{{ x }}{% endmacro %}{%for m in messages %}{{ f(m.content) }}{% endfor %}",
        "{% for i, m in [(0, messages[0]), (1, messages[1])] %}{{ m.content }}{% endfor %}",
    ],
)
def test_the_turn_is_that_of_the_message_however_the_loop_is_written(source: str):
    expected = [(each["content"], index) for index, each in enumerate(MESSAGES)]
    assert [(text, turn) for text, _, turn in runs(source)] == expected


@pytest.mark.parametrize(
    ("source", "message", "line"),
    [
        ("a\n{{ a | fly }}", "No filter named 'fly'", 2),
        ("a\n\n{{ a is fly }}", "No test named 'fly'", 3),
        ("{% break %}", "'break' outside loop", None),
        ("{{ a" + " + ''" * 300 + " }}", "does not compile", None),
        ("{{ a" + " + ''" * 3000 + " }}", "nested too deeply", None),
    ],
)
def test_what_does_not_compile_is_bad_input(source: str, message: str, line: int | None):
    with pytest.raises(BadInput) as raised:
        TracedTemplate(source)
    assert message in raised.value.message
    assert raised.value.hint
    assert raised.value.line == line


@pytest.mark.parametrize("of", ["tool", "tool.function"])
def test_the_tools_of_the_probes_hold_what_is_read_of_them_or_of_their_function(of: str):
    source = "{% for tool in tools %}{{ OF.name + ': ' + OF.description }}{% endfor %}"
    shown = TracedTemplate(source.replace("OF", of)).render([], tools=TOOLS)
    assert shown.text == "look: Looks."


REFUSING = "{% for m in messages %}{{ m.content }}{% endfor %}{{ raise_exception('no') }}"


def test_a_conversation_that_a_template_refuses_is_rendered_once(monkeypatch: pytest.MonkeyPatch):
    traced, rendered = TracedTemplate(REFUSING), []
    assert traced.needed == {}
    run = traced._compiled.run
    monkeypatch.setattr(traced._compiled, "run", lambda given: rendered.append(given) or run(given))
    assert [traced.attempted(MESSAGES) for _ in range(3)] == [None] * 3
    assert len(rendered) == 1
    with pytest.raises(TemplateError, match="no"):
        traced.render(MESSAGES)


def test_renders_that_are_forgotten_take_no_memory_until_garbage_is_collected():
    gc.disable()
    try:
        traced = TracedTemplate(
            "{% for m in messages %}{% if m.n %}{{ m.role }}{% endif %}{% endfor %}"
        )
        way = traced.sources.sources[-1].answers
        forced = traced.forced_renders.along(tuple(way), MESSAGES, {})
        kept = [
            weakref.ref(each) for each in (traced.render(MESSAGES), forced.trace, forced.template)
        ]
        del forced
        traced.forget()
        assert [each() for each in kept] == [None] * 3
    finally:
        gc.enable()
