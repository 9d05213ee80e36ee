"""Whose a key of the assistant's message is, and a variable."""

from __future__ import annotations

import pytest

from rewriter.errors import BadInput
from rewriter.tracing.fields import LISTED, Fields, Whose, field_list
from rewriter.tracing.origins import UNKNOWN, Field, Input, Literal


@pytest.mark.parametrize("origin", [Literal(0, 0), UNKNOWN, Input("bos_token"), Input("eos_token")])
def test_a_template_s_own_text_and_special_tokens_are_told_by_where_they_stand(origin):
    assert LISTED.whose(origin) is None


@pytest.mark.parametrize(
    ("path", "whose"),
    {
        ("content",): Whose.GENERATED,
        ("content", 0, "text"): Whose.GENERATED,
        ("content", 1, "image_url", "url"): Whose.ENVIRONMENT,
        ("content", 1, "citation"): Whose.UNKNOWN,
        ("thinking", 0, "text"): Whose.GENERATED,
        ("tool_calls", 0): Whose.GENERATED,
        ("tool_calls", 0, "function", "name"): Whose.GENERATED,
        ("tool_calls", 0, "result"): Whose.UNKNOWN,
        ("tool_calls", 0, "thought"): Whose.GENERATED,
        ("tool_calls", 0, "metadata"): Whose.UNKNOWN,
        ("tool_calls", 0, "function", "arguments", "observation"): Whose.GENERATED,
        ("tool_responses", 0, "name"): Whose.ENVIRONMENT,
        ("name",): Whose.HEADER,
        ("mood",): Whose.UNKNOWN,
        ("mood", "content"): Whose.UNKNOWN,
        ("audio", "transcript"): Whose.GENERATED,
        ("audio", "expires_at"): Whose.UNKNOWN,
        ("citations", 0, "text"): Whose.GENERATED,
        ("citations", 0, "sources", 0, "document", "snippet"): Whose.UNKNOWN,
        ("refusal", "policy"): Whose.UNKNOWN,
        ("metadata", "timestamp"): Whose.UNKNOWN,
        ("parameters", "temperature"): Whose.UNKNOWN,
        ("tool_calls", 0, "function", "parameters", "text"): Whose.GENERATED,
    }.items(),
)
def test_the_keys_of_a_path_say_whose_it_is(path, whose):
    assert LISTED.whose(Field(1, path)) is whose


def test_a_message_that_is_printed_whole_has_keys_that_nobody_knows():
    assert LISTED.whose(Field(1, ())) is Whose.UNKNOWN


def test_a_variable_that_no_list_has_is_nobody_s():
    assert LISTED.whose(Input("tools")) is Whose.ENVIRONMENT
    assert LISTED.whose(Input("instruction")) is Whose.UNKNOWN


def test_what_is_declared_comes_before_the_list_but_not_within_arguments():
    fields = Fields.of({"mood": "generated", "result": "environment", "at": "environment"})
    assert fields.whose(Field(1, ("mood",))) is Whose.GENERATED
    assert fields.whose(Field(1, ("tool_calls", 0, "result"))) is Whose.ENVIRONMENT
    called = ("tool_calls", 0, "function", "arguments", "at")
    assert fields.whose(Field(1, called)) is Whose.GENERATED


def test_the_name_to_declare_is_that_of_the_outermost_key_that_is_not_the_model_s():
    assert LISTED.name_of(Field(1, ("tool_calls", 0, "result", "text"))) == "result"
    assert LISTED.name_of(Input("instruction")) == "instruction"


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"mood": "mine"}, "cannot be 'mine'"),
        ({"": "header"}, "neither"),
        ({"message.mood": "header"}, "neither"),
        ({"role": "generated"}, "always belongs to the header"),
    ],
)
def test_what_declares_no_key_or_no_class_is_bad_input(declared, message):
    with pytest.raises(BadInput, match=message):
        Fields.of(declared)


def test_no_key_is_listed_twice_for_one_place_and_each_has_a_source():
    entries = field_list().field
    places = [(entry.within, name) for entry in entries for name in entry.names]
    assert len(places) == len(set(places))
    assert all(len(entry.source) > 20 for entry in (*entries, *field_list().variable))
