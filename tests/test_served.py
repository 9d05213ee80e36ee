"""What is served prints, in another engine that knows no tag, what the variant prints in jinja2."""

import json
from typing import Any

import minijinja
import pytest

import rewriter
from rewriter.conversations.fixed import fixed_conversations
from rewriter.conversations.profiling import probed
from rewriter.conversations.rendering import Rendered, render
from rewriter.engine.families import load_catalog
from rewriter.tracing.clock import STOPPED
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.installed_transformers import prepared

WITH_RECIPE = [family for family in load_catalog("trl-1.4.0").families if family.recipe]


def other_engine(source: str) -> minijinja.Environment:
    """minijinja as inference servers set it up."""
    environment = minijinja.Environment(
        templates={"chat": source}, trim_blocks=True, lstrip_blocks=True, pycompat=True
    )
    environment.add_filter("tojson", _json)
    environment.add_global("strftime_now", STOPPED.strftime)
    environment.add_global("raise_exception", _raise)
    return environment


def _json(value: object, **options: Any) -> str:
    return json.dumps(value, **{"ensure_ascii": False, **options})


def _raise(message: str) -> None:
    raise ValueError(message)


def says_none(conversation: Conversation) -> bool:
    """Where a template prints a ``None``, the two engines write it differently."""
    return any(
        "content" in message and message["content"] is None for message in conversation.messages
    )


def test_the_other_engine_does_not_know_the_tag():
    with pytest.raises(minijinja.TemplateError, match="unknown statement generation"):
        other_engine("{% generation %}a{% endgeneration %}").render_template("chat")


@pytest.mark.parametrize("family", WITH_RECIPE, ids=lambda family: family.name)
def test_a_served_variant_prints_the_same_text_in_either_engine(family, seed_texts):
    variant = rewriter.rewrite(
        seed_texts[family.file], family=f"trl-1.4.0/{family.name}", verify=False
    ).template
    plain = rewriter.served(variant)
    served: Any = other_engine(plain)
    compared = 0
    for conversation in fixed_conversations(probed(variant)):
        printed = render(variant, conversation)
        assert _text(render(plain, conversation)) == _text(printed)
        if isinstance(printed, Rendered) and not says_none(conversation):
            text = served.render_template(
                "chat",
                messages=prepared(conversation.messages),
                add_generation_prompt=conversation.add_generation_prompt,
                **conversation.options,
            )
            assert text == printed.text
            compared += 1
    assert compared > 20


def _text(outcome: object) -> object:
    return outcome.text if isinstance(outcome, Rendered) else outcome
