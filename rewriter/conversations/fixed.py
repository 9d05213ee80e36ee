"""Conversations that every template is checked on, before any is generated.

The messages are in `chats`; this module adds flags, tools and documents. More conversations are
made from the templates' own constants and keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, islice, product
from typing import Any, Final

from rewriter.conversations.boundaries import at_numbers, at_texts, beyond_numbers
from rewriter.conversations.chats import (
    CALL,
    ODD,
    ONCE,
    PLAIN,
    READING,
    SHOWN,
    SYSTEM,
    THOUGHTS,
    TOOLED,
    USER,
    Chat,
    looked_for,
)
from rewriter.conversations.combinations import combined
from rewriter.conversations.constants import Constants, constants_of
from rewriter.conversations.late_changes import late_changes
from rewriter.conversations.long_chats import long_chats
from rewriter.conversations.measured_variables import variables_at_numbers
from rewriter.conversations.odd_fields import odd_fields
from rewriter.conversations.odd_texts import odd_texts
from rewriter.conversations.odd_values import (
    empty_tokens,
    odd_blocks,
    odd_calls,
    odd_documents,
    odd_keys,
    odd_roles,
    odd_settings,
)
from rewriter.conversations.profile import Profile
from rewriter.conversations.read_keys import keys_of, setting_keys, variables_read
from rewriter.conversations.rows import in_rows
from rewriter.conversations.schemas import THOROUGH
from rewriter.conversations.second_versions import at_another_time, with_other_tokens
from rewriter.conversations.vocabulary import DOCUMENTS
from rewriter.conversations.white_space import white_space_beyond
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.probes import TOOLS

_ENDS_OF_OWN: Final = re.compile(r"[\s>\]]")


def fixed_conversations(profile: Profile) -> Iterator[Conversation]:
    """The conversations, the plainest first, most with and without a prompt and under each flag."""

    def conversation(
        chat: Chat, flags: dict[str, Any] | None = None, **options: Any
    ) -> Conversation:
        return Conversation(chat, flags={**profile.constants, **(flags or {})}, **options)

    for flags in ({}, *({name: each} for name, values in profile.flags.items() for each in values)):
        for chat, prompted in product(PLAIN, (False, True)):
            yield conversation(chat, flags, add_generation_prompt=prompted)
        for chat, prompted, tools in product(TOOLED, (False, True), (None, TOOLS)):
            yield conversation(chat, flags, add_generation_prompt=prompted, tools=tools)
        for chat in (*THOUGHTS, *SHOWN):
            yield conversation(chat, flags)
    for chat in (*ONCE, *chain.from_iterable(map(looked_for, profile.sought))):
        yield conversation(chat, tools=TOOLS)
    for chat, tools in product(READING if profile.documents else (), (None, TOOLS)):
        yield conversation(chat, tools=tools, documents=DOCUMENTS)
    for schemas, system in product(THOROUGH, ((), (SYSTEM,))):
        yield conversation((*system, USER, CALL), tools=schemas)
    for chat, tools in product(ODD, (None, TOOLS)):
        yield conversation(chat, tools=tools)
    yield from map(profile.accepted, long_chats())


# Ordinary conversations are on both sides of smaller numbers.
_ORDINARY: Final = 16
_MOST_CLOSE: Final = 12
_MOST_NEW: Final = 3
# The value of variables that may be printed in place of message text.
_GIVEN: Final = "a text"


def made_for(profile: Profile, *sources: str) -> Iterator[Conversation]:
    """Conversations for the constants in templates, and the keys and settings that they read."""
    held = [constants_of(source) for source in sources]
    numbers = dict.fromkeys(number for each in held for number in each.numbers)
    texts = dict.fromkeys(text for each in held for text in each.texts)
    made = chain(
        at_numbers(numbers),
        at_texts(texts),
        setting_keys(*sources),
        variables_at_numbers(numbers, *sources),
        at_another_time(*sources),
        with_other_tokens(profile),
    )
    yield from map(profile.accepted, made)


def _sought_under_flags(profile: Profile) -> Iterator[Conversation]:
    """A user says what a template looks for, under each flag, since a test may combine the two."""
    for text, (name, values) in product(profile.sought, profile.flags.items()):
        for value, chat in product(values, islice(looked_for(text), 1, None)):
            yield Conversation(chat, flags={**profile.constants, name: value})


def made_for_texts(profile: Profile, *sources: str) -> Iterator[Conversation]:
    """Conversations that show whether two templates print the same, if that is not proven.

    Each comes as the templates accept it and, if that differs, as it is: if one template refuses
    it, both must.
    """
    held = [constants_of(source) for source in sources]
    texts = dict.fromkeys(text for each in held for text in (*each.texts, *profile.sought))
    numbers = dict.fromkeys(number for each in held for number in each.numbers)
    names = [text for text in texts if text.isidentifier()]
    variables = (name for source in sources for name in variables_read(source))
    keys = dict.fromkeys(key for source in sources for key in keys_of(source))
    made = chain(
        odd_settings(dict.fromkeys((*profile.flags, *variables))),
        empty_tokens(profile.constants),
        combined(profile.flags),
        _sought_under_flags(profile),
        odd_roles(names),
        odd_blocks(names),
        odd_keys(keys),
        odd_fields(texts),
        odd_documents(keys),
        late_changes(numbers),
        odd_texts(texts),
        in_rows(),
        white_space_beyond(numbers),
    )
    for each in made:
        fitted = profile.accepted(each)
        yield fitted
        if fitted.messages != each.messages:
            yield replace(each, flags=fitted.flags, documents=fitted.documents)
    for each in odd_calls():
        yield replace(each, flags=profile.constants)


def made_for_masks(profile: Profile, variant: str, original: str | None) -> Iterator[Conversation]:
    """Conversations that show whether a mask changes at a constant, which no path shows.

    A constant that the original has too shows in both texts, unless it is a number far from
    ordinary conversations, or a text that the template replaces.
    """
    held = constants_of(variant)
    new = held.beyond(constants_of(original)) if original is not None else Constants()
    numbers = [number for number in held.numbers if number > _ORDINARY or number in new.numbers]
    # What a turn is tested for may begin with text that the template prints before the message's.
    ends = (_ENDS_OF_OWN.split(text)[-1] for text in new.texts)
    texts = [*filter(None, dict.fromkeys(chain(new.texts, ends)))]
    made = chain(
        beyond_numbers(numbers[:_MOST_CLOSE]),
        at_numbers(new.numbers[:_MOST_NEW]),
        at_texts(texts[:_MOST_CLOSE]),
    )
    given = dict.fromkeys(variables_read(variant), _GIVEN)
    replaced = chain.from_iterable(
        (each, replace(each, tools=TOOLS, documents=DOCUMENTS, flags={**each.flags, **given}))
        for each in at_texts(held.replaced)
    )
    yield from map(profile.accepted, chain(made, replaced))
