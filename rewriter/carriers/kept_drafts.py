"""The drafts of a seed, kept on this machine: to draw them takes longer than many a proof."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from rewriter.carriers.kept import keep, kept
from rewriter.carriers.kept_proofs import engine
from rewriter.carriers.packages import cache_folder
from rewriter.conversations.draft import Draft
from rewriter.conversations.drafting import generated
from rewriter.errors import BadInput
from rewriter.tracing.conversation import Conversation

# They are soon drawn again, and take more room than a proof.
_DAYS: Final = 7


def drafts_of(examples: int, seed: int) -> tuple[Draft, ...]:
    """What `generated` draws, read where this engine has drawn it before.

    What was damaged is drawn again, and where nothing can be kept, all is drawn.
    """
    file = _file(examples, seed)
    with suppress(BadInput):
        text = kept(file)
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
    # As they are drawn: what is known of a conversation is found by how it is written.
    drawn = {
        name: tuple(value) if name in ("messages", "tools", "documents") else value
        for name, value in conversation.items()
    }
    return Draft(Conversation.from_json(drawn), wild, tuple(choices))
