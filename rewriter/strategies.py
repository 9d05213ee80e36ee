'''Hypothesis strategies for conversations, to test your own chat templates.

Conversations have everything that templates stumble over: roles in any order and at any end,
content as text, as blocks, empty, ``None`` and missing, reasoning under each of its names and
inline, tool calls of every form, white space at every edge, text that looks like a special token,
like a role header or like Jinja. A profile says what a template accepts, so that most of them
render; one in eight is left as it was drawn, to test the guards that raise as well.

>>> from hypothesis import assume, given, settings
>>> from rewriter.strategies import Rendered, conversations, profile, render
>>> template = """{%- for message in messages %}
...     {{- '<|' + message.role + '|>' + message.content + '<|end|>' }}
... {%- endfor %}"""
>>> @settings(max_examples=50, deadline=None, database=None)
... @given(conversations(profile(template)))
... def test_every_turn_ends(conversation):
...     outcome = render(template, conversation)
...     assume(isinstance(outcome, Rendered))
...     assert outcome.text.count("<|end|>") >= len(conversation.messages)
>>> test_every_turn_ends()

A failing example shows a `Conversation`: ``as_json()`` writes it for ``rewriter verify
--conversation``, and ``from_json()`` reads it for a regression test. Override what `profile` found
with ``dataclasses.replace``. With a tokenizer::

    tokenizer.apply_chat_template(
        list(conversation.messages),
        add_generation_prompt=conversation.add_generation_prompt,
        **conversation.options,
    )
'''

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from rewriter.conversations import strategies as _conversations
from rewriter.conversations.profile import Profile
from rewriter.conversations.profiling import probed
from rewriter.conversations.rendering import Outcome, Raised, Rendered, render
from rewriter.tracing.conversation import Conversation

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = [
    "Conversation",
    "Outcome",
    "Profile",
    "Raised",
    "Rendered",
    "conversations",
    "messages",
    "profile",
    "render",
]


def conversations(profile: Profile | None = None) -> SearchStrategy[Conversation]:
    """Conversations, with the tools, documents and flags to render them with.

    Args:
        profile: what the template accepts; without one, anything goes.

    """
    return _conversations.conversations(profile or Profile())


def messages(profile: Profile | None = None) -> SearchStrategy[list[dict[str, Any]]]:
    """Only the messages of such conversations; you may change each list."""
    return conversations(profile).map(_own_messages)


def profile(*templates: str) -> Profile:
    """What at least one of the templates accepts, found by rendering small conversations.

    Args:
        templates: Jinja sources; one that transformers cannot render accepts nothing.

    """
    return probed(*templates)


def _own_messages(conversation: Conversation) -> list[dict[str, Any]]:
    return [deepcopy(dict(message)) for message in conversation.messages]
