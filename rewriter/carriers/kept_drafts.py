"""A cache of the drafts of a seed: drawing them takes longer than many proofs."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Final

from rewriter.carriers.kept import keep, kept_text
from rewriter.carriers.kept_proofs import engine
from rewriter.carriers.packages import cache_folder
from rewriter.conversations.draft import Draft
from rewriter.conversations.drafting import generated
from rewriter.conversations.shipped_drafts import are_shipped
from rewriter.errors import BadInput

# Drafts are quick to draw again, and larger than proofs.
_DAYS: Final = 7


def drafts_of(examples: int, seed: int) -> tuple[Draft, ...]:
    """What `generated` gives, read from the cache if this engine has drawn it before.

    Damaged drafts are drawn again. Without a cache, all are drawn.
    """
    if are_shipped(examples, seed):
        return generated(examples, seed)
    file = _file(examples, seed)
    with suppress(BadInput):
        text = kept_text(file)
        if text is not None:
            return tuple(map(Draft.from_json, json.loads(text)))
    drawn = generated(examples, seed)
    with suppress(BadInput):
        keep(file, json.dumps([draft.as_json() for draft in drawn]), days=_DAYS)
    return drawn


def _file(examples: int, seed: int) -> Path:
    return cache_folder() / "drafts" / f"{engine()}-{examples}-{seed}.json"
