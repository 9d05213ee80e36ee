"""Which conversations a variant is judged on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, cycle, pairwise

from rewriter.conversations.draft import Draft
from rewriter.conversations.fixed import fixed_conversations, made_for
from rewriter.conversations.kinds import ASSISTANT, CALLS, START, kind_of
from rewriter.conversations.profile import Profile
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.probes import SPECIAL_TOKENS
from rewriter.verification.contracts import Contract


def conversations_for(
    profile: Profile, drafts: Sequence[Draft], *sources: str
) -> Iterator[Conversation]:
    """The conversations that every variant is judged on: fixed, generated, and made for it."""
    return chain(
        fixed_conversations(profile), map(profile.fitted, drafts), made_for(profile, *sources)
    )


def prompted_otherwise(conversations: Iterable[Conversation]) -> Iterator[Conversation]:
    """The same conversations, each with the generation prompt added or removed."""
    for each in conversations:
        yield replace(each, add_generation_prompt=not each.add_generation_prompt)


def showing_differences(contract: Contract, profile: Profile) -> Iterator[Conversation]:
    """Conversations that show a declared difference, each judged whatever path it takes."""
    if contract.left_out:
        yield from _with_turns_left_out(contract.left_out, profile)
    if contract.stops or contract.ends:
        yield from _who_speaks_next(profile)
    if contract.ends:
        # A variant that prints no end may not read the token that should end its turns.
        for each in _who_speaks_next(profile):
            yield replace(each, flags={**each.flags, **SPECIAL_TOKENS})


def _with_turns_left_out(key: str, profile: Profile) -> Iterator[Conversation]:
    """Conversations with the key ``key`` on assistant's messages, in turn set and not set."""
    for conversation in _who_speaks_next(profile):
        for values in ((False, True), (1, 0), (None, 0.0)):
            said = cycle(values)
            messages = tuple(
                {**message, key: next(said)} if message.get("role") == ASSISTANT else message
                for message in conversation.messages
            )
            yield replace(conversation, messages=messages)


def _who_speaks_next(profile: Profile) -> Iterator[Conversation]:
    """A conversation for each kind of turn and each next speaker, which decides whose a header is.

    One path through a template may serve several, so these are judged whatever path they take.
    """
    met: set[tuple[str, str]] = set()
    for conversation in fixed_conversations(profile):
        kinds = [*map(kind_of, conversation.messages), START]
        new = {(one, other) for one, other in pairwise(kinds) if one in (ASSISTANT, CALLS)} - met
        if new:
            met |= new
            yield conversation
