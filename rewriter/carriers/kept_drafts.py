"""A cache of the drafts of a seed: drawing them takes longer than many proofs."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from rewriter.carriers.kept import keep, kept_text
from rewriter.carriers.kept_proofs import engine
from rewriter.carriers.packages import cache_folder
from rewriter.conversations.draft import Draft
from rewriter.conversations.drafting import generated
from rewriter.errors import BadInput
from rewriter.tracing.conversation import Conversation

# Drafts are quick to draw again, and larger than proofs.
_DAYS: Final = 7


def drafts_of(examples: int, seed: int) -> tuple[Draft, ...]:
    """What `generated` draws, read from the cache if this engine has drawn it before.

    Damaged drafts are drawn again. Without a cache, all are drawn.
    """
    file = _file(examples, seed)
    with suppress(BadInput):
        text = kept_text(file)
        if text is not None:
            return tuple(map(_draft, json.loads(text)))
    drawn = generated(examples, seed)
    with suppress(BadInput):
        keep(file, json.dumps([*map(_data, drawn)]), days=_DAYS)
    return drawn


def _file(examples: int, seed: int) -> Path:
    return cache_folder() / "drafts" / f"{engine()}-{examples}-{seed}.json"


def _data(draft: Draft) -> tuple[dict[str, Any], bool, tuple[int, ...]]:
    return draft.conversation.as_json(), draft.wild, draft.choices


def _draft(data: tuple[dict[str, Any], bool, list[int]]) -> Draft:
    conversation, wild, choices = data
    # Keep the keys in their order: a conversation's JSON is the key for what is known of it.
    drawn = {
        name: tuple(value) if name in ("messages", "tools", "documents") else value
        for name, value in conversation.items()
    }
    return Draft(Conversation.from_json(drawn), wild, tuple(choices))
