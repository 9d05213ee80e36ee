"""The library, given the wrong thing: an error that says what it is, and what to give instead."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import rewriter
from tests.verification.chatml import ORIGINAL

PATH = Path("chat_template.jinja")


class Carrier:
    """As much of a tokenizer as makes it one."""

    chat_template = ORIGINAL


TAKE_A_SOURCE: list[Callable[[Any], object]] = [
    rewriter.rewrite,
    rewriter.recognise,
    rewriter.verify_marked,
    rewriter.served,
    rewriter.prefix_verdicts,
    rewriter.has_generation_markers,
    lambda source: rewriter.verify(source, ORIGINAL),
    lambda source: rewriter.verify(ORIGINAL, source),
]
TAKE_A_TOKENIZER: list[Callable[[Any], object]] = [
    rewriter.apply,
    rewriter.get_training_chat_template,
    rewriter.supports_tool_calling,
    rewriter.is_chat_template_prefix_preserving,
    rewriter.is_chat_template_stop_token_trained,
    lambda given: rewriter.saved_for_serving(given, "").__enter__(),
    lambda given: rewriter.token_faults(given, rewriter.Conversation(())),
    lambda given: rewriter.clone_chat_template(object(), given, "no/model"),
]


@pytest.mark.parametrize("function", TAKE_A_SOURCE)
@pytest.mark.parametrize(
    ("given", "said"),
    [
        (PATH, "this is the path 'chat_template.jinja', but a template is expected"),
        (str(PATH), "this is the path 'chat_template.jinja', but a template is expected"),
        (b"{{ messages }}", "these are bytes, but a template is expected"),
        (Carrier(), "this is a Carrier, but a template is expected"),
        (None, "this is of type NoneType, but a template is expected"),
        ([ORIGINAL], "this is of type list, but a template is expected"),
    ],
)
def test_what_is_no_template_is_named(function: Callable[[Any], object], given: object, said: str):
    with pytest.raises(rewriter.BadInput) as caught:
        function(given)
    assert caught.value.message == said
    assert caught.value.hint


def test_several_templates_are_no_template():
    with pytest.raises(rewriter.BadInput, match="these are several templates"):
        rewriter.rewrite({"default": ORIGINAL})  # type: ignore[arg-type]


@pytest.mark.parametrize("function", TAKE_A_TOKENIZER)
@pytest.mark.parametrize("given", [PATH, "my-model", ORIGINAL.encode(), None])
def test_what_is_no_tokenizer_is_named(function: Callable[[Any], object], given: object):
    with pytest.raises(rewriter.BadInput, match="but a tokenizer or processor is expected"):
        function(given)


def test_what_is_no_model_is_named():
    with pytest.raises(rewriter.BadInput, match="but a model is expected"):
        rewriter.clone_chat_template("model", Carrier(), "x")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"policy": "none"}, "there is no policy 'none'"),
        ({"goals": "assistant-mask"}, "goals are 'assistant-mask', but a list of them"),
        ({"transforms": "split-role-header"}, "transforms are 'split-role-header', but a list"),
        ({"goals": 3}, "goals are 3, but a list of them is expected"),
        ({"transforms": 3}, "transforms are 3, but a list of them is expected"),
        ({"seed": "first"}, "seed is 'first', but a whole number is expected"),
        ({"examples": 0}, "examples is 0, but a whole number above zero is expected"),
        ({"examples": "many"}, "examples is 'many', but a whole number above zero is expected"),
        ({"family": 3}, "family is 3, but a str is expected"),
        ({"exclude_turns_by": 3}, "exclude_turns_by is 3, but a str is expected"),
        ({"fields": ["memo"]}, "fields are .*, but a mapping of names is expected"),
        ({"limits": 60}, "limits are 60, but Limits are expected"),
    ],
)
def test_a_wrong_setting_is_named(settings: dict[str, Any], said: str):
    with pytest.raises(rewriter.BadInput, match=said):
        rewriter.rewrite(ORIGINAL, **settings)


CHAT = [{"role": "user", "content": "hi"}]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([CHAT], "this is not a Conversation"),
        ([rewriter.Conversation(3)], "these are not messages"),  # type: ignore[arg-type]
        (3, "conversations are 3, but a list of them is expected"),
    ],
)
def test_what_is_no_conversation_is_named(given: Any, said: str):
    for function in (
        lambda: rewriter.verify(ORIGINAL, ORIGINAL, conversations=given),
        lambda: rewriter.verify_marked(ORIGINAL, conversations=given),
        lambda: rewriter.prefix_verdicts(ORIGINAL, conversations=given),
    ):
        with pytest.raises(rewriter.BadInput, match=said):
            function()


@pytest.mark.parametrize("settings", [{"family": 3}, {"seed": "first"}, {"transforms": 3}])
def test_a_wrong_setting_of_a_verification_is_named(settings: dict[str, Any]):
    (name,) = settings
    with pytest.raises(rewriter.BadInput, match=f"{name} (is|are) "):
        rewriter.verify(ORIGINAL, ORIGINAL, **settings)


@pytest.mark.parametrize("given", ["data.jsonl", Path("data.jsonl"), b"{}", 3, None, Carrier()])
def test_what_is_no_data_is_named_before_any_work(given: Any):
    with pytest.raises(rewriter.BadInput, match="but a data set is expected") as caught:
        rewriter.audit(given, ORIGINAL)
    assert "datasets.load_dataset" in caught.value.hint


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"tokenizer": 3}, "but a tokenizer or processor is expected"),
        ({"rows": "all"}, "rows is 'all', but a whole number above zero"),
        ({"max_length": "long"}, "max_length is 'long', but a whole number above zero"),
        ({"columns": 3}, "columns are 3, but a mapping of names"),
        ({"roles": 3}, "roles are 3, but a mapping of names"),
        ({"engine": "spark"}, "there is no engine 'spark'"),
        ({"num_proc": "two"}, "num_proc is 'two', but a whole number above zero"),
    ],
)
def test_a_wrong_setting_of_an_audit_is_named(settings: dict[str, Any], said: str):
    with pytest.raises(rewriter.BadInput, match=said):
        rewriter.audit([{"messages": CHAT}], ORIGINAL, **settings)


def test_messages_that_are_none_are_named_when_they_are_drawn():
    with pytest.raises(rewriter.BadInput, match="messages are 3, but a list of them is expected"):
        rewriter.show(ORIGINAL, 3)  # type: ignore[arg-type]


def test_what_is_no_tokenizer_is_named_beside_a_template_too():
    for function in (rewriter.prefix_verdicts, rewriter.show):
        with pytest.raises(rewriter.BadInput, match="but a tokenizer or processor is expected"):
            function(ORIGINAL, tokenizer=3)
