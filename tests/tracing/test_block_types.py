"""The types of blocks, calls and messages that a template asks for."""

import pytest

from rewriter.source.template import Template
from rewriter.tracing.block_types import ResultKey, types_asked

LOOP = "{% for m in messages %}{% for b in m.content %}{% for c in m.tool_calls %}TEST{% endfor %}"


def asked(test: str):
    source = LOOP.replace("TEST", "{% if " + test + " %}x{% endif %}") + "{% endfor %}{% endfor %}"
    return types_asked(Template(source).tree)


@pytest.mark.parametrize(
    "test",
    ["b.text == 'memo'", "b['type'] is string", "m.role == 'tool'", "wanted.type == 'memo'"],
)
def test_what_is_compared_with_no_type_is_none(test: str):
    assert asked(test).found == ()


@pytest.mark.parametrize(
    ("test", "within"),
    [
        ("b.type == 'memo'", "block"),
        ("'memo' == b['type']", "block"),
        ("b.get('type') in ['memo']", "block"),
        ("b.type | lower == 'memo'", "block"),
        ("c.type == 'memo'", "call"),
        ("m.type == 'memo'", "message"),
    ],
)
def test_a_type_is_of_what_it_is_read_of(test: str, within):
    assert asked(test).of(within) == ("memo",)
    assert asked(test).foreign(within) == {"memo"}


def test_a_type_whose_keys_tell_is_not_foreign():
    assert asked("b.type == 'text'").of("block") == ("text",)
    assert not asked("b.type == 'text'").foreign("block")


def test_the_role_of_a_message_is_none_of_a_block_however_it_is_come_by():
    loop = "{% for m in old %}{{ m.role == 'tool' }}{% endfor %}"
    tree = Template("{% set old = messages[:-1] %}" + loop).tree
    assert types_asked(tree).results == ()


@pytest.mark.parametrize(
    "test",
    [
        "m.kind == 'mood'",
        "b.role == 'assistant'",
        "b.text == 'document'",
        "loop.kind == 'document'",
    ],
)
def test_a_key_whose_value_tells_no_result_is_not_asked_for(test: str):
    assert asked(test).results == ()


@pytest.mark.parametrize(
    ("test", "result"),
    [
        ("m.kind == 'observation'", ("kind", "observation", "message")),
        ("b.kind in ['observation']", ("kind", "observation", "block")),
        ("b.role == 'tool'", ("role", "tool", "block")),
        ("'tool_use_id' in b", ("tool_use_id", None, "block")),
        ("b.tool_use_id is defined", ("tool_use_id", None, "block")),
    ],
)
def test_results_may_be_told_by_another_key_than_their_type(test: str, result: tuple[str, ...]):
    assert asked(test).results == (result,)


@pytest.mark.parametrize("test", ["b.type.startswith('tool_res')", "'tool_res' in b.type"])
def test_where_a_part_is_asked_for_every_type_of_results_that_has_it_is(test: str):
    found = asked(test).of("block")
    assert {"tool_response", "tool_result"} <= {*found}
    assert "document" not in found


@pytest.mark.parametrize(
    "test", ["b.type in RESULTS", "kinds[b.type]", "b.type | upper == 'TOOL_RESULT'"]
)
def test_whatever_text_is_the_type_of_a_result_is_asked_for(test: str):
    named = "{% set RESULTS = ['tool_result'] %}{% set kinds = {'tool_result': true} %}"
    source = named + LOOP.replace("TEST", "{% if " + test + " %}x{% endif %}")
    tree = Template(source + "{% endfor %}{% endfor %}").tree
    assert types_asked(tree).of("block") == ("tool_result",)


@pytest.mark.parametrize(
    "test", ["b.type.split('_')[-1] == 'result'", "b.type[-6:] == 'result'", "'result' in b.type"]
)
def test_a_part_of_a_type_asks_for_all_results_that_have_it_and_for_itself(test: str):
    found = asked(test).of("block")
    assert {"result", "tool_result"} <= {*found}
    assert "tool_output" not in found


def test_what_another_than_the_model_has_written_is_a_result():
    assert asked("b.author == 'tool'").results == (ResultKey("author", "tool", "block"),)
    assert asked("b.from != 'model'").results == (ResultKey("from", "tool", "block"),)


def test_a_key_that_only_results_have_asks_for_them():
    assert asked("b.content is string").of("block") == ("tool_result",)
    assert asked("m.content is string").found == ()


def test_blocks_of_the_first_message_are_no_answers():
    first = "{% for b in messages[0].content %}{{ b.text or b.content }}{% endfor %}"
    assert types_asked(Template(first).tree).found == ()
    both = first + "{% for m in messages %}{% for b in m.content %}{% endfor %}{% endfor %}"
    assert types_asked(Template(both).tree).of("block") == ("tool_result",)


@pytest.mark.parametrize("written", ["{{ b | tojson }}", "{{ '[' ~ (b | string) ~ ']' }}"])
def test_a_block_that_is_printed_whole_asks_for_results(written: str):
    found = types_asked(Template(LOOP.replace("TEST", written) + "{% endfor %}{% endfor %}").tree)
    assert found.of("block") == ("tool_result",)


def test_a_macro_whose_parameter_is_what_is_said_is_given_blocks():
    macro = "{% macro show(c) %}{% for b in c %}{{ b.content }}{% endfor %}{% endmacro %}"
    called = "{% for m in messages %}{{ show(m.content) }}{% endfor %}"
    assert types_asked(Template(macro + called).tree).of("block") == ("tool_result",)
    other = called.replace("m.content", "m.images")
    assert types_asked(Template(macro + other).tree).found == ()


def test_the_values_of_arguments_are_no_blocks():
    macro = "{% macro show(given) %}{% for k, v in given | items %}{{ v | tojson }}{% endfor %}"
    called = "{% endmacro %}{% for m in messages %}{% for c in m.tool_calls %}{{ show(GIVEN) }}"
    for given in ("c.arguments", "c.function.arguments"):
        source = macro + called.replace("GIVEN", given) + "{% endfor %}{% endfor %}"
        assert types_asked(Template(source).tree).found == ()
    loop = "{% for k, v in c.function.arguments | items %}{{ v | tojson }}{% endfor %}"
    tree = Template(LOOP.replace("TEST", loop) + "{% endfor %}{% endfor %}").tree
    assert types_asked(tree).found == ()
