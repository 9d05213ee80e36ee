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
