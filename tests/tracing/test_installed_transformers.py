"""What is asked of the installed transformers is what its own renderer does, in any release."""

from collections import OrderedDict
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import pytest
from releases import (
    ALIASES_REASONING,
    DROPS_NONE,
    MAKES_DATA_PLAIN,
    SEES_FIRST_BLOCK,
)
from tokens.offline_tokenizers import byte_level

import rewriter
from rewriter.conversations.rendering import Renderings, render
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.installed_transformers import (
    applied_messages,
    plain,
    prepared,
    rendered,
    sees_first_block,
)

pytestmark = pytest.mark.transformers_version

THOUGHTS = ["reasoning_content", "thinking", "reasoning"]
FIRST = "{% generation %}{{ messages[0].content }}{% endgeneration %}."
HEADERLESS = (
    "{% for m in messages %}{% if m.role == 'assistant' %}{{ m.content + '</s>' }}"
    "{% else %}{{ '[' + m.content + ']' }}{% endif %}{% endfor %}"
)


class Colour(StrEnum):
    RED = "red"


@dataclass
class Point:
    x: int


def shown(source: str, messages: list[dict[str, Any]], **options: Any) -> str:
    """What transformers' own renderer prints."""
    text, _ = rendered(source, messages, mask=False, **options)
    return text


@pytest.mark.parametrize("name", THOUGHTS)
def test_a_thought_is_prepared_under_the_names_that_the_renderer_gives_it(name):
    messages = [{"role": "assistant", "content": None, name: "Hm."}, {"role": "user"}]
    (first, other) = prepared(messages)
    for each in THOUGHTS:
        assert str(first.get(each)) == shown(f"{{{{ messages[0].get('{each}') }}}}", messages)
    assert other == {"role": "user"}
    assert ("reasoning_content" in first) is (ALIASES_REASONING or name == "reasoning_content")


@pytest.mark.parametrize(
    "value",
    [
        {"a": [1, 2.5, True, None, "x"], "b": {"c": ()}},
        ("tuple", {"of": ["it"]}),
        OrderedDict(a=1),
        Colour.RED,
        np.float64(1.5),
        np.zeros(2),
        Point(3),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_is_what_the_renderer_hands_on(value):
    source = "{{ x }} {{ x is string }} {{ x is mapping }} {{ x is sequence }}"
    given = shown(source, [], x=value)
    assert given == shown(source, [], x=plain(value))
    kept = type(plain(value)) is type(value)
    assert kept or MAKES_DATA_PLAIN


def test_nothing_that_is_handed_on_is_what_was_given():
    tools = [{"name": "look"}]
    assert plain(tools) == tools
    assert plain(tools)[0] is not tools[0]


def test_fields_that_are_none_reach_a_template_as_a_tokenizer_lets_them():
    source = "{% for m in messages %}{{ m.items() | list }}{% endfor %}"
    messages = [{"role": "assistant", "content": None, "tool_calls": []}]
    applied = byte_level(source).apply_chat_template(messages, tokenize=False)
    assert shown(source, applied_messages(messages)) == applied
    assert ("content" in applied) is not DROPS_NONE


def test_a_block_that_stands_first_has_a_span_from_5_4_on():
    messages = [{"role": "assistant", "content": "so"}]
    _, spans = rendered(FIRST, messages, mask=True)
    assert spans == (((0, 2),) if SEES_FIRST_BLOCK else ())
    assert sees_first_block() is SEES_FIRST_BLOCK


@pytest.mark.parametrize(
    "source",
    [
        FIRST,
        "{{ '' }}" + FIRST,
        FIRST + FIRST,
        "{% set n = namespace(_x=1) %}{{ n._x }}",
        "{{ dict(a=1) | tojson }}{{ dict | string | length > 0 }}",
        "{{ messages | tojson(indent=1) }}",
        "{{ messages[0].thinking }}{{ strftime_now('%Y') }}",
    ],
)
def test_what_is_compiled_once_renders_as_the_renderer_does(source):
    said = {"role": "assistant", "content": "é<b>", "reasoning_content": "Hm."}
    conversation = Conversation((said,), flags={"n": 1})
    assert Renderings()(source, conversation) == render(source, conversation)


def test_a_variant_is_proven_whichever_release_it_is():
    source = (
        "{% for m in messages %}{{ '<|' + m.role + '|>' }}{% if m.thinking %}"
        "{{ '<think>' + m.thinking + '</think>' }}{% endif %}{{ m.content + '<|end|>' }}"
        "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
    )
    result = rewriter.rewrite(source)
    assert result.proof in ("structure", "verified")
    said = {"role": "assistant", "content": "That.", "thinking": "Hm."}
    text, spans = rendered(result.template, [{"role": "user", "content": "So?"}, said], mask=True)
    assert "".join(text[start:end] for start, end in spans) == "<think>Hm.</think>That.<|end|>"


@pytest.mark.skipif(SEES_FIRST_BLOCK, reason="it is proven")
def test_what_needs_a_newer_transformers_is_refused_by_its_number():
    with pytest.raises(rewriter.Refused, match="stands before all text") as raised:
        rewriter.rewrite(HEADERLESS)
    assert "transformers before 5.4" in raised.value.hint


@pytest.mark.skipif(not SEES_FIRST_BLOCK, reason="it is refused")
def test_the_same_is_proven_by_a_newer_one():
    assert rewriter.rewrite(HEADERLESS).proof in ("structure", "verified")


@pytest.mark.skipif(SEES_FIRST_BLOCK, reason="its proof holds")
def test_a_proof_on_file_is_none_where_the_installed_release_loses_the_first_block(later_texts):
    with pytest.raises(rewriter.Refused, match="stands before all text"):
        rewriter.rewrite(later_texts["llava_next.jinja"], policy="trl")
    assert rewriter.rewrite(later_texts["llama3.jinja"], policy="trl").proof == "on file"
